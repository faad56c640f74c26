"""Worlds of the gap whose every component is known: drawn parameters, the true ladder, and a sample of units.

The truth is a sum over strata and a fine grid of the latent normals; it never looks at a sample, except for which strata
have items enough to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
from scipy.stats import norm

from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
WEEK = date(2026, 6, 1)
RELEASES = ("r1", "r2", "r3", "r4")
IS_KIN = np.array([0.0, 0.0, 1.0, 1.0])
LENGTH_SHIFT = np.array([-0.3, -0.15, 0.0, 0.15])
LEAK_FACTOR = np.array([0.5, 0.75, 1.0, 1.0])
K = 8
N_GRID = 1001
GRID = norm.ppf((np.arange(N_GRID) + 0.5) / N_GRID)
LOGIT_SCALE = 0.165
"""Mean p(1 - p) of the judge: turns an effect on the probability into one on the logit."""
RUNGS = {
    "position": ("t0", "t1"),
    "verbosity": ("t1", "t2"),
    "self_pref": ("t2", "t3"),
    "false_pass": ("t3", "t4"),
    "false_fail": ("t4", "t5"),
    "contamination": ("t5", "t6"),
    "mix": ("t6", "t7"),
    "within": ("t7", "t7b"),
    "uncovered": ("t7b", "t8"),
    "construct": ("t8", "t9"),
    "selection": ("t9", "t10"),
    "gap": ("t0", "t10"),
}


@dataclass(frozen=True)
class Size:
    """Items per set and release, traces per release with traffic, mean label probability."""

    items: int = 800
    traces: int = 20_000
    label_rate: float = 0.25
    with_traffic: tuple[str, ...] = ("r1", "r3")


@dataclass(frozen=True)
class World:
    """Parameters; arrays are per stratum (K,) or per release (4,)."""

    p_eval: np.ndarray
    p_prod: np.ndarray
    mu: np.ndarray
    leak: np.ndarray
    drift: np.ndarray
    effect: np.ndarray
    dQ: float
    uplift: float
    bP: float
    bV: float
    bF: float
    a0: float
    a1: float
    length: float
    outcome: tuple[float, float, float] = (0.15, 0.6, 0.06)
    cu: float = 0.5
    cs: float = 0.15
    is_logit: bool = False
    label_plan: str = "uniform"
    flips: float = 0.0

    def quality(self, stratum: np.ndarray, release: int, ell: np.ndarray, leaked: np.ndarray, *, is_living: bool) -> np.ndarray:
        """P(good answer)."""
        found = self.mu[stratum] + self.effect[release] + self.dQ * ell + self.uplift * leaked - self.drift[stratum] * is_living
        return np.clip(found, 0.02, 0.98)

    def judge(self, q: np.ndarray | float, ell: np.ndarray | float, f: float, order: float) -> np.ndarray:
        """P(the naive judge passes); order is +1 (pass option first), -1, or 0 for neither."""
        push = order * self.bP + self.bV * ell + self.bF * f
        if self.is_logit:
            low, high = np.log(self.a0 / (1 - self.a0)), np.log(self.a1 / (1 - self.a1))
            return np.asarray(1 / (1 + np.exp(-(low + (high - low) * q + push / LOGIT_SCALE))))
        return np.clip(self.a0 + (self.a1 - self.a0) * q + push, 0, 1)

    def ell(self, release: int, z: np.ndarray) -> np.ndarray:
        """Length exposure of a standard normal."""
        return np.clip(self.length + LENGTH_SHIFT[release] + 0.7 * z, -1.2, 2.2)

    def good(self, q: np.ndarray, u: np.ndarray) -> np.ndarray:
        """P(good outcome) given quality and the user."""
        return np.clip(self.outcome[0] + self.outcome[1] * q + self.outcome[2] * u, 0, 1)

    def answers(self, stratum: np.ndarray, u: np.ndarray) -> np.ndarray:
        """P(the user gives the outcome)."""
        return np.asarray(1 / (1 + np.exp(-(-1 + self.cu * u + self.cs * (stratum - 3.5)))))


def draw_world(seed: int, variant: str = "linear") -> World:
    """A world of one of the variants: linear, logit, null, informative, noisy, long (5 points of verbosity), leaky (5 of contamination)."""
    g = np.random.default_rng([seed, 1])
    p_eval, p_prod = g.dirichlet(np.full(K, 6.0)), g.dirichlet(np.full(K, 6.0))
    world = World(
        p_eval=p_eval,
        p_prod=p_prod,
        mu=g.uniform(0.4, 0.75, K),
        leak=g.uniform(0, 0.5, K),
        drift=g.uniform(0, 0.08, K),
        effect=g.normal(0, 0.015, 4),
        dQ=g.uniform(0, 0.06),
        uplift=g.uniform(0.05, 0.2),
        bP=g.uniform(0, 0.06),
        bV=g.uniform(0, 0.07),
        bF=g.uniform(0, 0.07),
        a0=g.uniform(0.12, 0.2),
        a1=g.uniform(0.74, 0.8),
        length=g.uniform(0.2, 0.8),
        cu=g.uniform(0.3, 0.9),
    )
    if variant == "null":
        none = {"dQ": 0.0, "uplift": 0.0, "bP": 0.0, "bV": 0.0, "bF": 0.0, "cu": 0.0, "cs": 0.0}
        return replace(world, **none, p_prod=p_eval, drift=np.zeros(K), effect=np.zeros(4), outcome=(0.0, 1.0, 0.0))
    changes: dict[str, dict[str, object]] = {"logit": {"is_logit": True}, "informative": {"label_plan": "informative"}, "noisy": {"flips": 0.05}}
    changes["long"] = {"bV": 0.05 / float(world.ell(2, GRID).mean())}
    changes["leaky"] = {"uplift": 0.05 / float(p_eval @ world.leak)}
    return replace(world, **changes.get(variant, {}))


def truth(world: World, release: str, covered: np.ndarray | None = None) -> dict[str, float]:
    """True components of a release's level. covered: the strata (K,) with items enough, default all."""
    r = RELEASES.index(release)
    inside = np.ones(K, dtype=bool) if covered is None else covered
    s, ell = np.arange(K)[:, None], world.ell(r, GRID)[None, :]
    leak = (world.leak * LEAK_FACTOR[r])[:, None]
    clean, leaked = (world.quality(s, r, ell, np.array(c), is_living=False) for c in (0.0, 1.0))
    q_set = (1 - leak) * clean + leak * leaked
    q_now = world.quality(s, r, ell, np.array(0.0), is_living=True)
    f = float(IS_KIN[r])

    def evaluated(passes: dict[float, np.ndarray]) -> float:
        return float(world.p_eval @ (q_set * passes[1.0] + (1 - q_set) * passes[0.0]).mean(axis=1))

    orders = {o: {q: world.judge(q, ell, f, o) for q in (0.0, 1.0)} for o in (1.0, -1.0)}
    level = {o: {q: (world.judge(q, e, k, 1.0) + world.judge(q, e, k, -1.0)) / 2 for q in (0.0, 1.0)} for o, e, k in (("f", 0.0, f), ("none", 0.0, 0.0))}
    eval_in, prod_in = world.p_eval * inside / (world.p_eval @ inside), world.p_prod * inside / (world.p_prod @ inside)
    t = {"t0": evaluated(orders[1.0]), "t1": (evaluated(orders[1.0]) + evaluated(orders[-1.0])) / 2}
    t |= {"t2": evaluated(level["f"]), "t3": evaluated(level["none"])}
    t["t5"] = float(world.p_eval @ q_set.mean(axis=1))
    t["t4"] = t["t3"] - float(level["none"][0.0]) * (1 - t["t5"])
    t |= {"t6": float(eval_in @ clean.mean(axis=1)), "t7": float(prod_in @ clean.mean(axis=1))}
    t |= {"t7b": float(prod_in @ q_now.mean(axis=1)), "t8": float(world.p_prod @ q_now.mean(axis=1))}
    t["t9"], t["t10"] = _outcomes(world, q_now.mean(axis=1))
    return {name: t[a] - t[b] for name, (a, b) in RUNGS.items()}


