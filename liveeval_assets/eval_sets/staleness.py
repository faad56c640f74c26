"""How much an eval-set version is still worth for this week's production."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.tables import TABLES

_MIN_ITEMS = 5  # a stratum with fewer items of the version is not covered


def build_staleness(versions: pa.Table, manifests: pa.Table, assigned: pa.Table, min_ess_rate: float, max_uncovered: float, week: date) -> pa.Table:
    """Rows of eval_sets/staleness: the frozen version and this week's living one against this week's traffic.

    Args:
        versions: rows up to `week`.
        manifests: rows up to `week`.
        assigned: every phase-1 conversation of `week`.
        min_ess_rate: a version below is stale.
        max_uncovered: a version above is stale.
        week: the week of the run.
    """
    tagged = {row["version"] for row in manifests.select(["version", "tags"]).to_pylist() if "frozen" in row["tags"]}
    of_week = set(versions.filter(pc.equal(versions.column("week"), pa.scalar(week, pa.date32()))).column("version").to_pylist())
    traffic = assigned.column("stratum_id").to_pylist()
    far = assigned.column("is_far").to_numpy(zero_copy_only=False)
    rows = []
    for name in sorted(tagged | of_week):
        items = versions.filter(pc.equal(versions.column("version"), name))
        found = staleness(items.column("stratum_id").to_pylist(), traffic, far)
        why = [f"ESS is below {100 * min_ess_rate:.0f} % of the items"] if found["ess_rate"] < min_ess_rate else []
        why += [f"more than {100 * max_uncovered:.0f} % of traffic is uncovered"] if found["uncovered_share"] > max_uncovered else []
        told = sentence(found, is_frozen=name in tagged) + (f" Stale because {' and '.join(why)}." if why else "")
        rows.append({"week": week, "version": name, **found, "n_traffic": len(traffic), "is_stale": bool(why), "sentence": told})
    return TABLES["eval_sets/staleness"].rows(rows)


def staleness(items: Sequence[str], traffic: Sequence[str], far: np.ndarray) -> dict[str, float]:
    """Effective sample size, uncovered share and Jensen-Shannon distance of a version.

    ESS = (sum r)^2 / sum r^2 with r the density ratio traffic/version of each item's stratum (Kish 1965).

    Args:
        items: stratum of each item.
        traffic: stratum of each conversation.
        far: whether a conversation is far from every stratum.
    """
    strata = sorted({*items, *traffic})
    p = _shares(traffic, strata)
    q = _shares(items, strata)
    place = {s: i for i, s in enumerate(strata)}
    ratio = np.array([p[place[s]] / q[place[s]] for s in items])
    squares = float((ratio**2).sum()) if len(ratio) else 0.0
    ess = float(ratio.sum()) ** 2 / squares if squares else 0.0
    counts = Counter(items)
    lost = np.array([counts[s] < _MIN_ITEMS for s in traffic], dtype=bool) | np.asarray(far, dtype=bool)
    return {
        "n_items": len(items),
        "ess": ess,
        "ess_rate": min(ess / len(items), 1.0) if items else 0.0,
        "uncovered_share": float(lost.mean()) if len(lost) else 0.0,
        "js_distance": jensen_shannon(p, q),
    }


def jensen_shannon(p: np.ndarray, q: np.ndarray) -> float:
    """Square root of the Jensen-Shannon divergence in bits: 0 for equal shares, 1 for disjoint ones (Endres & Schindelin 2003)."""
    middle = (p + q) / 2
    divergence = (_divergence(p, middle) + _divergence(q, middle)) / 2
    return float(np.sqrt(np.clip(divergence, 0, 1)))


def sentence(found: Mapping[str, float], *, is_frozen: bool) -> str:
    """The finding as it is shown."""
    kind = "frozen" if is_frozen else "living"
    return (
        f"Your {found['n_items']:.0f} {kind} items are worth ESS = {found['ess']:.0f} of this week's production; "
        f"{100 * found['uncovered_share']:.0f} % of traffic has no eval item."
    )


def _shares(values: Sequence[str], strata: Sequence[str]) -> np.ndarray:
    counts = np.array([0.0] * len(strata))
    index = {s: i for i, s in enumerate(strata)}
    np.add.at(counts, [index[v] for v in values], 1.0)
    return counts / max(len(values), 1)


def _divergence(p: np.ndarray, q: np.ndarray) -> float:
    inside = p > 0
    return float((p[inside] * np.log2(p[inside] / q[inside])).sum())
