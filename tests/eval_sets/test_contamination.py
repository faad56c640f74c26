"""Planted text is found, clean text is not, and every pair of item and release is searched once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from liveeval_assets.eval_sets.contamination import build_contamination
from liveeval_assets.eval_sets.corpora import find_sources, prompt_of, word_blocks
from liveeval_assets.eval_sets.ngrams import build_index, item_tokens, matches, tokens
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES
from tests.eval_sets.build import NEXT, WEEK, registry, version_row

WORDS = [f"word{i}" for i in range(400)]


def _sentence(rng: np.random.Generator, n: int) -> str:
    return " ".join(rng.choice(WORDS, n)).capitalize() + "."


def _versions(questions: list[str], **more: object):  # noqa: ANN202
    return TABLES["eval_sets/versions"].rows([version_row("living-2026-06-01", i, q, **more) for i, q in enumerate(questions)])


def _corpus(folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"meta": {"id": 1}, "text": line}) + "\n" for line in lines), "utf-8")
    return path


def test_recall_of_planted_text_and_false_positives(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    masks = ["[NAME]", "[NUMBER]", "[EMAIL]", "[ADDRESS]"]
    raw, items = [], []
    for i in range(600):
        words = _sentence(rng, int(rng.integers(6, 60))).split()
        shown = list(words)
        # what the layers masked in the item stands in the corpus: one to four words, punctuation and all
        for k in rng.choice(len(words), size=int(i % 3), replace=False):
            shown[k] = str(rng.choice(masks))
            words[k] = " ".join(f"Hidden{i}.{j}" for j in range(int(rng.integers(1, 5))))
        raw.append(" ".join(words))
        items.append(" ".join(shown))
    planted = {i for i in range(600) if i % 2}
    lines = [_sentence(rng, 50) for _ in range(2_000)] + [f"{_sentence(rng, 20)} {raw[i].upper()} -- {_sentence(rng, 20)}" for i in sorted(planted)]
    _corpus(tmp_path, "r1/train.jsonl", [lines[i] for i in rng.permutation(len(lines))])
    found = build_contamination(_versions(items), registry(r1=WEEK), tmp_path, None, 13, WEEK)
    assert violations(TABLES["eval_sets/contamination"], found) == {}
    index = {version_row("living-2026-06-01", i, "")["item_id"]: i for i in range(600)}
    hit = {index[r] for r in found.column("item_id").to_pylist()}
    assert len(hit & planted) / len(planted) >= 0.99
    assert len(hit - planted) / (600 - len(planted)) <= 0.01


def test_who_has_seen_what(tmp_path: Path) -> None:
    _corpus(tmp_path / "corpora", "r2/tuning.jsonl", ["where is my parcel it should have been here on monday said the page"])
    (tmp_path / "corpora/handbook.md").write_text("# Notes\nthe red light of the router\nmeans that the line is down today and tomorrow", "utf-8")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/r1.txt").write_text("Example: how do I change my plan to the small one? Answer politely.", "utf-8")
    questions = [
        "Where is my parcel? It should have been here on Monday, said the page!",
        "the red light of the router means that the line is down today and tomorrow",
        "How do I change my plan to the small one?",
        "nothing of this was ever written down anywhere in the whole wide world",
    ]
    found = build_contamination(_versions(questions), registry(r1=WEEK, r2=WEEK), tmp_path / "corpora", tmp_path / "prompts", 13, WEEK)
    number = {version_row("living-2026-06-01", i, "")["item_id"]: i for i in range(4)}
    seen = {(number[r["item_id"]], r["release_id"], r["detector"], r["source"]) for r in found.to_pylist()}
    assert seen == {
        (0, "r2", "ngram_corpus", "r2/tuning.jsonl"),
        (1, "r1", "ngram_corpus", "handbook.md"),
        (1, "r2", "ngram_corpus", "handbook.md"),
        (2, "r1", "ngram_prompt", "r1.txt"),
    }
    assert all(r["coverage"] == 1 for r in found.to_pylist())


def test_each_pair_is_searched_once(tmp_path: Path) -> None:
    text = "one two three four five six seven eight nine ten eleven twelve thirteen"
    _corpus(tmp_path, "all.jsonl", [text])
    rows = [version_row("frozen", 1, text, role="frozen"), version_row("living-2026-06-01", 1, text), version_row("living-2026-06-08", 1, text, week=NEXT)]
    versions = TABLES["eval_sets/versions"].rows(rows)
    early = TABLES["eval_sets/versions"].rows(rows[:2])

    def pairs(table, known, week):  # noqa: ANN001, ANN202
        return {(r["version"], r["release_id"]) for r in build_contamination(table, known, tmp_path, None, 13, week).to_pylist()}

    assert pairs(early, registry(r1=WEEK), WEEK) == {("frozen", "r1"), ("living-2026-06-01", "r1")}
    assert pairs(versions, registry(r1=WEEK), NEXT) == {("living-2026-06-08", "r1")}
    assert pairs(versions, registry(r1=WEEK, r2=NEXT), NEXT) == {("frozen", "r2"), ("living-2026-06-08", "r1"), ("living-2026-06-08", "r2")}
    assert pairs(versions, registry(r1=WEEK, r2=NEXT), NEXT + timedelta(days=7)) == set()


def test_a_masked_item_needs_the_words_around_its_masks_too(tmp_path: Path) -> None:
    item = "please send the blue lamp to [ADDRESS] before [NUMBER] because the old one broke"
    for text, expected in (
        ("please send the blue lamp to 12 High Street before 1200 because the old one broke", 1),
        ("they said that because the old one broke nobody could see anything in the hall", 0),
        ("please send the blue lamp to us", 0),
    ):
        _corpus(tmp_path, "all.jsonl", [text])
        assert build_contamination(_versions([item]), registry(r1=WEEK), tmp_path, None, 13, WEEK).num_rows == expected


def test_boilerplate_is_ignored(tmp_path: Path) -> None:
    text = "hello and welcome to our help line where we are always glad to be of use"
    for n, expected in ((10, 1), (11, 0)):
        _corpus(tmp_path, "all.jsonl", [text] * n)
        assert build_contamination(_versions([text]), registry(r1=WEEK), tmp_path, None, 13, WEEK).num_rows == expected


def test_a_hit_on_the_border_of_two_blocks_is_found(tmp_path: Path) -> None:
    text = " ".join(f"border{i}" for i in range(40))
    index = build_index([text], 13)
    for before in range(49_950, 50_010, 7):
        for name, content in (("a.txt", "\n".join(["x"] * before + text.split())), ("a.jsonl", json.dumps("x " * before + text))):
            (tmp_path / name).write_text(content, "utf-8")
            hits = {k for words in word_blocks(tmp_path / name) for k in matches(index, words)}
            assert hits == set(range(28)), (name, before)


def test_corpora_in_any_state(tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_bytes(b'\xff\xfe broken\n{"text": "half\n[[[\n"just a string with the words we look for"\n' + b"[" * 50_000 + b"\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "r1").mkdir()
    (tmp_path / "r1/empty.txt").write_text("")
    assert [(s.release_id, s.name) for s in find_sources(tmp_path)] == [("", "odd.jsonl"), ("r1", "r1/empty.txt")]
    versions = _versions(["with the words we look for", "", "[NAME] [NUMBER]", "!!!"])
    assert build_contamination(versions, registry(r1=WEEK), tmp_path, tmp_path / "none", 13, WEEK).num_rows == 1


def test_a_release_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    assert prompt_of(tmp_path / "prompts", "../secret") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("My name is [NAME], ok?", ["my", "name", "is", "\x00", "ok"]),
        ("[NAME] [NAME]'s [PHONE]x", ["\x00"]),
        ("in the [NUMBER]th week", ["in", "the", "\x00", "week"]),
        ("a [link] stays", ["a", "link", "stays"]),
    ],
)
def test_masks_are_gaps(text: str, wanted: list[str]) -> None:
    assert item_tokens(text) == wanted


def test_tokens_ignore_case_and_punctuation() -> None:
    assert tokens("It's—well, the “E-Mail” No. ５!") == ["itswell", "the", "email", "no", "5"]