def _outcomes(world: World, quality: np.ndarray) -> tuple[float, float]:
    """(mean outcome of all traffic, of those who answer): the outcome is linear in Q, which is 0 or 1."""
    u = GRID[None, :]
    y = quality[:, None] * world.good(np.array(1.0), u) + (1 - quality[:, None]) * world.good(np.array(0.0), u)
    seen = world.answers(np.arange(K)[:, None], u)
    return float(world.p_prod @ y.mean(axis=1)), float(world.p_prod @ (y * seen).mean(axis=1) / (world.p_prod @ seen.mean(axis=1)))


def sample(world: World, seed: int, size: Size) -> pa.Table:
    """Units of all four releases, as scorecards/item_scores before the models: m, psi, propensity, mu are null."""
    g = np.random.default_rng([seed, 2])
    parts = []
    stratum = g.choice(K, size.items, p=world.p_eval)
    shared = g.random((4, size.items))
    pull = np.sqrt(world.p_prod) / np.sqrt(world.p_prod).sum()
    se_sp = np.clip(1 - world.flips + g.normal(0, 0.015, 2) * (world.flips > 0), 0, 1)
    for r, name in enumerate(RELEASES):
        own = g.random((4, size.items))
        # two answers to a question are alike in seven cases of ten
        latent = np.where(g.random((4, size.items)) < 0.7, shared, own)
        latent[2:] = shared[2:]
        ids = np.array([f"frozen-{i}" for i in range(size.items)])
        leaked = (latent[2] < world.leak[stratum] * LEAK_FACTOR[r]).astype(float)
        items = _items(world, g, r, stratum, latent, leaked, "frozen", size, se_sp)
        parts.append({**items, "unit_id": ids, "cluster": ids, "weight": np.ones(size.items), "release_id": np.full(size.items, name)})
        now = g.choice(K, size.items, p=pull)
        ids = np.array([f"living-{name}-{i}" for i in range(size.items)])
        items = _items(world, g, r, now, g.random((4, size.items)), np.zeros(size.items), "living", size, se_sp)
        weight = (world.p_prod / pull)[now]
        parts.append({**items, "unit_id": ids, "cluster": ids, "weight": weight, "release_id": np.full(size.items, name)})
        if name in size.with_traffic:
            parts.append(_traffic(world, g, r, size.traces))
    return _table(parts)


