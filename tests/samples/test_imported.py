"""The team's own static set goes through the same layers as production text."""

from __future__ import annotations

import pytest

from liveeval_assets.samples.embed import embed
from liveeval_assets.samples.imported import import_items
from liveeval_assets.samples.strata import born
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.samples.build import LAYERS, WEEK, TopicEmbedder, anonymised, anonymised_row

RECORDS = [
    {"question": "refund for my order please now"},
    {"question": "Refund to Faina Yefremova at faina@mail.example"},
    {"question": "parcel still not here today", "history": [{"role": "human", "content": "hello"}, ["bot", "hi Faina Yefremova"]]},
    {"question": "refund for my order please now"},
    {"question": "  "},
    {"history": []},
    {"question": "x" + " y" * 60_000},
]


def _strata():  # noqa: ANN202
    items = anonymised([anonymised_row(i, f"{topic} question number{i}") for i in range(60) for topic in [("refund", "parcel")[i % 2]]])
    return born(embed(items, TopicEmbedder()), items, TABLES["samples/strata"].empty(), 2, 0.03, WEEK)


def test_items_are_masked_counted_and_placed() -> None:
    found, counts = import_items(RECORDS, _strata(), LAYERS, TopicEmbedder(), WEEK)
    assert violations(TABLES["samples/imported"], found) == {}
    assert counts == {"empty": 2, "refused": 1, "repeated": 1}
    rows = {r["question"]: r for r in found.to_pylist()}
    assert set(rows) == {"refund for my order please now", "Refund to [NAME] at [EMAIL]", "parcel still not here today"}
    assert [(m["role"], m["text"]) for m in rows["parcel still not here today"]["history"]] == [("user", "hello"), ("assistant", "hi [NAME]")]
    assert rows["refund for my order please now"]["stratum_id"] != rows["parcel still not here today"]["stratum_id"]


def test_a_speakers_name_is_no_role_and_a_strange_history_is_refused() -> None:
    asked = [
        {"question": f"refund number {n}", "history": h}
        for n, h in enumerate(([{"role": "Maria Kowalska", "text": "hello"}], ["hi", "ok"], "hello there", [None]))
    ]
    found, counts = import_items(asked, _strata(), LAYERS, TopicEmbedder(), WEEK)
    assert counts["refused"] == 3
    assert [m["role"] for r in found.to_pylist() for m in r["history"]] == ["user"]


def test_the_order_of_records_changes_nothing() -> None:
    one, _ = import_items(RECORDS, _strata(), LAYERS, TopicEmbedder(), WEEK)
    two, _ = import_items(RECORDS[::-1], _strata(), LAYERS, TopicEmbedder(), WEEK)
    assert one.equals(two)


def test_a_set_without_questions_is_an_error() -> None:
    with pytest.raises(SourceError, match=r"eval_sets\.frozen\.source\.map"):
        import_items([{"text": "a"}], _strata(), LAYERS, TopicEmbedder(), WEEK)
