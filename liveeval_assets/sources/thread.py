"""A conversation under way: what is heard again is recognised and kept once, what is new goes where it belongs.

Every call to a model repeats the history, whole or in part. A list that is heard is laid along the thread: what stands in
both keeps its place, what is new before something known goes before it, what is new at the end goes to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from liveeval_assets.sources.chat_message import Message
from liveeval_assets.sources.same_message import is_same


class Entry:
    """A message of the thread; `is_claimed` once a model's own output has been found to be it."""

    __slots__ = ("is_claimed", "message")

    def __init__(self, message: Message) -> None:
        self.message = message
        self.is_claimed = False


class Thread:
    """Messages in order, each once."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._floor = 0
        self._has_heard = False

    def begin_trace(self) -> None:
        """From here on a last user turn that is heard is a new one, though its words may have been said before."""
        self._floor = len(self.entries)
        self._has_heard = False

    @property
    def said(self) -> list[Message]:
        """Messages of the trace under way."""
        return [entry.message for entry in self.entries[self._floor :]]

    def hear(self, messages: Sequence[Message]) -> Entry | None:
        """Take a model's input; returns the entry of its last message."""
        turn = max((i for i, m in enumerate(messages) if m.role == "user"), default=0)
        if not self._has_heard:
            self._floor, self._has_heard = self._resumed(messages[turn:]), True
        last, at, pending = None, 0, list[Message]()
        for i, message in enumerate(messages):
            at = max(at, self._floor) if i >= turn else at
            found = self._find(message, 0 if message.role == "system" else at)
            if found is None:
                pending.append(message)
                continue
            self._insert(pending, found)
            found += len(pending)
            pending = []
            last = self._keep(found, message)
            at = at if message.role == "system" else found + 1
        return self._insert(pending, len(self.entries)) or last

    def speak(self, messages: Sequence[Message], heard: Entry | None, *, is_model: bool) -> None:
        """Take an output.

        Args:
            heard: last entry of the same span's input; an answer stands after it, or is it where the input is read after the fact.
            is_model: whether a model spoke, which says a thing anew each time that it was given nothing that can be read.
        """
        answers = heard is not None and all(m.role in ("assistant", "tool") for m in messages)
        at = self.entries.index(heard) if answers and heard is not None else self._floor
        pending: list[Message] = []
        for message in messages:
            found = self._find(message, 0 if message.role == "system" else at, unclaimed=is_model and heard is None)
            if found is None:
                pending.append(message)
                continue
            self._insert(pending, found)
            found += len(pending)
            pending = []
            self._keep(found, message).is_claimed |= is_model
            at = max(at, found + 1)
        first = len(self.entries)
        self._insert(pending, first)
        for entry in self.entries[first:]:
            entry.is_claimed = is_model

    def put(self, messages: Iterable[Message], at: int) -> None:
        """Insert at a place of the trace under way, counted from its start."""
        self._insert(list(messages), self._floor + at)

    def _insert(self, messages: list[Message], at: int) -> Entry | None:
        fresh = [Entry(message) for message in messages]
        self.entries[at:at] = fresh
        return fresh[-1] if fresh else None

    def _find(self, message: Message, at: int, *, unclaimed: bool = False) -> int | None:
        found = (i for i in range(at, len(self.entries)) if is_same(self.entries[i].message, message))
        return next((i for i in found if not (unclaimed and self.entries[i].is_claimed)), None)

    def _keep(self, at: int, message: Message) -> Entry:
        """The known entry, with what this hearing of it adds."""
        entry = self.entries[at]
        known = entry.message
        entry.message = replace(
            known,
            text=known.text or message.text,
            tool_calls=known.tool_calls or message.tool_calls,
            tool_call_id=known.tool_call_id or message.tool_call_id,
        )
        return entry

    def _resumed(self, turn: Sequence[Message]) -> int:
        """Where the trace begins: at the thread's last turn if that goes on in it, else where it did."""
        at = max((i for i, e in enumerate(self.entries[: self._floor]) if e.message.role == "user"), default=None)
        if at is None or len(turn) < 2 or at + 1 >= self._floor:
            return self._floor
        goes_on = is_same(self.entries[at].message, turn[0]) and is_same(self.entries[at + 1].message, turn[1])
        return at if goes_on else self._floor