def _items(
    world: World,
    g: np.random.Generator,
    r: int,
    stratum: np.ndarray,
    latent: np.ndarray,
    leaked: np.ndarray,
    population: str,
    size: Size,
    se_sp: np.ndarray,
) -> dict[str, np.ndarray]:
    """Answers, both orders, panel, refuter and labels. latent: uniforms of length, quality, leak, label; shape (4, n)."""
    n, f = len(stratum), float(IS_KIN[r])
    ell = world.ell(r, norm.ppf(np.clip(latent[0], 1e-12, 1 - 1e-12)))
    q = (latent[1] < world.quality(stratum, r, ell, leaked, is_living=population == "living")).astype(float)
    J1, J2 = ((g.random(n) < world.judge(q, ell, f, order)).astype(float) for order in (1.0, -1.0))
    V = (g.random((2, n)) < np.where(q == 1, 0.85, 0.12)).mean(axis=0)
    Z1 = np.where(V == 1, (g.random(n) < np.where(q == 1, 0.08, 0.75)).astype(float), np.nan)
    pi = np.full(n, size.label_rate)
    if world.label_plan == "informative":
        pull = np.where(J1 != J2, 4.0, 1.0)
        pi = np.minimum(size.label_rate * pull / pull.mean(), 1.0)
    is_labelled = latent[3] < pi
    y = np.where(g.random(n) < world.flips, 1 - q, q)
    rated = np.where(is_labelled, y, np.nan)
    errors = np.where(is_labelled & (world.flips > 0), 1.0, np.nan)
    return {
        "population": np.full(n, population),
        "stratum_id": np.array([f"s{k}" for k in range(K)])[stratum],
        "split": np.full(n, "sealed"),
        "J1": J1,
        "J2": J2,
        "V": V,
        "Z1": Z1,
        "ell": ell,
        "f": np.full(n, f),
        "contaminated": leaked,
        "label": (rated - (1 - se_sp[1])) / (se_sp.sum() - 1),
        "label_y": rated,
        "label_probability": pi,
        "sensitivity": errors * se_sp[0],
        "specificity": errors * se_sp[1],
        "sensitivity_se": errors * 0.015,
        "specificity_se": errors * 0.015,
    }


def _traffic(world: World, g: np.random.Generator, r: int, n: int) -> dict[str, np.ndarray]:
    name = RELEASES[r]
    stratum, u = g.choice(K, n, p=world.p_prod), g.normal(size=n)
    ell = world.ell(r, g.normal(size=n))
    q = (g.random(n) < world.quality(stratum, r, ell, np.zeros(n), is_living=True)).astype(float)
    y = (g.random(n) < world.good(q, u)).astype(float)
    seen = g.random(n) < world.answers(stratum, u)
    ids = np.array([f"trace-{name}-{i}" for i in range(n)])
    return {
        "population": np.full(n, "traffic"),
        "release_id": np.full(n, name),
        "unit_id": ids,
        "cluster": ids,
        "stratum_id": np.array([f"s{k}" for k in range(K)])[stratum],
        "split": np.full(n, ""),
        "weight": np.ones(n),
        "y": np.where(seen, y, np.nan),
        "observed": seen.astype(float),
        "covariates": u,
    }


def _table(parts: list[dict[str, np.ndarray]]) -> pa.Table:
    tables = []
    for part in parts:
        n = len(part["unit_id"])
        columns = {"week": [WEEK] * n, "unit_week": [WEEK] * n, **part}
        if "covariates" in columns:
            columns["covariates"] = [[v] for v in part["covariates"]]
        arrays = [pa.array(columns[c.name], c.type, from_pandas=True) if c.name in columns else pa.nulls(n, c.type) for c in ITEM_SCORES.schema]
        tables.append(pa.table(arrays, schema=ITEM_SCORES.schema))
    return pa.concat_tables(tables).combine_chunks()


def covered_strata(table: pa.Table, release: str, least: int = 5) -> np.ndarray:
    """Strata with at least `least` clean frozen and living items: a matter of counts, not of what they show."""
    population, names = np.asarray(table["population"].to_pylist()), np.asarray(table["release_id"].to_pylist())
    stratum = np.asarray(table["stratum_id"].to_pylist())
    clean = table["contaminated"].to_numpy(zero_copy_only=False) != 1
    mine = names == release
    return np.array([all(int((mine & clean & (population == p) & (stratum == f"s{k}")).sum()) >= least for p in ("frozen", "living")) for k in range(K)])
