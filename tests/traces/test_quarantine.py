"""`liveeval doctor quarantine`: reasons with counts and mends, and what a mend has made readable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from liveeval_assets.cli import quarantine
from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.home import Home
from liveeval_assets.traces.tables import REASONS
from tests.traces.build import FIRST, ingest_week, make_home, record


def _stored(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The week's quarantine as a refresh has written it."""
    rows = ingest_week(home).quarantine
    home.lake.create([quarantine.QUARANTINE])
    version = home.lake.write(quarantine.QUARANTINE, FIRST, rows, {})
    home.catalogue.record(Entry(quarantine.QUARANTINE.path, FIRST, version, "hash", rows.num_rows, "run", "code", {}, {}))
    monkeypatch.setattr(quarantine, "open_home", lambda: home)
    return home


def _told(capsys: pytest.CaptureFixture[str]) -> str:
    quarantine.print_quarantine()
    return " ".join(capsys.readouterr().out.split())


def test_every_reason_has_its_mend() -> None:
    assert set(quarantine.MENDS) == set(REASONS)


def test_reasons_are_counted_by_file_and_a_mended_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [record("a"), b"{", b"[", record("b", release=None)]
    home = _stored(make_home(tmp_path, {"1.jsonl": lines, "2.jsonl": [record("c"), b"{"]}), monkeypatch)
    told = _told(capsys)
    assert "source/1.jsonl │ not_json │ │ 2 │ 2 │ no JSON object" in told
    assert "source/1.jsonl │ missing_field │ release │ 1 │ 1 │" in told
    assert "source/2.jsonl │ not_json │ │ 1 │ 1 │" in told
    assert "a refresh reads the records" in told
    (tmp_path / "source" / "1.jsonl").write_text("".join(json.dumps(record(name)) + "\n" for name in "abd"))
    told = _told(capsys)
    assert "source/1.jsonl │ not_json │ │ 2 │ 0 │" in told
    assert f"4 record(s) were refused, 1 would be now; run `{home.command('refresh')}`" in told


def test_an_empty_quarantine_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _stored(make_home(tmp_path, {"1.jsonl": [record("a")]}), monkeypatch)
    assert "quarantine is empty" in _told(capsys)
