"""Folding: every message of a conversation once and in order, although every call to a model repeats the history."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.sources.chat_message import Message, ToolCall
from liveeval_assets.sources.fold import conversations, fold
from liveeval_assets.sources.spans import Kind, Span

BEGAN = datetime(2026, 6, 1, 10, tzinfo=UTC)
BRIEF, GRAZ, LINZ = Message("system", "Be brief."), Message("user", "Weather in Graz?"), Message("user", "And Linz?")
CALL = ToolCall("c1", "look_up", '{"city": "Graz"}')
CALLED, RAIN = Message("assistant", "", (CALL,)), Message("tool", "rain", (), "c1")
WET, DRY = Message("assistant", "It rains."), Message("assistant", "It is dry.")


def _span(own: str, at: float, took: float = 1, kind: Kind = "generation", **fields: Any) -> Span:
    times = {"started_at": BEGAN + timedelta(seconds=at), "ended_at": BEGAN + timedelta(seconds=at + took)}
    return Span(**{"trace_id": "t1", "span_id": own, "kind": kind, **times, **fields})


def _model(own: str, at: float, said: list[Message], *answers: Message, **fields: Any) -> Span:
    return _span(own, at, given=tuple(said), produced=answers, **fields)


def _tool(own: str, at: float, result: str | None, **fields: Any) -> Span:
    return _span(own, at, kind="tool", **{"tool_name": "look_up", "tool_arguments": '{"city":"Graz"}', "tool_result": result, **fields})


def _messages(*spans: Span) -> list[Message]:
    return list(fold(spans).messages)


WHOLE = [BRIEF, GRAZ, CALLED, RAIN, WET, LINZ, DRY]
CALLS = (
    _model("a", 0, WHOLE[:2], CALLED),
    _tool("b", 2, "rain", tool_call_id="c1"),
    _model("c", 4, WHOLE[:4], WET),
    _model("d", 6, WHOLE[:6], DRY),
)


def test_a_history_that_every_call_repeats_is_kept_once() -> None:
    assert _messages(*CALLS) == WHOLE


def test_the_order_in_which_spans_arrive_does_not_matter_nor_does_a_span_sent_twice() -> None:
    assert _messages(*reversed(CALLS), CALLS[0]) == WHOLE


def test_of_a_span_sent_twice_the_last_one_counts() -> None:
    assert _messages(replace(CALLS[0], produced=()), CALLS[0], *CALLS[1:2]) == WHOLE[:4]
    assert _messages(_model("a", 0, [], OK), _model("a", 0, [], OK)) == [OK]


def test_a_history_that_is_cut_short_adds_nothing_that_is_known() -> None:
    assert _messages(*CALLS[:3], _model("d", 6, [BRIEF, WET, LINZ], DRY)) == WHOLE
    assert _messages(*CALLS[:3], _model("d", 6, [LINZ], DRY)) == WHOLE


def test_frameworks_spans_around_a_models_call_add_nothing() -> None:
    around = _span("r", -1, 20, "agent", given=(GRAZ,), produced=tuple(WHOLE[1:]))
    write = _span("w", 1.5, 0, "other", given=(CALLED,), produced=(CALLED,))
    assert _messages(around, write, *CALLS) == WHOLE


def test_what_only_a_span_around_knows_takes_its_place() -> None:
    around = _span("r", -1, 20, "agent", given=(BRIEF, GRAZ), produced=(DRY,))
    bare = [replace(s, given=tuple(m for m in s.given if m is not BRIEF)) for s in CALLS[:3]]
    assert _messages(around, *bare) == [*WHOLE[:5], DRY]


def test_a_models_call_inside_another_is_heard_once() -> None:
    outer = _model("o", 0, [GRAZ], WET)
    inner = _model("i", 0.1, [Message("system", "hidden"), GRAZ], Message("assistant", "It rains. "), parent_id="o")
    assert _messages(outer, inner) == [GRAZ, WET]
    assert _messages(replace(outer, given=(), produced=()), inner)[0].text == "hidden"


def test_what_a_sub_agent_says_inside_a_tool_stays_inside() -> None:
    sub = [_span("s", 2.1, kind="agent", parent_id="b"), _model("m", 2.2, [Message("user", "task")], Message("assistant", "done"), parent_id="s")]
    deeper = _tool("x", 2.3, "inner", parent_id="m", tool_call_id="c1")
    assert _messages(*CALLS, *sub, deeper) == WHOLE
    assert _messages(CALLS[0], _tool("b", 2, None), *sub, deeper) == WHOLE[:3]


def test_agents_that_work_one_after_the_other_are_all_heard() -> None:
    judge = [Message("system", "Judge."), Message("user", "Rate: It rains.")]
    assert _messages(_model("a", 0, [BRIEF, GRAZ], WET), _model("b", 2, judge, DRY)) == [BRIEF, GRAZ, WET, *judge, DRY]


def test_a_tools_answer_that_no_history_repeats_stands_after_its_call() -> None:
    by_id = _messages(_model("a", 0, [GRAZ], CALLED), _tool("b", 2, "rain", tool_call_id="c1", tool_name="other"))
    by_arguments = _messages(_model("a", 0, [GRAZ], CALLED), _tool("b", 2, "dry", tool_arguments='{"city":"Linz"}'), _tool("c", 3, "rain"))
    by_name = _messages(_model("a", 0, [GRAZ], CALLED), _tool("b", 2, "rain", tool_arguments="Graz"))
    inside = _messages(_model("a", 0, [GRAZ], CALLED), _tool("b", 2, "rain", tool_arguments='{"input": {"city": "Graz"}}'))
    assert by_id == by_arguments == by_name == inside == [GRAZ, CALLED, RAIN]


def test_a_tools_answer_that_could_be_to_another_call_is_to_none() -> None:
    two = [_tool("b", 2, "dry", tool_arguments="x"), _tool("c", 3, "rain", tool_arguments="y")]
    assert _messages(_model("a", 0, [GRAZ], CALLED), *two) == [GRAZ, CALLED]
    assert _messages(_model("a", 0, [GRAZ], CALLED), _tool("b", 2, "rain", tool_name="other")) == [GRAZ, CALLED]
    assert _messages(_model("a", 0, [GRAZ], CALLED), _tool("b", 2, None)) == [GRAZ, CALLED]


def test_answers_to_calls_of_one_message_stand_in_the_order_of_the_calls() -> None:
    other = ToolCall("c2", "look_up", '{"city":"Linz"}')
    both = Message("assistant", "", (CALL, other))
    tools = [_tool("c", 2, "dry", tool_call_id="c2"), _tool("b", 3, "rain", tool_call_id="c1")]
    assert _messages(_model("a", 0, [GRAZ], both), *tools) == [GRAZ, both, RAIN, Message("tool", "dry", (), "c2")]
    heard = _model("d", 5, [GRAZ, both, RAIN], WET)
    assert _messages(_model("a", 0, [GRAZ], both), *tools, heard) == [GRAZ, both, RAIN, Message("tool", "dry", (), "c2"), WET]


def test_an_answer_learns_its_call_from_whoever_knows_it() -> None:
    loose = _model("c", 4, [GRAZ, CALLED, replace(RAIN, tool_call_id=None)], WET)
    assert _messages(_model("a", 0, [GRAZ], CALLED), loose, _span("r", 5, kind="other", produced=(RAIN,))) == [GRAZ, CALLED, RAIN, WET]


def test_the_outermost_spans_text_speaks_where_no_models_call_does() -> None:
    root = _span("r", -1, 20, "other", given_text="Weather in Graz?", produced_text="It rains.")
    assert _messages(root) == [GRAZ, WET]
    assert _messages(root, _model("a", 0, [BRIEF], parent_id="r")) == [BRIEF, GRAZ, WET]
    assert _messages(root, _model("a", 0, [GRAZ], DRY, parent_id="r")) == [GRAZ, DRY]
    assert _messages(replace(root, parent_id="gone"), _span("x", -5, kind="other", parent_id="r", given_text="inner")) == [GRAZ, WET]


def test_the_outermost_spans_text_takes_its_place_in_the_trace_that_it_belongs_to() -> None:
    later = _span("r", 5, kind="other", trace_id="t2", given_text="And Linz?", produced_text="It is dry.")
    assert _messages(_model("a", 0, [BRIEF, GRAZ], WET), later) == [BRIEF, GRAZ, WET, LINZ, DRY]


def test_a_prompt_as_one_text_gives_way_to_what_the_product_was_given() -> None:
    flat = "system: Be brief.\nuser: Weather in Graz?"
    prompt = _model("a", 0, [Message("user", flat)], WET, given_text=flat, parent_id="r")
    assert _messages(prompt) == [Message("user", flat), WET]
    assert _messages(_span("r", -1, 20, "other", given_text="Weather in Graz?"), prompt) == [GRAZ, WET]


YES, OK = Message("user", "yes"), Message("assistant", "ok")


def _turn(trace: str, at: float, said: list[Message], answer: Message = OK) -> Span:
    return _model(f"m{trace}", at, said, answer, trace_id=trace, session_id="s")


def test_traces_of_a_session_are_one_conversation_with_or_without_their_history() -> None:
    with_history = [_turn("1", 0, [BRIEF, GRAZ], WET), _turn("2", 5, [BRIEF, GRAZ, WET, LINZ], DRY)]
    without = [_turn("1", 0, [BRIEF, GRAZ], WET), _turn("2", 5, [BRIEF, LINZ], DRY)]
    for spans in (with_history, without):
        (found,) = conversations(spans)
        assert (found.id, list(found.messages)) == ("s", [BRIEF, GRAZ, WET, LINZ, DRY])


def test_the_same_words_in_a_later_turn_are_said_again() -> None:
    assert _messages(_turn("1", 0, [YES]), _turn("2", 5, [YES])) == [YES, OK, YES, OK]
    assert _messages(_turn("1", 0, [YES]), _turn("2", 5, [YES, OK, YES])) == [YES, OK, YES, OK]
    assert _messages(_model("a", 0, [YES], OK), _model("b", 5, [YES, OK, YES], OK)) == [YES, OK, YES, OK]
    assert _messages(_turn("1", 0, [YES]), _span("b", 5, kind="agent", trace_id="2", produced=(OK,))) == [YES, OK, OK]


def test_a_trace_that_goes_on_with_a_turn_does_not_begin_it_again() -> None:
    later = [_turn("2", 5, [GRAZ, CALLED, RAIN], WET), _model("m3", 7, [GRAZ, CALLED, RAIN, WET, LINZ], DRY, trace_id="2", session_id="s")]
    assert _messages(_turn("1", 0, [GRAZ], CALLED), *later) == [GRAZ, CALLED, RAIN, WET, LINZ, DRY]


def test_answers_of_models_that_were_given_nothing_readable_are_each_their_own() -> None:
    assert _messages(_model("a", 0, [], OK), _model("b", 5, [], OK)) == [OK, OK]
    assert _messages(_model("a", 0, [], OK), _span("r", -1, 20, "agent", produced=(OK,))) == [OK]


def test_who_when_and_which_release_is_told_by_the_earliest_span_that_knows() -> None:
    spans = [_model("a", 0, [GRAZ], WET), _span("b", 1, release="r1", user_id="u1", session_id="s"), _span("c", 9, release="r2", user_id="u2")]
    found = fold(spans)
    assert (found.id, found.user, found.release) == ("s", "u1", "r1")
    assert (found.started_at, found.ended_at) == (BEGAN, BEGAN + timedelta(seconds=10))


def test_a_trace_without_a_session_is_a_conversation() -> None:
    spans = [_model("a", 0, [GRAZ], WET), _model("b", 0, [LINZ], DRY, trace_id="t2", session_id="s")]
    assert [(c.id, len(c.messages)) for c in conversations(spans)] == [("t1", 2), ("s", 2)]


def test_a_session_that_is_named_after_its_first_trace_is_one_conversation() -> None:
    spans = [_model("a", 0, [GRAZ], WET), _model("b", 60, [LINZ], DRY, trace_id="t2", session_id="t1")]
    assert [(c.id, len(c.messages)) for c in conversations(spans)] == [("t1", 4)]


def test_nothing_is_no_conversation() -> None:
    assert conversations([]) == []
    with pytest.raises(ValueError, match="at least one span"):
        fold([])


def test_spans_that_are_each_others_parents_and_times_that_are_missing_end() -> None:
    ring = [_model("a", 0, [GRAZ], WET, parent_id="b"), _span("b", 0, kind="other", parent_id="a"), _span("c", 0, parent_id="c")]
    timeless = [replace(s, started_at=None, ended_at=None) for s in ring]
    assert _messages(*timeless) == _messages(*ring) == [GRAZ, WET]
    assert (fold(timeless).started_at, fold(timeless).ended_at) == (None, None)


WORD = st.sampled_from(["yes", "no", "ok"])
STEP = st.tuples(st.booleans(), WORD)
TURNS = st.lists(st.tuples(WORD, st.lists(STEP, max_size=2), WORD), min_size=1, max_size=4)


@given(TURNS, st.sampled_from(["one trace", "a trace per turn", "no history"]), st.booleans(), st.integers(0, 9))
def test_any_chat_survives_being_logged(turns: list[Any], how: str, has_ids: bool, seed: int) -> None:
    chat, spans, at, n_calls = [BRIEF], [], 0.0, 0
    for number, (asked, steps, answer) in enumerate(turns):
        before = len(chat)
        chat.append(Message("user", asked))
        trace = "t" if how == "one trace" else f"t{number}"
        outer = _span(f"agent{number}", at, 50, "agent", trace_id=trace, session_id="s", given=(chat[-1],))
        for is_found, city in steps:
            n_calls += 1
            own = f"c{n_calls}" if has_ids else None
            call = Message("assistant", "", (ToolCall(own, "look_up", f'{{"city": "{city}", "n": {n_calls}}}'),))
            spans.append(_heard(chat, before, how, call, at, trace))
            chat += [call, Message("tool", str(is_found), (), own)]
            at += 2
        spans.append(_heard(chat, before, how, Message("assistant", answer), at, trace))
        chat.append(spans[-1].produced[0])
        spans += [replace(outer, produced=(chat[-1],))] if how == "no history" else []
        at += 100
    random.Random(seed).shuffle(spans)
    assert _messages(*spans) == chat


def _heard(chat: list[Message], before: int, how: str, answer: Message, at: float, trace: str) -> Span:
    said = [BRIEF, *chat[before:]] if how == "no history" and before > 1 else chat
    return _model(f"{trace}-{at}", at, list(said), answer, trace_id=trace, session_id="s")


MESSAGE = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    text=WORD | st.just("") | st.just("{"),
    tool_calls=st.just(()) | st.builds(lambda i: (ToolCall(i, "look_up", "{"),), st.sampled_from([None, "c1"])),
    tool_call_id=st.sampled_from([None, "c1"]),
)
SPAN = st.builds(
    Span,
    trace_id=st.sampled_from(["t1", "t2"]),
    span_id=st.sampled_from("abcdef"),
    parent_id=st.sampled_from([None, *"abcdef"]),
    session_id=st.sampled_from([None, "s"]),
    kind=st.sampled_from(["generation", "tool", "agent", "other"]),
    started_at=st.none() | st.integers(0, 5).map(lambda s: BEGAN + timedelta(seconds=s)),
    ended_at=st.none() | st.integers(0, 5).map(lambda s: BEGAN + timedelta(seconds=s)),
    given=st.lists(MESSAGE, max_size=3).map(tuple),
    produced=st.lists(MESSAGE, max_size=2).map(tuple),
    given_text=st.none() | WORD,
    produced_text=st.none() | WORD,
    tool_name=st.sampled_from([None, "look_up"]),
    tool_call_id=st.sampled_from([None, "c1"]),
    tool_result=st.none() | WORD,
)


@given(st.lists(SPAN, max_size=8), st.lists(MESSAGE, max_size=2))
def test_any_spans_fold_and_nothing_that_a_model_at_the_top_produced_is_lost(spans: list[Span], said: list[Message]) -> None:
    answers = Message("assistant", "the first"), Message("assistant", "the second")
    found = conversations([*spans, _model("z", 3, said, *answers)])
    heard = [m.text for c in found for m in c.messages if m.text.startswith("the ")]
    assert heard == ["the first", "the second"]
