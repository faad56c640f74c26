"""The registry: exactly one reference, each release in the week in which it went live, errors that say what to mend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from liveeval_assets.releases.assets import _born as _rows
from liveeval_assets.releases.assets import _prompts, _releases
from liveeval_assets.releases.registry import born_in, parse_releases
from liveeval_assets.runtime.catalogue import PUBLISHED, Entry
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.errors import SourceError
from liveeval_assets.shared.spec import violations
from liveeval_assets.tables import TABLES

FIRST, SECOND = date(2026, 6, 1), date(2026, 6, 8)
R1 = {"id": "r1", "family": "borealis", "model": "m1", "deployed_at": "2026-05-04T00:00:00Z", "reference": True}
R2 = {"id": "r2", "family": "aster", "model": "m2", "deployed_at": "2026-06-07T23:59:59Z", "answers": {"by": "endpoint", "at": "m2"}}
R3 = {"id": "r3", "family": "aster", "model": "m2", "deployed_at": "2026-06-08T01:00:00+02:00"}


def _born(week: date, *rows: dict[str, Any], known: Sequence[str] = ()) -> list[str]:
    table = born_in(parse_releases({"releases": list(rows)}, "releases.yaml"), week, known, {})
    assert not violations(TABLES["releases/registry"], table)
    found: list[str] = table["release_id"].to_pylist()
    return found


def test_each_release_is_stamped_with_its_utc_week_and_older_ones_with_the_first() -> None:
    assert _born(FIRST, R1, R2, R3) == ["r1", "r3", "r2"]  # in order of deployment: 01:00 in UTC+2 is still Sunday
    assert _born(SECOND, R1, R2, {**R3, "deployed_at": "2026-06-08T00:00:00Z"}, known=["r1", "r2"]) == ["r3"]
    assert _born(date(2026, 4, 27), R1, R2) == []


def test_every_release_is_born_in_exactly_one_week_and_one_of_a_quiet_week_in_the_next() -> None:
    late = {**R3, "deployed_at": "2026-06-10T00:00:00Z"}
    for skipped, wanted in ((None, ["r1 r2", "r3", "", ""]), (1, ["r1 r2", "r3", ""]), (0, ["r1 r2 r3", "", ""])):
        known: list[str] = []
        found = []
        for week in (FIRST + timedelta(weeks=k) for k in range(4) if k != skipped):
            born = _born(week, R1, R2, late, known=known)
            known += born
            found.append(" ".join(born))
        assert found == wanted


def test_a_release_that_is_listed_late_belongs_to_the_next_week(tmp_path: Path) -> None:
    """A published week's answers are closed: a release stamped there would never answer the frozen set."""
    (tmp_path / "liveeval.yaml").write_text("clock: {first_week: 2026-06-01}\nreleases: {file: releases.yaml}\n")
    (tmp_path / "releases.yaml").write_text(yaml.safe_dump({"releases": [R1]}))
    home, table = Home(tmp_path), TABLES["releases/registry"]
    first = _rows(home, FIRST)
    assert first["release_id"].to_pylist() == ["r1"]
    for spec in (table, TABLES[PUBLISHED]):
        home.catalogue.record(Entry(spec.path, FIRST, 1, "hash", 1, "run", "fingerprint", {}, {}))
    home.lake.write(table, FIRST, first, {})
    (tmp_path / "releases.yaml").write_text(yaml.safe_dump({"releases": [R1, R2]}))
    assert _rows(home, FIRST).equals(first)
    assert _rows(home, SECOND)["release_id"].to_pylist() == ["r2"]


def test_a_changed_prompt_changes_the_hash() -> None:
    rows = parse_releases([R1], "f")
    one, two = (born_in(rows, FIRST, (), {"r1": p})["prompt_hash"].to_pylist() for p in ("be kind", "be brief"))
    assert one != two


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"releases": []}, "at least one entry"),
        ("r1", "at least one entry"),
        ({"releases": [R1, {**R2, "reference": True}]}, "exactly one release has `reference: true`.*2 have it"),
        ({"releases": [R2]}, "exactly one.*0 have it"),
        ({"releases": [R1, {**R2, "id": "r1"}]}, "repeated"),
        ({"releases": [{**R1, "deployed_at": "2026-05-04T00:00:00"}]}, "deployed_at.*timezone"),
        ({"releases": [{**R1, "colour": "blue"}]}, "colour"),
        ({"releases": [{**R1, "answers": {"by": "magic"}}]}, "answers.by"),
        ({"releases": [{k: v for k, v in R1.items() if k != "family"}]}, "family"),
    ],
)
def test_errors_name_the_file_and_the_key_but_no_value(content: Any, message: str) -> None:
    with pytest.raises(SourceError, match=f"releases.yaml: .*{message}") as failure:
        parse_releases(content, "releases.yaml")
    assert "magic" not in str(failure.value)
    assert "blue" not in str(failure.value)


def _home(path: Path, content: str | bytes) -> Home:
    (path / "liveeval.yaml").write_text("clock: {first_week: 2026-06-01}\nreleases: {file: releases.yaml}\n")
    (path / "releases.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    return Home(path)


@pytest.mark.parametrize("content", [b"releases: [", b"releases: \xff\xfe"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError, match=r"releases\.yaml is not valid YAML"):
        _releases(_home(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    home = _home(tmp_path, "")
    (tmp_path / "releases.yaml").unlink()
    with pytest.raises(SourceError, match=r"releases\.yaml does not exist"):
        _releases(home)


def test_yaml_moments_keep_their_zone(tmp_path: Path) -> None:
    home = _home(tmp_path, "releases: [{id: 1, family: a, model: m, deployed_at: 2026-06-01T00:00:00Z, reference: true}]")
    assert [(r.id, r.deployed_at) for r in _releases(home)] == [("1", datetime(2026, 6, 1, tzinfo=UTC))]


def test_a_prompt_is_a_file_or_its_text_of_any_length(tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_text("from a file")
    texts = {"a": "prompt.txt", "b": "You are kind. " * 400, "c": "two\nlines", "d": ""}
    rows = [{**R1, "id": name, "prompt": text, "reference": name == "a"} for name, text in texts.items()]
    home = _home(tmp_path, yaml.safe_dump({"releases": rows}))
    assert _prompts(home, _releases(home)) == {**texts, "a": "from a file"}
    (tmp_path / "prompt.txt").unlink()
    with pytest.raises(SourceError, match=r"no file prompt\.txt; mend `prompt`"):
        _prompts(home, _releases(home))
