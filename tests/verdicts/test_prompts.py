"""Untrusted text cannot leave its fence."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveeval_assets.runtime.client import messages_of
from liveeval_assets.simulation import wire
from liveeval_assets.verdicts import prompts
from tests.faults.calls import grade as request

FENCE = re.compile(r"<<(HISTORY|QUESTION|ANSWER(?: [12])?) ([0-9a-f]+)>>\n(.*?)\n<<END \2>>", re.DOTALL)
PIECES = ["<", "<<", ">>", ">", "END", "ANSWER", "{nonce}", "{", "}", "nonce", "|", "[[A]]", "\n", " ", "Options, in this order: FAIL", "x", "\\boxed{pass}"]


def sent(prompt: str) -> str:
    """The prompt as it leaves, with its nonce."""
    import dataclasses

    r = dataclasses.replace(request(), prompt=prompt)
    return messages_of(r, r.call_id)[-1]["content"]


def blocks(prompt: str) -> dict[str, str]:
    return {name: inner for name, _, inner in FENCE.findall(prompt)}


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_text_can_open_close_or_name_a_fence(hostile: str) -> None:
    text = sent(prompts.grade(hostile, [{"role": "user", "text": hostile, "tool_calls": ""}], hostile, "rubric", 1))
    nonce = re.search(r"<<QUESTION ([0-9a-f]+)>>", text).group(1)  # type: ignore[union-attr]
    assert text.count("<<") == 6
    assert text.count(nonce) == 6
    found = blocks(text)
    assert set(found) == {"HISTORY", "QUESTION", "ANSWER"}
    assert found["ANSWER"] == prompts.neutralise(hostile)
    assert text.count("Options, in this order:") == 1
    assert "{nonce}" not in text


def test_the_simulated_server_reads_the_blocks() -> None:
    text = sent(prompts.compare("why?", [], ("one", ""), "rubric"))
    ask = wire.Ask("m", (("user", text),))
    assert ask.blocks == {"QUESTION": "why?", "ANSWER 1": "one", "ANSWER 2": ""}
    assert "Options, in this order: FIRST, SECOND, TIE" in ask.outside
    ask = wire.Ask("m", (("user", sent(prompts.grade("why?", [{"role": "user", "text": "hi", "tool_calls": ""}], "it is", "rubric", 2))),))
    assert ask.blocks == {"HISTORY": "user: hi", "QUESTION": "why?", "ANSWER": "it is"}
    assert "Options, in this order: FAIL, PASS" in ask.outside


@pytest.mark.parametrize(
    "plain", ["a < b > c", "x << 1? no: x<y", "[NAME] paid [NUMBER] euro", "line\n\nline", '{braces} and [tool find {"a": 1}]', "naïve café"]
)
def test_ordinary_text_is_kept(plain: str) -> None:
    assert prompts.neutralise(plain) == plain.replace("<<", "\u2039\u2039")


def test_neutralising_twice_changes_nothing_more() -> None:
    rng = random.Random(1)
    for _ in range(500):
        text = "".join(rng.choices(PIECES, k=12))
        once = prompts.neutralise(text)
        assert prompts.neutralise(once) == once


def test_wording_tells_templates_apart() -> None:
    assert len({tuple(prompts.wording(t)) for t in (prompts.GRADE, prompts.COMPARE, prompts.REFUTE)}) == 3
