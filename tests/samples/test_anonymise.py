"""Conversations to items: nothing planted survives, nothing unsearched passes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from liveeval_assets.samples import masking, patterns
from liveeval_assets.samples.anonymise import anonymise
from liveeval_assets.samples.residue import refuse_canaries, residue, surviving, texts_of
from liveeval_assets.shared.errors import CheckFailed
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.samples.build import LAYERS, conversation, conversations, message

SPEC = TABLES["samples/anonymised"]
CANARIES = ["Quillon Vantreeve", "4929 7710 3381 0042", "quillon.v@planted.example"]
SPELLINGS = ["{}", "My name or number is {} ok", "x {} y", "\u200b{}\u200b", "it is {}, please"]


def _planted() -> list[dict[str, object]]:
    """Every canary in every spelling, in a user turn, an answer, a tool result and a tool argument."""
    rows = []
    for spelling in SPELLINGS:
        for canary in CANARIES:
            text = spelling.format(canary)
            call = json.dumps([{"name": "look_up", "arguments": {"who": text, "n": 4929771033810042}}])
            talk = [message("user", text), message("assistant", text, call), message("tool", text), message("user", f"and {text}"), message("assistant", text)]
            rows.append(conversation(len(rows), talk))
    return rows


def test_no_canary_survives_and_the_second_scan_is_silent() -> None:
    items, counts = anonymise(conversations(_planted()), LAYERS, "drawn", 100, 1)
    assert items.num_rows == len(SPELLINGS) * len(CANARIES)
    assert violations(SPEC, SPEC.conform(items)) == {}
    assert residue(texts_of(items)) == {}
    assert refuse_canaries(items, CANARIES, "samples/anonymised") == len(CANARIES)
    assert counts.get("detector_failed", 0) == 0


def test_the_guards_have_teeth() -> None:
    items, _ = anonymise(conversations(_planted()), ["known_entities"], "drawn", 100, 1)
    assert set(residue(texts_of(items))) == {"email", "long_number"}
    assert surviving(CANARIES, texts_of(items)) == 3
    with pytest.raises(CheckFailed, match="3 of 3 canaries"):
        refuse_canaries(items, CANARIES, "samples/anonymised")


def test_the_record_of_a_user_masks_that_users_conversation_only() -> None:
    talk = [message("user", "the order of wobblebeck is late"), message("assistant", "sorry")]
    rows = [conversation(1, talk, ["Wobblebeck"]), conversation(2, [message("user", "the order of the shop is late"), message("assistant", "sorry")], [])]
    items, _ = anonymise(conversations(rows), ["known_entities"], "drawn", 100, 1)
    assert sorted(items.column("question").to_pylist()) == ["the order of [NAME] is late", "the order of the shop is late"]


def test_tool_calls_stay_json() -> None:
    call = json.dumps([{"name": "book", "arguments": {"passenger": "Anna Kowalczyk", "order": 1234567, "seats": 2, "mail": "a@b.example"}}])
    rows = [conversation(1, [message("user", "book"), message("assistant", "ok", call), message("user", "and now?"), message("assistant", "done")])]
    items, _ = anonymise(conversations(rows), LAYERS, "last", 100, 1)
    arguments = json.loads(items.column("history")[0].as_py()[1]["tool_calls"])[0]["arguments"]
    assert arguments == {"passenger": "[NAME]", "order": "[NUMBER]", "seats": 2, "mail": "[EMAIL]"}


def test_what_cannot_be_searched_is_refused_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = [message("user", "hello there"), message("assistant", "hello")]
    rows = [
        conversation(1, [message("user", "a " * masking.MAX_TEXT), message("assistant", "x")]),
        conversation(2, [message("user", "hi")]),
        conversation(3, [message("user", "give up at 12345"), message("assistant", "x")]),
        conversation(4, fine),
    ]

    def fails(text: str) -> tuple[str, int]:
        if "give up" in text:
            raise patterns.DetectorError
        return text, 0

    monkeypatch.setattr(patterns, "mask_patterns", fails)
    items, counts = anonymise(conversations(rows), LAYERS, "drawn", 100, 1)
    assert items.num_rows == 1
    assert counts == {"not_in_phase1": 0, "too_long": 1, "no_answer": 1, "detector_failed": 1}


def test_a_run_without_spaces_is_one_mask() -> None:
    rows = [conversation(1, [message("user", "see " + "a." * 5_000 + " ok"), message("assistant", "x")])]
    items, _ = anonymise(conversations(rows), LAYERS, "drawn", 100, 1)
    assert items.column("question").to_pylist() == ["see [LONG] ok"]


def test_phase_one_keeps_the_smallest_hashes_whatever_the_order() -> None:
    rows = [conversation(i, [message("user", "hello"), message("assistant", "hi")]) for i in range(200)]
    some, counts = anonymise(conversations(rows), (), "drawn", 50, 1)
    mixed, _ = anonymise(conversations([rows[i] for i in np.random.default_rng(0).permutation(200)]), (), "drawn", 50, 1)
    assert some.equals(mixed)
    assert some.num_rows == 50
    assert set(some.column("phase1_probability").to_pylist()) == {0.25}
    assert counts == {"not_in_phase1": 150}


def test_the_profile_names_layers_and_versions() -> None:
    profile = masking.profile(LAYERS)
    assert all(word in profile for word in ("known_entities", "presidio-analyzer 2", "wordfreq 3", "faker 40"))
    assert "presidio" not in masking.profile(["known_entities"])
