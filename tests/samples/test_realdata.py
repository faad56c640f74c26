"""Span recall and over-masking on real annotated text; floors well below what was measured, so that a regression shows."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveeval_assets.samples.masking import Masker
from liveeval_assets.samples.masks import MASK
from liveeval_assets.samples.normalise import normalise
from tests.samples.build import LAYERS

DATA = Path(os.environ.get("LIVEEVAL_REAL_DATA") or Path(__file__).parents[3] / "shared" / "data")
FILES = {"presidio": DATA / "presidio/dev/synth_v2.jsonl.gz", "sgd_pii": DATA / "sgd_pii/dev/turns.jsonl.gz"}
_COVERED = 0.9  # share of a span's letters and digits that must be masked

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not all(f.is_file() for f in FILES.values()), reason=f"real data not found under {DATA}; set LIVEEVAL_REAL_DATA"),
]


def _cases(name: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    keys = ("full_text", "start_position", "end_position") if name == "presidio" else ("text", "start", "end")
    with gzip.open(FILES[name], "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row[keys[0]], [(s[keys[1]], s[keys[2]]) for s in row["spans"]]


def _hidden(source: str, found: str) -> list[bool] | None:
    """Which characters of the source do not stand in the masked text; None where the two cannot be aligned."""
    pieces = MASK.split(found)
    aligned = re.match("(?s)" + ".+?".join(f"({re.escape(p)})" for p in pieces) + r"\Z", source)
    if aligned is None:
        return None
    hidden = [True] * len(source)
    for i in range(1, len(pieces) + 1):
        start, stop = aligned.span(i)
        hidden[start:stop] = [False] * (stop - start)
    return hidden


def _measure(name: str, *, is_lower: bool) -> tuple[float, float]:
    """(span recall, share of the characters outside the spans that were masked)."""
    masker = Masker(LAYERS)
    spans = caught = outside = over = 0
    for raw, places in _cases(name):
        text = raw.lower() if is_lower else raw
        hidden = _hidden(text, masker.text(text, None)[0]) if normalise(text) == text else None
        if hidden is None:
            continue
        inside = [False] * len(text)
        for start, stop in places:
            inside[start:stop] = [True] * (stop - start)
            letters = [i for i in range(start, stop) if text[i].isalnum()]
            spans += 1
            caught += sum(hidden[i] for i in letters) >= _COVERED * len(letters)
        outside += inside.count(False)
        over += sum(h and not i for h, i in zip(hidden, inside, strict=True))
    return caught / spans, over / outside


@pytest.mark.parametrize(
    ("name", "is_lower", "recall", "over"),
    [("presidio", False, 0.78, 0.04), ("presidio", True, 0.64, 0.015), ("sgd_pii", False, 0.88, 0.08), ("sgd_pii", True, 0.73, 0.04)],
)
def test_recall_and_over_masking(name: str, is_lower: bool, recall: float, over: float) -> None:
    found, masked = _measure(name, is_lower=is_lower)
    print(f"{name} {'lower-cased' if is_lower else 'as written'}: span recall {found:.3f}, over-masked {masked:.3f}")
    assert found >= recall
    assert masked <= over
