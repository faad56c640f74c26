"""Who answers what this week: production's own answers, replays of new releases on the frozen set, and the bridge between incumbents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.hashing import uniform

_SERVING_SHARE = 0.1
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Replay:
    """A release that answers items anew."""

    release: Row
    items: tuple[Row, ...]


def incumbent(versions: pa.Table, registry: pa.Table, week: date) -> str | None:
    """The release that served most of the week's traffic, by the weight of its living items (ties: the newest one)."""
    deployed = {r["release_id"]: r["deployed_at"].timestamp() for r in registry.to_pylist()}
    weights: dict[str, float] = {}
    for item in living(versions, week):
        if item["release_id"]:
            weights[item["release_id"]] = weights.get(item["release_id"], 0.0) + item["weight"]
    return max(weights, key=lambda r: (weights[r], deployed.get(r, 0.0), r)) if weights else None


def replays(versions: pa.Table, registry: pa.Table, week: date, seed: int, *, with_bridge: bool) -> list[Replay]:
    """Every replay of the week; the tables hold all weeks up to it.

    A release that went live this week answers the whole frozen set. When the incumbent has changed since the last week with
    items, the previous one (the bridge release) answers this week's living items, and the new one a tenth of them, so that
    replays are compared with replays and the difference to logged answers is known.
    """
    releases = {r["release_id"]: r for r in registry.to_pylist() if r["answers_by"] != "logged"}
    frozen = _active(versions, "frozen")
    # a frozen set that comes after a release is answered when it comes
    born = max((item["week"] for item in frozen), default=week)
    found = [Replay(r, frozen) for r in sorted(releases.values(), key=lambda r: str(r["release_id"])) if frozen and max(r["week"], born) == week]
    last = max((w for w in pc.unique(versions.filter(pc.equal(versions["role"], "living"))["week"]).to_pylist() if w < week), default=None)
    before, now = incumbent(versions, registry, last) if last else None, incumbent(versions, registry, week)
    if with_bridge and before and now and before != now and before in releases:
        items = living(versions, week)
        found.append(Replay(releases[before], tuple(items)))
        if now in releases:
            some = sorted(items, key=lambda r: uniform(seed, "serving replay", r["item_id"]))[: math.ceil(_SERVING_SHARE * len(items))]
            found.append(Replay(releases[now], tuple(some)))
    return found


def living(versions: pa.Table, week: date) -> list[Row]:
    """Active living items of a week, by id."""
    return list(_active(versions.filter(pc.equal(versions["week"], week)), "living"))


def _active(versions: pa.Table, role: str) -> tuple[Row, ...]:
    rows: Sequence[Row] = versions.filter(pc.and_(pc.equal(versions["role"], role), pc.equal(versions["status"], "active"))).to_pylist()
    return tuple(sorted(rows, key=lambda r: str(r["item_id"])))
