"""A home's dated input records: an index of where they are, by week; read once per process while the files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from liveeval_assets.runtime.catalogue import PUBLISHED
from liveeval_assets.runtime.home import Home
from liveeval_assets.settings import FileSource
from liveeval_assets.shared.hashing import digest
from liveeval_assets.shared.ids import conversation_id
from liveeval_assets.shared.records import Caps, Entry, Spot
from liveeval_assets.shared.weeks import week_of
from liveeval_assets.sources.by_week import by_week
from liveeval_assets.sources.files import find_files, stamp
from liveeval_assets.sources.read import index, read_entries, span_index
from liveeval_assets.sources.traced import SPANS

Marks = Mapping[tuple[str, int, int], str]
Mark = Callable[[Sequence[Spot]], Marks]
Group = Callable[[Iterable[Entry], bytes], Mapping[str, Sequence[Entry]]]
_DATED_BY = "started_at"
_FAR = date(9998, 1, 4)  # a Monday


@dataclass(frozen=True)
class TraceIndex:
    """Where each trace record is: by week, and what is known of it from all the others together."""

    weeks: Mapping[date, Sequence[Spot]]
    marks: Marks

    def fingerprint(self, week: date) -> str:
        """Hash of a week's records, whatever their order; places belong to it only where quarantine will name them."""
        return digest(*sorted(self._told(spot) for spot in self.weeks.get(week, ())))

    def _told(self, spot: Spot) -> str:
        reason = spot.reason or self.marks.get(spot.place)
        return f"{spot.digest}:{reason}:{spot.place}" if reason else spot.digest

    @property
    def broken_archives(self) -> list[str]:
        """Archives that end too early: nobody knows which weeks miss what was cut off."""
        return sorted({spot.file for spots in self.weeks.values() for spot in spots if spot.field == "archive"})

    def n_outside(self, inside: Collection[date]) -> int:
        """Records of weeks that are not reported."""
        return sum(len(spots) for week, spots in self.weeks.items() if week not in inside)


def trace_index(home: Home, mark: Mark) -> TraceIndex:
    """The index of all trace records; `mark` says what is known of each from all together."""
    clock, skew = home.settings.clock, timedelta(minutes=home.settings.traces.max_future_minutes)
    return _trace_index(home, mark, _stamps(home, home.settings.traces.sources), week_of(clock.now + skew))


def beginning(home: Home) -> date:
    """The first week that has a scorecard, or the first that will be reported: strata and frozen set begin there."""
    return min(home.catalogue.weeks(PUBLISHED), default=home.settings.clock.first_week)


def recorded_weeks(home: Home) -> frozenset[date]:
    """Weeks to which at least one trace record belongs; a quiet week, or one whose export is late, is none of them.

    Nor is a week before the home's beginning.
    """
    return frozenset(w for w in trace_index(home, _no_marks).weeks if w >= beginning(home))


def unpublished_before(home: Home, week: date) -> date | None:
    """The oldest week before `week` that has records and no scorecard; weeks build on each other, oldest first."""
    return min((w for w in recorded_weeks(home) if w < week and home.catalogue.get(PUBLISHED, w) is None), default=None)


def _no_marks(_: Sequence[Spot]) -> Marks:
    return {}


def trace_entries(home: Home, spots: Sequence[Spot]) -> list[Entry]:
    """The records at the given spots, in file order."""
    settings = home.settings
    found: list[Entry] = []
    for source in settings.traces.sources:
        only = [s for s in spots if s.source == source.name]
        if only:
            found += read_entries(home.path, source, _DATED_BY, settings.clock.first_week, _caps(home), only)
    return found


def trace_ids(home: Home) -> frozenset[str]:
    """Pseudonyms of every conversation that the trace files name."""
    return _trace_ids(home, _stamps(home, home.settings.traces.sources))


def outcome_entries(home: Home, group: Group) -> Mapping[str, Sequence[Entry]]:
    """Outcome records as `group` arranges them under the home's pseudonyms."""
    return _outcome_entries(home, group, _stamps(home, [*home.settings.outcomes.sources, *_span_sources(home)]))


def _stamps(home: Home, sources: Iterable[FileSource]) -> tuple[Any, ...]:
    return tuple(stamp(find_files(home.path, s)) for s in sources)


def _caps(home: Home) -> Caps:
    traces = home.settings.traces
    return Caps(traces.max_bytes, traces.max_depth, traces.max_unpacked_bytes)


def _spots(home: Home) -> list[Spot]:
    settings = home.settings
    return [s for source in settings.traces.sources for s in index(home.path, source, _DATED_BY, settings.clock.first_week, _caps(home))]


@lru_cache(maxsize=4)
def _trace_index(home: Home, mark: Mark, _: tuple[Any, ...], newest: date) -> TraceIndex:
    clock, spots = home.settings.clock, _spots(home)
    return TraceIndex(by_week(spots, clock.first_week, clock.last_week or _FAR, newest), mark(spots))


@lru_cache(maxsize=4)
def _trace_ids(home: Home, _: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(conversation_id(home.hmac_key, s.source, s.id) for s in _spots(home) if s.id is not None)


@lru_cache(maxsize=4)
def _outcome_entries(home: Home, group: Group, _: tuple[Any, ...]) -> Mapping[str, Sequence[Entry]]:
    settings = home.settings
    traces = {s.name: span_index(home.path, s, _caps(home)).traces for s in _span_sources(home)}
    rows = (e for s in settings.outcomes.sources for e in read_entries(home.path, s, "occurred_at", settings.clock.first_week, _caps(home)))
    return group((_of_conversation(e, traces) for e in rows), home.hmac_key)


def _span_sources(home: Home) -> list[FileSource]:
    return [s for s in home.settings.traces.sources if s.format in SPANS]


def _of_conversation(entry: Entry, traces: Mapping[str, Mapping[str, str]]) -> Entry:
    """An outcome that names a trace belongs to the conversation of which the trace is a part."""
    spot = entry.spot
    source = str((entry.fields or {}).get("source") or spot.source)
    named = traces.get(source, {}).get(spot.id or "")
    return entry if named is None else Entry(replace(spot, id=named), entry.fields)
