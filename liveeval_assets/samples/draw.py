"""The weekly draw: one conversation per user and day, square-root allocation over strata, smallest hashes, known probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.hashing import uniforms
from liveeval_assets.tables import TABLES


def draw(assigned: pa.Table, anonymised: pa.Table, n_items: int, floor: int, seed: int, week: date) -> pa.Table:
    """Rows of samples/drawn.

    The probability of an item is read x phase 1 x 1/m (m = conversations of its user on its day, repeats counted once)
    x n_h/N_h. Its weight is multiplicity/probability, scaled per stratum to the conversations of all traffic, drawn or
    not (post-stratification); a stratum without a drawn item passes its mass to the others in proportion.

    Args:
        assigned: one week.
        anonymised: the same conversations.
        n_items: items wanted in all.
        floor: items wanted at least per stratum.
        seed: seed of every hash.
        week: the week of the run.
    """
    spec = TABLES["samples/drawn"]
    if not assigned.num_rows:
        return spec.empty()
    frame = _frame(assigned, anonymised)
    traffic = {h: float(t) for h, t in _sums(frame["stratum_id"], 1 / (frame["read"] * frame["phase1"])).items()}
    keep, share = one_per_user_day(frame["id"], frame["user"], frame["day"], frame["multiplicity"] > 0, seed)
    eligible = {name: values[keep] for name, values in frame.items()}
    sizes = {str(h): int(n) for h, n in zip(*np.unique(eligible["stratum_id"], return_counts=True), strict=True)}
    wanted = allocate(sizes, n_items, floor)
    rank = uniforms(seed, f"draw {week:%Y-%m-%d}", eligible["id"])
    rows = smallest(eligible["stratum_id"], rank, wanted)
    if not len(rows):
        return spec.empty()
    item = {name: values[rows] for name, values in eligible.items()}
    big_n = np.array([sizes[h] for h in item["stratum_id"]])
    small_n = np.array([wanted[h] for h in item["stratum_id"]])
    probability = item["read"] * item["phase1"] * share[keep][rows] * small_n / big_n
    weight = post_stratify(item["multiplicity"] / probability, item["stratum_id"], traffic)
    columns = {
        "week": [week] * len(rows),
        "item_id": item["item_id"],
        "conversation_id": item["id"],
        "stratum_id": item["stratum_id"],
        "release_id": item["release"],
        "user_key": item["user"],
        "population_h": big_n,
        "sample_h": small_n,
        "read_probability": item["read"],
        "phase1_probability": item["phase1"],
        "user_day_probability": share[keep][rows],
        "turn_probability": item["turn"],
        "draw_probability": small_n / big_n,
        "probability": probability,
        "multiplicity": item["multiplicity"],
        "weight": weight,
    }
    return pa.table({name: pa.array(columns[name], type=spec.schema.field(name).type) for name in spec.schema.names}, schema=spec.schema)


def one_per_user_day(ids: np.ndarray, users: np.ndarray, days: np.ndarray, is_candidate: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(kept, probability): the smallest hash among the candidates of each user and day, kept with probability 1/m."""
    rank = uniforms(seed, "user_day", ids)
    _, group = np.unique(np.char.add(np.char.add(users.astype(str), "\x1f"), days.astype(str)), return_inverse=True)
    m = np.bincount(group, weights=is_candidate)
    order = np.lexsort((ids, rank, ~is_candidate, group))
    is_first = np.r_[True, group[order][1:] != group[order][:-1]]
    kept = np.zeros(len(ids), dtype=bool)
    kept[order[is_first]] = True
    return kept & is_candidate, 1 / np.maximum(m, 1)[group]


def allocate(sizes: Mapping[str, int], n_items: int, floor: int) -> dict[str, int]:
    """Items per stratum: proportional to the square root of its size, at least `floor`, at most its size.

    What a capped stratum cannot take goes to the others; largest remainders fill up, so that the sum is
    min(n_items, sum of sizes). Where the floors alone exceed n_items they are lowered alike.
    """
    names = sorted(sizes)
    size = np.array([sizes[h] for h in names], dtype=float)
    total = int(min(n_items, size.sum()))
    if not names or total <= 0:
        return dict.fromkeys(names, 0)
    low = np.minimum(size, min(floor, total // len(names)))
    target = _filled(np.sqrt(size), low, size, total)
    found = np.floor(target + 1e-9)
    remainder = np.where(found < size, target - found, -1.0)
    extra = np.lexsort((np.arange(len(names)), -size, -remainder))[: total - int(found.sum())]
    found[extra] += 1
    return {h: int(n) for h, n in zip(names, found, strict=True)}


def _filled(pull: np.ndarray, low: np.ndarray, high: np.ndarray, total: int) -> np.ndarray:
    """clip(c * pull, low, high) with the c that makes the sum `total`, by bisection."""
    below, above = 0.0, float(high.max() / pull.min()) + 1
    for _ in range(200):
        c = (below + above) / 2
        below, above = (c, above) if np.clip(c * pull, low, high).sum() < total else (below, c)
    return np.clip(above * pull, low, high)


def smallest(strata: np.ndarray, rank: np.ndarray, wanted: Mapping[str, int]) -> np.ndarray:
    """Rows of the `wanted` smallest ranks of each stratum, by stratum and rank."""
    order = np.lexsort((rank, strata))
    sorted_strata = strata[order]
    starts = np.searchsorted(sorted_strata, sorted_strata, side="left")
    limit = np.array([wanted.get(h, 0) for h in sorted_strata], dtype=int)
    return order[np.arange(len(order)) - starts < limit]


def post_stratify(weight: np.ndarray, strata: np.ndarray, traffic: Mapping[str, float]) -> np.ndarray:
    """Weights scaled so that each stratum sums to its conversations, and all to all conversations."""
    drawn = {h: float(w) for h, w in _sums(strata, weight).items()}
    reached = sum(traffic[h] for h in drawn)
    rest = sum(traffic.values()) / reached if reached else 1.0
    return weight * np.array([traffic[h] / drawn[h] * rest for h in strata])


def _sums(keys: np.ndarray, values: np.ndarray) -> dict[str, float]:
    names, group = np.unique(keys, return_inverse=True)
    return {str(n): float(s) for n, s in zip(names, np.bincount(group, weights=values), strict=True)}


def _frame(assigned: pa.Table, anonymised: pa.Table) -> dict[str, np.ndarray]:
    """Columns of both tables by conversation, in the order of their ids."""
    extra = anonymised.select(["conversation_id", "started_at", "read_probability", "phase1_probability", "turn_probability"])
    joined = assigned.join(extra, "conversation_id", join_type="inner").sort_by("conversation_id")

    def texts(name: str) -> np.ndarray:
        return np.asarray(joined.column(name).to_pylist(), dtype=str)

    return {
        "id": texts("conversation_id"),
        "item_id": texts("item_id"),
        "stratum_id": texts("stratum_id"),
        "release": texts("release_id"),
        "user": texts("user_key"),
        "day": np.asarray(pc.strftime(joined.column("started_at"), "%Y-%m-%d").to_pylist(), dtype=str),
        "multiplicity": joined.column("multiplicity").to_numpy(),
        "read": joined.column("read_probability").to_numpy(),
        "phase1": joined.column("phase1_probability").to_numpy(),
        "turn": joined.column("turn_probability").to_numpy(),
    }
