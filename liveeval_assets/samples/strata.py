"""Strata: fitted once on the first week, then only added to, when enough traffic is far from all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from liveeval_assets.samples.clusters import best_kmeans, held_out_distances, nearest, radii, spherical_kmeans
from liveeval_assets.samples.embed import to_matrix, to_vectors
from liveeval_assets.samples.naming import stratum_names
from liveeval_assets.tables import TABLES

STRATIFICATION = "s1"
_MIN_PER_STRATUM = 12  # items of the first week per stratum that is fitted
_FAR_LOWER = 0.02  # the far share's lower confidence bound must be above this
_LARGE = 2.0  # a far share this many times the threshold gives birth in its first week
_MIN_BIRTH = 8  # far items that make a stratum
_MOST_BIRTHS = 3
_TIGHT = 1.25  # a newborn's radius may be this many times the widest radius there is


@dataclass(frozen=True)
class Traffic:
    """Embedded questions of one or more weeks: vectors (n, dimensions), and texts, users and weeks of length n."""

    vectors: np.ndarray
    texts: Sequence[str]
    users: Sequence[str]
    weeks: np.ndarray

    def of(self, keep: np.ndarray) -> Traffic:
        """The rows where `keep` is true."""
        rows = np.flatnonzero(keep)
        return Traffic(self.vectors[rows], [self.texts[int(i)] for i in rows], [self.users[int(i)] for i in rows], self.weeks[rows])


def born(embedded: pa.Table, anonymised: pa.Table, past: pa.Table, k: int, far_share: float, week: date) -> pa.Table:
    """Rows of samples/strata born in `week`: all of them in the first week, later only where far traffic asks for it.

    Args:
        embedded: rows of the weeks up to `week` that are at hand (at least the week before).
        anonymised: the same conversations.
        past: strata born before `week`; empty in the first week.
        k: strata to fit in the first week.
        far_share: share of far items that gives birth.
        week: the week of the run.
    """
    traffic = _traffic(embedded, anonymised)
    if not past.num_rows:
        return _first(traffic.of(traffic.weeks == np.datetime64(week)), k, week)
    past = past.sort_by("stratum_id")
    centroids, radius = to_matrix(past.column("centroid")), past.column("radius").to_numpy()
    index, distance = nearest(traffic.vectors, centroids) if len(traffic.texts) else (np.zeros(0, int), np.zeros(0))
    far = distance > radius[index]
    pool = _birth_pool(traffic, far, far_share, week)
    if pool is None:
        return TABLES["samples/strata"].empty()
    return _births(pool, traffic, centroids, float(radius.max()), past, week)


def _first(traffic: Traffic, k: int, week: date) -> pa.Table:
    n = len(traffic.texts)
    if not n:
        return TABLES["samples/strata"].empty()
    centroids = spherical_kmeans(traffic.vectors, max(1, min(k, n // _MIN_PER_STRATUM)))
    labels, _ = nearest(traffic.vectors, centroids)
    radius = radii(labels, held_out_distances(traffic.vectors, labels, len(centroids)), len(centroids))
    names = stratum_names(traffic.texts, traffic.users, labels, len(centroids))
    return _rows(centroids, names, radius, labels, STRATIFICATION, [None] * len(centroids), week)


def _birth_pool(traffic: Traffic, far: np.ndarray, far_share: float, week: date) -> Traffic | None:
    """Far items that give birth now: of this and the last week where both are far, or of a very far week alone."""
    now = traffic.weeks == np.datetime64(week)
    before = traffic.weeks == np.datetime64(week - timedelta(days=7))
    if not _is_far(far[now], far_share):
        return None
    if _is_far(far[before], far_share):
        return traffic.of(far & (now | before))
    return traffic.of(far & now) if _is_far(far[now], _LARGE * far_share) else None


def _is_far(far: np.ndarray, far_share: float) -> bool:
    """Whether the far share is above the threshold and its 95 % lower bound (Clopper-Pearson) above 2 %."""
    n, x = len(far), int(far.sum())
    from scipy.stats import beta

    return bool(x) and x / n > far_share and float(beta.ppf(0.05, x, n - x + 1)) > _FAR_LOWER


def _births(pool: Traffic, traffic: Traffic, centroids: np.ndarray, widest: float, past: pa.Table, week: date) -> pa.Table:
    if len(pool.texts) < _MIN_BIRTH:
        return TABLES["samples/strata"].empty()
    found = best_kmeans(pool.vectors, _MOST_BIRTHS)
    labels, _ = nearest(pool.vectors, found)
    radius = radii(labels, held_out_distances(pool.vectors, labels, len(found)), len(found))
    sizes = np.bincount(labels, minlength=len(found))
    keep = np.flatnonzero((sizes >= _MIN_BIRTH) & (radius <= _TIGHT * widest))
    if not len(keep):
        return TABLES["samples/strata"].empty()
    place = np.full(len(found), -1)
    place[keep] = np.arange(len(keep))
    background = traffic.of(traffic.weeks == np.datetime64(week))
    names = stratum_names(
        [*pool.texts, *background.texts], [*pool.users, *background.users], np.r_[place[labels], np.full(len(background.texts), -1)], len(keep)
    )
    parents, _ = nearest(found[keep], centroids)
    ids = past.column("stratum_id").to_pylist()
    # with the week in its id, a stratum of a week whose export came late takes nobody else's
    return _rows(found[keep], names, radius[keep], place[labels][place[labels] >= 0], f"{STRATIFICATION}-{week:%y%m%d}", [ids[p] for p in parents], week)


def _rows(
    centroids: np.ndarray, names: Sequence[str], radius: np.ndarray, labels: np.ndarray, prefix: str, parents: Sequence[str | None], week: date
) -> pa.Table:
    k = len(centroids)
    sizes = np.maximum(np.bincount(labels, minlength=k), 1)
    spec = TABLES["samples/strata"]
    columns = {
        "week": pa.array([week] * k, pa.date32()),
        "stratification": pa.array([STRATIFICATION] * k, pa.string()),
        "stratum_id": pa.array([f"{prefix}-{j:02d}" for j in range(k)], pa.string()),
        "name": pa.array(names, pa.string()),
        "centroid": to_vectors(centroids),
        "radius": pa.array(radius, pa.float64()),
        "parent_id": pa.array(parents, pa.string()),
        "n_training": pa.array(sizes, pa.int64()),
    }
    return pa.table(columns, schema=spec.schema)


def _traffic(embedded: pa.Table, anonymised: pa.Table) -> Traffic:
    """Rows joined by conversation, in the order of their ids: a fit must not depend on the order of rows."""
    texts = anonymised.select(["week", "conversation_id", "question", "user_key"])
    joined = embedded.select(["week", "conversation_id"]).append_column("row", pa.array(range(embedded.num_rows), pa.int64()))
    joined = joined.join(texts, ["week", "conversation_id"], join_type="inner").sort_by([("week", "ascending"), ("conversation_id", "ascending")])
    return Traffic(
        to_matrix(embedded.column("vector"))[joined.column("row").to_numpy()],
        joined.column("question").to_pylist(),
        joined.column("user_key").to_pylist(),
        np.asarray(joined.column("week").to_pylist(), dtype="datetime64[D]"),
    )
