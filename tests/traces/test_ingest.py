"""Ingest: what is read is kept or quarantined, whatever it is and in whatever order it comes."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.inputs import trace_entries, trace_index
from liveeval_assets.shared.hashing import digest, table_hash
from liveeval_assets.shared.ids import conversation_id, user_key
from liveeval_assets.shared.spec import violations
from liveeval_assets.traces import checks
from liveeval_assets.traces.ingest import CONVERSATIONS, QUARANTINE, Ingested, never_found, repeats
from tests.traces.build import FIRST, KEY, SECOND, SETTINGS, Line, ingest_week, make_home, n_read, reasons, record


def _ids(found: Ingested) -> set[str]:
    kept: set[str] = set(found.conversations["conversation_id"].to_pylist())
    return kept


def _pseudonyms(*names: str) -> set[str]:
    return {conversation_id(KEY, "support", n) for n in names}


def test_a_record_becomes_a_conversation_with_every_field(tmp_path: Path) -> None:
    full = record("c1", customer={"name": "Ada Lovelace", "flags": [True, "ok"], "no": 4711}, more={"tenure": 3}, ended="2026-06-02T10:05:00Z")
    found = ingest_week(make_home(tmp_path, {"a.jsonl": [full]}))
    assert not violations(CONVERSATIONS, found.conversations)
    (row,) = found.conversations.to_pylist()
    assert row["conversation_id"] == conversation_id(KEY, "support", "c1")
    assert row["user_key"] == user_key(KEY, "support", "uc1")
    assert (row["release_id"], row["source"]) == ("r1", "support")
    assert (row["started_at"], row["ended_at"]) == (datetime(2026, 6, 2, 10, tzinfo=UTC), datetime(2026, 6, 2, 10, 5, tzinfo=UTC))
    assert [(m["role"], m["text"]) for m in row["messages"]] == [("user", "how?"), ("assistant", "so")]
    assert row["known_entities"] == ["4711", "Ada Lovelace"]
    assert json.loads(row["attributes"]) == {"tenure": 3}


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (b"{", "not_json", None),
        (b'{"id": "\\ud800"}', "not_utf8", None),
        (record("x", at=None), "bad_time", "started_at"),
        (record("x", at="2026-06-02T10:00:00"), "bad_time", "started_at"),
        (record("x", at="2026-06-29T00:00:00Z"), "future_time", "started_at"),
        (record("x", at="2190-01-01T00:00:00Z"), "future_time", "started_at"),
        (record(None), "missing_field", "id"),
        (record(""), "missing_field", "id"),
        ({k: v for k, v in record("x").items() if k != "release"}, "missing_field", "release"),
        (record("x", messages=[]), "missing_field", "messages"),
        (record("x", messages="hello"), "bad_value", "messages"),
        (record("x", messages=[{"role": "robot", "content": "hi"}]), "bad_value", "messages.0.role"),
        (record("x", messages=[{"role": "user", "content": 5}]), "bad_value", "messages.0.text"),
        (record("x", messages=[{"role": "user", "content": "hi"}] * 401), "too_many_turns", "messages"),
        (record("x", messages=[{"role": "assistant", "content": "hi"}]), "no_user_turn", "messages"),
        (record("x", text=" \n"), "no_user_turn", "messages"),
    ],
)
def test_a_bad_record_is_quarantined_with_reason_and_field_and_no_text(tmp_path: Path, line: Line, reason: str, field: str | None) -> None:
    found = ingest_week(make_home(tmp_path, {"a.jsonl": [record("before"), line, record("after")]}))
    assert _ids(found) == _pseudonyms("before", "after")
    assert reasons(found)["a.jsonl", 2][0] == reason
    assert reasons(found)["a.jsonl", 2][1] in (field, f"{field}.0" if field else None)
    assert not violations(QUARANTINE, found.quarantine)


def test_a_clock_that_runs_a_little_ahead_is_forgiven(tmp_path: Path) -> None:
    home = make_home(tmp_path, {"a.jsonl": [record("x", at="2026-06-22T00:05:00Z"), record("y", at="2026-06-22T00:05:01Z")]})
    found = ingest_week(home, date(2026, 6, 22))
    assert _ids(found) == _pseudonyms("x")
    assert reasons(found) == {("a.jsonl", 2): ("future_time", "started_at")}


def test_equal_records_are_one_conversation(tmp_path: Path) -> None:
    same, spelled = record("c"), dict(reversed(record("c").items()))
    found = ingest_week(make_home(tmp_path, {"a.jsonl": [same, same], "b.jsonl": [spelled]}))
    assert _ids(found) == _pseudonyms("c")
    assert reasons(found) == {("a.jsonl", 2): ("duplicate", "id"), ("b.jsonl", 1): ("duplicate", "id")}


def test_of_two_stories_under_one_id_none_is_believed_even_across_weeks_and_files(tmp_path: Path) -> None:
    home = make_home(tmp_path, {"a.jsonl": [record("c"), record("d")], "b.jsonl": [record("c", at="2026-06-09T10:00:00Z", text="other?")]})
    one, two = ingest_week(home), ingest_week(home, SECOND)
    assert _ids(one) == _pseudonyms("d")
    assert reasons(one) == {("a.jsonl", 1): ("conflicting_id", "id")}
    assert reasons(two) == {("b.jsonl", 1): ("conflicting_id", "id")}


def test_ids_that_differ_in_type_alone_are_one_id(tmp_path: Path) -> None:
    found = ingest_week(make_home(tmp_path, {"a.jsonl": [record(7), record("7", text="other?")]}))
    assert set(reasons(found).values()) == {("conflicting_id", "id")}


def test_a_late_record_goes_to_the_week_in_which_it_happened(tmp_path: Path) -> None:
    early = {"a.jsonl": [record("c1")], "b.jsonl": [record("c2", at="2026-06-09T10:00:00Z")]}
    home = make_home(tmp_path, early)
    index = trace_index(home, repeats)
    before, other = index.fingerprint(FIRST), index.fingerprint(SECOND)
    home = make_home(tmp_path, {**early, "c.jsonl": [record("late", at="2026-06-07T23:59:59.999999Z")]})
    assert _ids(ingest_week(home)) == _pseudonyms("c1", "late")
    after = trace_index(home, repeats)
    assert after.fingerprint(FIRST) != before
    assert after.fingerprint(SECOND) == other  # the week that it does not belong to is not opened


def test_an_edited_record_opens_its_week_and_a_moved_one_does_not(tmp_path: Path) -> None:
    def fingerprint(name: str, **files: list[Line]) -> str:
        return trace_index(make_home(tmp_path / name, {f"{k}.jsonl": v for k, v in files.items()}), repeats).fingerprint(FIRST)

    one, two, edited = record("c1"), record("c2"), record("c2", text="how now?")
    before = fingerprint("before", a=[one, two])
    assert fingerprint("moved", a=[two], b=[one]) == before
    assert fingerprint("edited", a=[one, edited]) != before
    # a line that is refused for another reason changes quarantine alone, which is reason enough
    assert fingerprint("bad", a=[one, two, b"{"]) != fingerprint("worse", a=[one, two, b'{"x": NaN}'])


def test_a_monday_midnight_is_the_new_week(tmp_path: Path) -> None:
    home = make_home(tmp_path, {"a.jsonl": [record("old", at="2026-06-08T01:59:59+02:00"), record("new", at="2026-06-08T02:00:00+02:00")]})
    assert _ids(ingest_week(home)) == _pseudonyms("old")
    assert _ids(ingest_week(home, SECOND)) == _pseudonyms("new")


def test_any_order_of_lines_and_files_gives_the_same_content(tmp_path: Path) -> None:
    lines = [record("a"), record("b", at="2026-06-09T10:00:00Z"), record("c"), record("c"), record("d"), record("d", text="else?")]
    hashes = set()
    for n, order in enumerate(itertools.islice(itertools.permutations(range(6)), 0, 720, 97)):
        shuffled = [lines[k] for k in order]
        home = make_home(tmp_path / str(n), {"x.jsonl": shuffled[: n % 5], "y.jsonl": shuffled[n % 5 :]})
        hashes.add(tuple(table_hash(ingest_week(home, w).conversations, key=CONVERSATIONS.key) for w in (FIRST, SECOND)))
    assert len(hashes) == 1


def test_pseudonyms_need_the_key_and_do_not_hold_the_name(tmp_path: Path) -> None:
    home = make_home(tmp_path, {"a.jsonl": [record("c1", user="ada@example.com")]})
    one, two = (ingest_week(home, key=k).conversations.to_pylist()[0] for k in (b"one", b"two"))
    for column in ("conversation_id", "user_key"):
        assert one[column] != two[column]
    assert "ada" not in str({k: v for k, v in one.items() if k != "messages"})


def test_strangers_without_a_name_are_not_one_user(tmp_path: Path) -> None:
    found = ingest_week(make_home(tmp_path, {"a.jsonl": [record("c1", user=None), record("c2", user=None), record("c3", user="x"), record("c4", user="x")]}))
    assert len(set(found.conversations["user_key"].to_pylist())) == 3


def _counts(files: Mapping[str, Sequence[Line]], *, cut: int = 0) -> list[tuple[int, int]]:
    """Records read, and rows of both tables, of every week; the rows are as declared."""
    with TemporaryDirectory() as folder:
        home = make_home(Path(folder), files)
        if cut:
            path = Path(folder) / "source" / "z.jsonl.gz"
            rows = (record(f"z{n}", at=f"2026-06-{n % 19 + 1:02}T10:00:00Z", text=digest(n)) for n in range(400))
            path.write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows))[:-cut])
        counts = []
        for week in trace_index(home, repeats).weeks:
            found = ingest_week(home, week)
            counts.append((n_read(home, week), found.conversations.num_rows + found.quarantine.num_rows))
            assert not violations(CONVERSATIONS, found.conversations)
            assert not violations(QUARANTINE, found.quarantine)
        return counts


def _n_lines(files: Mapping[str, Sequence[Line]]) -> int:
    return sum(1 for lines in files.values() for line in lines if not isinstance(line, bytes) or line.strip())


_TIMES = st.sampled_from(["2026-06-02T10:00:00Z", "2026-06-09T10:00:00Z", "2026-06-09T10:00:00", "2031-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "", None])
_RECORDS: st.SearchStrategy[Line] = st.builds(
    lambda i, at, text, role: {**record(i, at), "messages": [{"role": role, "content": text}]},
    st.sampled_from(["a", "b", "c", "d", "", None, 7]),
    _TIMES,
    st.sampled_from(["hi", "", "other", None]),
    st.sampled_from(["user", "assistant", "robot"]),
)
_BROKEN: st.SearchStrategy[Line] = st.sampled_from(
    [b"{", b"[]", b'{"id": NaN}', b'{"id": "\xff"}', b'{"id": 1, "id": 1}', b'{"id": "\\udc00"}', b"\xef\xbb\xbf{}"]
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["x.jsonl", "y.jsonl"]), st.lists(st.one_of(_RECORDS, _BROKEN), max_size=10), min_size=1))
def test_records_read_are_records_kept_and_quarantined(files: dict[str, list[Line]]) -> None:
    counts = _counts(files)
    assert all(read == rows for read, rows in counts)
    assert sum(read for read, _ in counts) >= _n_lines(files)


def test_a_cut_archive_over_several_weeks_is_counted_once() -> None:
    counts = _counts({"x.jsonl": [record("a")]}, cut=900)
    assert all(read == rows for read, rows in counts)
    assert sum(read for read, _ in counts) > 100


def test_data_frames_with_times_without_a_zone_are_no_crash(tmp_path: Path) -> None:
    home = make_home(tmp_path, {})
    settings = (tmp_path / "liveeval.yaml").read_text()
    (tmp_path / "liveeval.yaml").write_text(settings.replace("*.jsonl*", "*.parquet").replace("      map:", "      format: parquet\n      map:"))
    row = {**record("p"), "at": datetime(2026, 6, 2, 10), "ended": datetime(2026, 6, 2, 11)}  # noqa: DTZ001 - the case
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "source" / "p.parquet")
    weeks = trace_index(home, repeats).weeks
    assert sum(map(len, weeks.values())) == 1
    for week in weeks:
        found = ingest_week(home, week)
        assert found.conversations.num_rows + found.quarantine.num_rows == 1


def _tables(found: Ingested, read: int) -> dict[str, Any]:
    records = pa.table({"n_records": [1] * read})
    broken = pa.table({"file": pa.array([], pa.string())})
    kept = found.conversations.slice(0, 0)
    return {
        "traces/conversations": found.conversations,
        "traces/quarantine": found.quarantine,
        checks.READ: records,
        checks.RETAINED: kept,
        checks.BROKEN: broken,
    }


def test_the_checks_see_lost_records_and_a_broken_export(tmp_path: Path) -> None:
    good = ingest_week(make_home(tmp_path / "1", {"a.jsonl": [record("a"), record("b"), record("b")]}))
    named = {c.name: c for c in checks.TRACES}
    conservation, few_refused = named["conservation"], named["few_are_refused"]
    assert conservation.is_blocking
    assert conservation.run(_tables(good, 3)).passed
    assert not conservation.run(_tables(good, 4)).passed
    assert few_refused.run(_tables(good, 3)).passed  # a duplicate is no fault of the export
    bad = ingest_week(make_home(tmp_path / "2", {"a.jsonl": [record("a"), b"{"]}))
    assert not few_refused.run(_tables(bad, 2)).passed
    # of spans, those of a refused conversation count, as those of a kept one do
    many = pa.concat_tables([good.conversations] * 15)
    refused = bad.quarantine.set_column(bad.quarantine.schema.get_field_index("n_records"), "n_records", pa.array([30], pa.int64()))
    share = few_refused.run({"traces/conversations": many, "traces/quarantine": refused})
    assert (share.passed, share.counts["share"]) == (False, 0.5)
    whole = named["archives_are_whole"]
    assert whole.is_blocking
    assert whole.run(_tables(bad, 2)).passed
    home = make_home(tmp_path / "3", {})
    (home.path / "source" / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps(record("a")).encode() + b"\n" + os.urandom(500))[:-300])
    index = trace_index(home, repeats)
    broken = pa.table({"file": pa.array(index.broken_archives, pa.string())})
    # whichever week the last whole record is of: what was cut off may belong to any
    assert all(not whole.run({**_tables(ingest_week(home, week), 1), checks.BROKEN: broken}).passed for week in index.weeks)
    assert "a.jsonl.gz ends too early" in whole.run({checks.BROKEN: broken}).mend


def test_a_week_without_one_readable_record_is_refused_with_its_places(tmp_path: Path) -> None:
    (check,) = (c for c in checks.TRACES if c.name == "some_are_readable")
    result = check.run(_tables(ingest_week(make_home(tmp_path, {"a.jsonl": [b"{", record("a", messages=[])]})), 2))
    assert (check.is_blocking, result.passed) == (True, False)
    assert "source/a.jsonl line 1" in result.mend
    assert check.run(_tables(ingest_week(make_home(tmp_path / "2", {"a.jsonl": [b"{", record("a")]})), 2)).passed


def test_a_mapped_field_that_no_record_has_is_told(tmp_path: Path) -> None:
    """A wrong path to the user would make every conversation a user of its own, and every interval too narrow."""
    path = make_home(tmp_path, {"a.jsonl": [record("c1", more={"tenure": 3}, ended="2026-06-02T10:05:00Z"), record("c2"), b"{"]}).path
    (path / "liveeval.yaml").write_text(SETTINGS.replace("user: user", "user: account.id"))
    home = Home(path)
    maps = {s.name: s.map.fields for s in home.settings.traces.sources}
    entries = trace_entries(home, trace_index(home, repeats).weeks[FIRST])
    told = never_found(entries, maps)
    # what one record has is found, and customers are in none
    assert told == ["user at 'account.id' of source 'support'", "entities at 'customer' of source 'support'"]
    assert never_found([], maps) == never_found(entries, {"another": maps["support"]}) == []
    (check,) = (c for c in checks.TRACES if c.name == "maps_find_something")
    outcome = check.run({checks.NEVER_FOUND: pa.table({"field": told})})
    assert (check.is_blocking, outcome.passed) == (False, False)
    assert "mend the path in the field map" in outcome.mend
    assert check.run({checks.NEVER_FOUND: pa.table({"field": pa.array([], pa.string())})}).passed
