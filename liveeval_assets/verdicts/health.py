"""How far each judge and refuter can be trusted: position, consistency, length, null answers, catches and false kills."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from liveeval_assets.verdicts.tables import JUDGE_HEALTH

_Z = 1.959963984540054
_MIN_LABELLED = 20  # labelled passes of either truth, below which the planted controls speak
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """An estimate with its 95 % interval over n cases."""

    estimate: float | None
    lo: float | None
    hi: float | None
    n: int


# an alarm needs the whole interval beyond the threshold: one bad week in a small sample is no news
_ALARMS = {
    "position_delta": lambda m: max(m.lo, -m.hi) > 0.03,
    "consistency_rate": lambda m: m.hi < 0.80,
    "unscored_rate": lambda m: m.lo > 0.05,
    "null_pass_rate": lambda m: m.lo > 0,
    "void_rate": lambda m: m.lo > 0.30,
    "catch_rate": lambda m: m.hi < 0.50,
    "false_kill_rate": lambda m: m.lo > 0.20,
}
_UNKNOWN = Measure(None, None, None, 0)


def health(judged: pa.Table, refutations: pa.Table, audited: pa.Table, controls: pa.Table, answers: pa.Table, labels: pa.Table, week: date) -> pa.Table:
    """Every measure of every model that judged or attacked.

    `judged` and `answers` are the week's; the other tables hold the settings' window of weeks up to it, because catches
    and false kills are rare.
    """
    rows = []
    lengths = {(r["version"], r["item_id"], r["release_id"], r["mode"]): r["n_characters"] for r in answers.to_pylist()}
    nulls = {r["control_id"] for r in controls.to_pylist() if r["kind"] == "null_answer"}
    for (model, role), grades in _by_model(judged).items():
        rows += [_row(model, role, name, m, week) for name, m in _judge_measures(grades, lengths, nulls).items()]
    for model in sorted(set(refutations["refuter"].to_pylist())):
        mine = [r for r in refutations.to_pylist() if r["refuter"] == model]
        rows += [_row(model, "refuter", name, m, week) for name, m in _refuter_measures(mine, audited, controls, labels, week).items()]
    return JUDGE_HEALTH.rows(rows)


def wilson(hits: int, n: int) -> Measure:
    """Share with Wilson's 95 % interval."""
    if n == 0:
        return _UNKNOWN
    p, shrink = hits / n, 1 + _Z**2 / n
    centre = (p + _Z**2 / (2 * n)) / shrink
    half = _Z * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n)) / shrink
    return Measure(p, 0.0 if hits == 0 else max(0.0, centre - half), 1.0 if hits == n else min(1.0, centre + half), n)


def mean(values: np.ndarray) -> Measure:
    """Mean with its normal 95 % interval; null below two values."""
    if len(values) < 2:
        return Measure(None, None, None, len(values))
    centre, half = float(values.mean()), _Z * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Measure(centre, centre - half, centre + half, len(values))


def slope(y: np.ndarray, x: np.ndarray) -> Measure:
    """Least-squares slope of y per standard deviation of x, with a heteroskedasticity-robust interval (HC1)."""
    n = len(y)
    if n < 10 or x.std() == 0:
        return Measure(None, None, None, n)
    z = (x - x.mean()) / x.std()
    b = float(z @ (y - y.mean())) / n
    left = y - y.mean() - b * z
    half = _Z * math.sqrt(float((z * left) @ (z * left)) / n**2 * n / (n - 2))
    return Measure(b, b - half, b + half, n)


def weighted_rate(hits: np.ndarray, weights: np.ndarray) -> Measure:
    """Ratio estimate sum(w h) / sum(w) with its linearised interval; weights may be negative for single cases."""
    total = float(weights.sum())
    if total <= 0:
        return _UNKNOWN
    rate = float(weights @ hits) / total
    half = _Z * math.sqrt(float(((weights * (hits - rate)) ** 2).sum())) / total
    return Measure(rate, rate - half, rate + half, len(hits))


