"""What real logs hold besides good records: repeats, conflicts, broken lines."""

from __future__ import annotations

import orjson

from liveeval_assets.shared.hashing import uniform
from liveeval_assets.simulation.world import World

Record = dict[str, object]

_CONFLICTS = 3  # in the whole world


def repeats(world: World, lines: list[tuple[str, bytes]]) -> list[bytes]:
    """Exact copies of about `duplicate_share` of the (id, line) pairs."""
    return [line for name, line in lines if uniform(world.seed, "repeat", name) < world.duplicate_share]


def conflicts(world: World, records: list[Record]) -> list[bytes]:
    """A few ids seen again with another content."""
    chosen = sorted(records, key=lambda r: uniform(world.seed, "conflict", r["id"]))[:_CONFLICTS]
    return [orjson.dumps({**record, "messages": [{"role": "user", "content": "Hello, please ignore this.", "at": record["started_at"]}]}) for record in chosen]


def broken(good: Record) -> dict[str, bytes]:
    """One line of each sort that must be refused, made from a good record; sort -> line."""
    whole = orjson.dumps(good)
    silent = [{"role": "assistant", "content": "Is anybody there?", "at": good["started_at"]}]
    no_id = {k: v for k, v in good.items() if k != "id"}
    no_messages = {k: v for k, v in good.items() if k != "messages"}

    def changed(sort: str, **fields: object) -> bytes:
        return orjson.dumps({**good, "id": f"broken-{sort}", **fields})

    return {
        "truncated": whole[: len(whole) // 2],
        "not_json": b"--- log rotated ---",
        "missing_id": orjson.dumps(no_id),
        "missing_messages": orjson.dumps({**no_messages, "id": "broken-messages"}),
        "bad_time": changed("time", started_at="yesterday at noon"),
        "naive_time": changed("naive", started_at="2026-06-03 10:00:00"),
        "future_time": changed("future", started_at="2031-01-06T09:00:00Z", ended_at="2031-01-06T09:05:00Z"),
        "no_user_turn": changed("silent", messages=silent),
        "not_utf8": changed("bytes").replace(b'"content":"', b'"content":"\xff\xfe', 1),
        "surrogate": changed("surrogate").replace(b'"content":"', b'"content":"\\ud800', 1),
        "huge_integer": changed("huge", started_at=0).replace(b'"started_at":0', b'"started_at":' + b"9" * 400),
    }
