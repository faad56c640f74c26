"""Which spans of a trace speak for the conversation, and in which order what they were given and produced was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from liveeval_assets.sources.spans import Span

_NEVER = datetime.max.replace(tzinfo=UTC)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_MOST_NESTED = 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """A span's input when it began, or its output when it ended."""

    span: Span
    is_output: bool


class Timeline:
    """The spans of one trace, in the order of their starts, by what stands above each."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = list(spans)
        self._by_id = {span.span_id: span for span in self.spans}
        above = {span.span_id: list(self._above(span)) for span in self.spans}
        self._depth = {own_id: len(found) for own_id, found in above.items()}
        self._in_tool = {own_id for own_id, found in above.items() if any(s.kind == "tool" for s in found)}
        self._in_model = {own_id for own_id, found in above.items() if any(s.kind == "generation" and (s.given or s.produced) for s in found)}

    def moments(self) -> list[Moment]:
        """Moments of every span that speaks, in order.

        What happens inside a tool stays inside, a sub-agent's messages too; a model's call that wraps another speaks for both.
        """
        speaking = [s for s in self.spans if s.kind != "tool" and s.span_id not in self._in_tool | self._in_model]
        found = [Moment(span, is_output) for span in speaking for is_output in (False, True)]
        return sorted(found, key=self._order)

    def tools(self) -> list[Span]:
        """Tools that the conversation's own models called, in order."""
        return [s for s in self.spans if s.kind == "tool" and s.span_id not in self._in_tool]

    def root_text(self, *, is_output: bool) -> str | None:
        """What the outermost spans were given, or produced, as plain text."""
        roots = [s for s in self.spans if self._depth[s.span_id] == 0 and s.kind in ("agent", "other")]
        texts = [s.produced_text if is_output else s.given_text for s in roots]
        return next((text for text in texts if text is not None), None)

    def _above(self, span: Span) -> Iterator[Span]:
        """Spans above this one; a chain that bites its own tail ends."""
        seen = {span.span_id}
        for _ in range(_MOST_NESTED):
            parent = self._by_id.get(span.parent_id or "")
            if parent is None or parent.span_id in seen:
                return
            seen.add(parent.span_id)
            yield parent
            span = parent

    def _order(self, moment: Moment) -> tuple[datetime, bool, int]:
        span, depth = moment.span, self._depth[moment.span.span_id]
        started = span.started_at or _ALWAYS
        if not moment.is_output:
            return started, False, depth
        return max(started, span.ended_at or _NEVER), True, -depth