def _judge_measures(rows: list[Row], lengths: Mapping[tuple[str, str, str, str], int | None], nulls: set[str]) -> dict[str, Measure]:
    items = [r for r in rows if r["unit"] == "item"]
    scored = [r for r in items if r["status"] == "scored"]
    first, second = (np.array([r[name] for r in scored], dtype=float) for name in ("first", "second"))
    sized = [(r, n) for r in scored if (n := lengths.get((r["version"], r["item_id"], r["release_id"], r["mode"])))]
    judged_nulls = [r for r in rows if r["unit"] == "control" and r["item_id"] in nulls and r["status"] == "scored"]
    return {
        # half the mean difference between the orders: what being named first is worth
        "position_delta": mean((first - second) / 2),
        "consistency_rate": wilson(int((first == second).sum()), len(scored)),
        "unscored_rate": wilson(len(items) - len(scored), len(items)),
        "pass_rate": wilson(sum(r["verdict"] == "pass" for r in scored), len(scored)),
        "length_slope": slope(np.array([(r["first"] + r["second"]) / 2 for r, _ in sized]), np.log([n for _, n in sized])),
        "null_pass_rate": wilson(sum(r["verdict"] == "pass" for r in judged_nulls), len(judged_nulls)),
    }


def _refuter_measures(rows: list[Row], audited: pa.Table, controls: pa.Table, labels: pa.Table, week: date) -> dict[str, Measure]:
    new = [r for r in rows if r["unit"] == "item" and r["week"] == week]
    answered = [r for r in new if r["status"] != "unscored"]
    mine = {_key(r) for r in rows}
    attacked = [r for r in audited.to_pylist() if r["Z1"] is not None and _key(r) in mine]
    catch, false_kill = _natural(attacked, labels)
    seeded_catch, seeded_kill = _seeded(attacked, controls)
    return {
        "refuted_rate": wilson(sum(bool(r["is_refuted"]) for r in answered), len(answered)),
        "void_rate": wilson(sum(r["status"] == "void" for r in answered), len(answered)),
        "unscored_rate": wilson(len(new) - len(answered), len(new)),
        "catch_rate": catch if catch.n else seeded_catch,
        "false_kill_rate": false_kill if false_kill.n else seeded_kill,
    }


def _natural(attacked: Iterable[Row], labels: pa.Table) -> tuple[Measure, Measure]:
    """Catch and false-kill rates over labelled passes: the errors that slip past a judge are not those one plants.

    The label's unbiased q weighs a pass as good and 1 - q as bad, each over its probability of being labelled, so that
    raters' errors do not pass for the refuter's.
    """
    known = {(r["version"], r["item_id"], r["release_id"], r["mode"]): (r["q"], r["label_probability"], r["y"]) for r in labels.to_pylist()}
    found = [(r["Z1"], *known[key]) for r in attacked if (key := (r["version"], r["item_id"], r["release_id"], r["mode"])) in known]
    z, q, pi, y = (np.array(column, dtype=float) for column in zip(*found, strict=True)) if found else (np.zeros(0),) * 4
    n_bad, n_good = int((y == 0).sum()), int((y == 1).sum())
    catch = weighted_rate(z, (1 - q) / pi) if n_bad >= _MIN_LABELLED else _UNKNOWN
    return catch, weighted_rate(z, q / pi) if n_good >= _MIN_LABELLED else _UNKNOWN


def _seeded(attacked: Iterable[Row], controls: pa.Table) -> tuple[Measure, Measure]:
    """Catch and false-kill rates over planted controls that the panel passed."""
    kinds = {r["control_id"]: r["kind"] for r in controls.to_pylist()}
    planted = [(kinds[r["item_id"]], r["Z1"]) for r in attacked if r["unit"] == "control" and r["item_id"] in kinds]
    bad = [z for kind, z in planted if kind != "known_good"]
    good = [z for kind, z in planted if kind == "known_good"]
    return wilson(int(sum(bad)), len(bad)), wilson(int(sum(good)), len(good))


def _by_model(judged: pa.Table) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in judged.to_pylist():
        if row["task"] == "grade":
            found.setdefault((row["judge"], row["judge_role"]), []).append(row)
    return dict(sorted(found.items()))


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("unit", "version", "item_id", "release_id", "mode"))


def _row(model: str, role: str, name: str, m: Measure, week: date) -> dict[str, Any]:
    alarm = name in _ALARMS and m.lo is not None and m.hi is not None and _ALARMS[name](m)
    return {"model": model, "role": role, "measure": name, "estimate": m.estimate, "lo": m.lo, "hi": m.hi, "n": m.n, "is_alarm": alarm, "week": week}
