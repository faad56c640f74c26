"""Planted cases whose truth is known: hidden in the judges' queue, and kept from every score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.hashing import digest, uniform
from liveeval_assets.verdicts.tables import CONTROLS

NULL_ANSWERS = ("", "I don't know", ":")
_KINDS = ("null_answer", "known_bad", "known_good")
_LEAST = len(_KINDS)
_MIN_WORDS = 12  # a shorter answer cut to a third may still say everything
_KEPT = 1 / 3
_MIN_RATERS = 2
Row = Mapping[str, Any]


def plant(versions: pa.Table, answers: pa.Table, labels: pa.Table, share: float, seed: int, week: date) -> pa.Table:
    """The week's controls: `share` of its living items, at least one of each kind.

    `versions` and `answers` hold all weeks up to `week`, `labels` the consensus of earlier weeks. Known good: an earlier
    answer that people found good (its calls were bought with the item; a known bad one stands in where there is none
    yet). Known bad by construction: the answer to a question of another stratum (off topic), or an answer cut to its
    first third (incomplete). Null answers pass only where a judge is broken.
    """
    served = _served(versions, answers, week)
    if not served or share <= 0:
        return CONTROLS.empty()
    n = min(len(served), max(_LEAST, math.ceil(share * len(served))))
    drawn = sorted(served, key=lambda r: uniform(seed, "control", r["item_id"]))
    good = _good(versions, answers, labels, seed, week)
    rows = []
    for i, source in enumerate(drawn[:n]):
        kind = _KINDS[i % len(_KINDS)]
        if kind == "known_good" and good:
            rows.append(_row(week, good.pop(0), "known_good", None, None))
        elif kind == "null_answer":
            turn = (week.toordinal() // 7 + i) % len(NULL_ANSWERS)
            rows.append(_row(week, source, "null_answer", "incomplete", NULL_ANSWERS[turn]))
        else:
            rows.append(_bad(week, source, served, seed))
    return CONTROLS.rows(rows)


def _bad(week: date, source: Row, served: Sequence[Row], seed: int) -> dict[str, Any]:
    """A bad answer to the source's question: truncated or off topic, by hash and by what is possible."""
    words = source["answer"].split()
    others = [r for r in served if r["stratum_id"] != source["stratum_id"] and r["answer"]]
    if others and (len(words) < _MIN_WORDS or uniform(seed, "defect", source["item_id"]) < 0.5):
        other = min(others, key=lambda r: uniform(seed, "other", source["item_id"], r["item_id"]))
        return _row(week, source, "known_bad", "off_topic", other["answer"])
    if len(words) < _MIN_WORDS:
        return _row(week, source, "null_answer", "incomplete", NULL_ANSWERS[0])
    return _row(week, source, "known_bad", "incomplete", " ".join(words[: int(len(words) * _KEPT)]))


def _row(week: date, source: Row, kind: str, defect: str | None, answer: str | None) -> dict[str, Any]:
    text = source["answer"] if answer is None else answer
    return {
        "control_id": digest("control", week, kind, source["item_id"], text),
        "source_item_id": source["item_id"],
        "release_id": source["release_id"],
        "kind": kind,
        "defect_class": defect,
        "verified_by": "rater" if kind == "known_good" else "construction",
        "stratum_id": source["stratum_id"],
        "question": source["question"],
        "answer": text,
        "week": week,
    }


def _served(versions: pa.Table, answers: pa.Table, week: date) -> list[dict[str, Any]]:
    """This week's living items with the answer that production gave."""
    logged = pc.and_(pc.and_(pc.equal(answers["week"], week), pc.equal(answers["mode"], "logged")), pc.equal(answers["status"], "ok"))
    given = {r["item_id"]: r for r in answers.filter(logged).to_pylist()}
    living = versions.filter(pc.and_(pc.equal(versions["week"], week), pc.equal(versions["role"], "living"))).to_pylist()
    found = [(item, given[item["item_id"]]) for item in living if item["item_id"] in given]
    return sorted(({**item, "answer": r["answer"], "release_id": r["release_id"]} for item, r in found), key=lambda r: str(r["item_id"]))


def _good(versions: pa.Table, answers: pa.Table, labels: pa.Table, seed: int, week: date) -> list[dict[str, Any]]:
    """Earlier logged answers that several people looked at and that were found good, in random order."""
    found = pc.and_(pc.and_(pc.equal(labels["mode"], "logged"), pc.greater_equal(labels["n_raters"], _MIN_RATERS)), pc.equal(labels["y"], 1.0))
    keys = {(r["version"], r["item_id"], r["release_id"]) for r in labels.filter(found).to_pylist()}
    items = {(r["version"], r["item_id"]): r for r in versions.to_pylist()} if keys else {}
    rows = [r for r in answers.to_pylist() if keys and r["mode"] == "logged" and r["status"] == "ok"]
    good = [{**items[r["version"], r["item_id"]], "answer": r["answer"], "release_id": r["release_id"]} for r in rows if _key(r) in keys]
    return sorted(good, key=lambda r: uniform(seed, "known_good", week, r["item_id"], r["release_id"]))


def _key(row: Row) -> tuple[str, str, str]:
    return row["version"], row["item_id"], row["release_id"]
