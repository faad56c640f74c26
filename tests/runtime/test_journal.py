"""The journal keeps what it acknowledged, for every process that shares it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liveeval_assets.runtime.journal import Journal
from liveeval_assets.shared.errors import LakeError


def test_records_come_back_and_unknown_ids_do_not(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j" / "calls.sqlite")
    assert journal.n_calls == 0
    records = {f"id{i}": {"status": "ok", "value": {"n": i}} for i in range(1200)}
    journal.put_all(records.items())
    journal.put("one more", {"status": "refused", "value": None})
    assert journal.get([*records, "stranger"]) == records
    assert journal.get([]) == {}
    journal.close()
    again = Journal(tmp_path / "j" / "calls.sqlite")
    assert again.n_calls > 0
    assert again.get(["one more"]) == {"one more": {"status": "refused", "value": None}}
    again.close()


def test_connections_share_the_file_without_losing_writes(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / "calls.sqlite") for _ in range(4)]

    def write(n: int) -> None:
        for i in range(50):
            journals[n].put(f"{n}-{i}", {"status": "ok", "value": i})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(journals[0].get([f"{n}-{i}" for n in range(4) for i in range(50)])) == 200
    for journal in journals:
        journal.close()


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    Journal(tmp_path / "j" / "calls.sqlite").close()
    assert stat.S_IMODE((tmp_path / "j" / "calls.sqlite").stat().st_mode) == 0o600


def test_a_damaged_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "calls.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(LakeError, match="move the file away"):
        Journal(tmp_path / "calls.sqlite")
