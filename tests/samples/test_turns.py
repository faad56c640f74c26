"""Which turn stands for a conversation, and what its answer is."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from liveeval_assets.samples.turns import answer_text, choose_turn
from tests.samples.build import message

TALK = [
    message("system", "be nice"),
    message("user", "hello"),
    message("user", "are you there"),
    message("assistant", "yes"),
    message("user", "refund please"),
    message("assistant", None, json.dumps([{"function": {"name": "find", "arguments": {"b": 1, "a": "x"}}}])),
    message("tool", "found"),
    message("assistant", "done"),
    message("user", "thanks"),
]


def test_only_answered_turns_are_drawn_each_equally_often() -> None:
    drawn = [choose_turn(TALK, 1, f"c{i}", "drawn") for i in range(4_000)]
    share = Counter(t.index for t in drawn if t)
    assert set(share) == {1, 2}
    assert share[1] / 4_000 == pytest.approx(0.5, abs=0.03)
    assert all(t.probability == 0.5 for t in drawn if t)


def test_the_last_answered_turn_is_certain() -> None:
    turn = choose_turn(TALK, 1, "c", "last")
    assert turn is not None
    assert (turn.index, turn.start, turn.stop, turn.probability) == (2, 4, 8, 1.0)


def test_an_answer_is_everything_until_the_next_user_turn() -> None:
    assert answer_text(TALK[5:8]) == '[tool find {"a": "x", "b": 1}]\nfound\ndone'


@pytest.mark.parametrize("calls", ["not json", '["odd"]', '{"name": "f", "args": "raw"}', "[]"])
def test_any_tool_call_can_be_written(calls: str) -> None:
    assert isinstance(answer_text([message("assistant", None, calls)]), str)


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [message("assistant", "hi")],
        [message("user", "hi")],
        [message("user", " "), message("assistant", "what?")],
        [message("user", "hi"), message("assistant", " ")],
    ],
)
def test_without_an_answered_turn_there_is_no_item(messages: list[dict[str, str | None]]) -> None:
    assert choose_turn(messages, 1, "c", "drawn") is None
    assert choose_turn(messages, 1, "c", "last") is None
