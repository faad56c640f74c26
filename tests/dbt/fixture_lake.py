"""A small home with a lake as the stages would leave it: two releases, a few strata, every table that marts and page read.

The numbers are made from seeded hashes; only their form matters. Written through the lake and the catalogue as runs do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pyarrow as pa

from liveeval_assets.runtime.catalogue import Entry
from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.hashing import digest, table_hash, uniform
from liveeval_assets.tables import TABLES

WEEKS = (date(2026, 6, 1), date(2026, 6, 8))
RELEASES = ("r1", "r2")
STRATA = {"s1": "refund card", "s2": "parcel late", "s3": "password reset", "s4": "<script>alert(1)</script>"}
GROWTH = {
    "position": 0.01,
    "verbosity": 0.04,
    "self_pref": None,
    "false_pass": 0.02,
    "false_fail": -0.01,
    "contamination": 0.05,
    "mix": 0.002,
    "within": 0.01,
    "construct": -0.004,
    "selection": 0.003,
    "uncovered": 0.0,
    "not_identified": 0.0,
}
BAR_OF = dict.fromkeys(("position", "verbosity", "self_pref", "false_pass", "false_fail"), "judge")
BAR_OF |= dict.fromkeys(("contamination", "mix", "within", "uncovered"), "test_set")
BAR_OF |= {name: name for name in ("construct", "selection", "not_identified", "gap")}
SECRET = "my card is 4556 and my name is Ada"  # noqa: S105 (a text that must not travel, no password)
_SETTINGS = """product: a support assistant
seed: 7
clock:
  first_week: 2026-06-01
  last_week: 2026-06-08
  as_of: 2026-06-23T12:00:00Z
"""

Rows = list[dict[str, object]]


def make_home(path: Path, weeks: Iterable[date] = WEEKS) -> Home:
    """A fresh home at `path` with the given weeks."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "liveeval.yaml").write_text(_SETTINGS, "utf-8")
    home = Home(path)
    for week in weeks:
        write_week(home, week)
    return home


def write_week(home: Home, week: date, lift: float = 0.0) -> None:
    """Every table of a week; `lift` changes its scores."""
    release = RELEASES[0] if week < WEEKS[1] else RELEASES[1]
    rows = {
        "releases/registry": _registry(week),
        "traces/conversations": _conversations(week, release),
        "traces/quarantine": [{"file": "traces.jsonl", "line": 3, "part": 0, "reason": "not_json", "n_bytes": 9, "n_records": 1}],
        "outcomes/matured": _matured(week, release),
        "samples/strata": _strata(week),
        "samples/assigned": _assigned(week, release),
        "samples/drawn": _drawn(week, release),
        "eval_sets/versions": _versions(week, release),
        "eval_sets/staleness": _staleness(week),
        "verdicts/judged": _judged(week, release),
        "verdicts/audited": _audited(week, release),
        "verdicts/judge_health": _health(),
        "scorecards/scores": _scores(week, lift),
        "scorecards/gap": _gap(week),
    }
    for path, found in rows.items():
        write_rows(home, path, week, found)
    home.catalogue.flush()


def write_rows(home: Home, path: str, week: date, rows: Rows) -> None:
    """Replace a week of a table and note it, as a run does."""
    spec = TABLES[path]
    table: pa.Table = spec.rows([{"week": week, **r} for r in rows])
    content = table_hash(table, key=spec.key, skip=spec.volatile)
    entry = Entry(path, week, 0, content, table.num_rows, "fixture", "fixture", {}, {})
    home.catalogue.record(Entry.of(entry.note(), home.lake.write(spec, week, table, entry.note())))


def _number(*parts: object) -> float:
    return uniform(7, "fixture", *parts)


def _registry(week: date) -> Rows:
    return [
        {
            "release_id": release,
            "family": "borealis" if release == "r1" else "aster",
            "model": f"model-{release}",
            "prompt_hash": digest(release),
            "deployed_at": datetime(first.year, first.month, first.day, tzinfo=UTC),
            "training_cutoff": date(2026, 1, 1),
            "traffic": "staged",
            "answers_by": "endpoint",
            "answers_at": f"model-{release}",
            "is_reference": release == "r1",
        }
        for release, first in zip(RELEASES, WEEKS, strict=True)
        if first == week
    ]


def _ids(week: date) -> list[str]:
    return [digest("conversation", week, i) for i in range(80)]


def _stratum(conversation: str) -> str:
    return list(STRATA)[int(_number("stratum", conversation) * len(STRATA))]


def _conversations(week: date, release: str) -> Rows:
    at = datetime(week.year, week.month, week.day, tzinfo=UTC) + timedelta(days=5)
    messages = [{"role": "user", "text": SECRET, "tool_calls": ""}]
    return [
        {
            "conversation_id": c,
            "source": "chat",
            "release_id": release,
            "user_key": digest("user", i // 2),
            "started_at": at,
            "ended_at": at + timedelta(minutes=4),
            "messages": messages,
            "known_entities": ["Ada"],
            "n_records": 1,
            "read_probability": 1.0,
            "attributes": "{}",
        }
        for i, c in enumerate(_ids(week))
    ]


def _matured(week: date, release: str) -> Rows:
    at = datetime(week.year, week.month, week.day, tzinfo=UTC) + timedelta(days=10)
    rows: Rows = []
    for c in _ids(week):
        status = "observed" if _number("seen", c) < 0.6 else "missing"
        y = float(_number("y", c) < 0.58) if status == "observed" else None
        rows.append({"conversation_id": c, "release_id": release, "status": status, "is_mature": True, "y": y, "matured_at": at, "lag_days": None})
    return rows


def _strata(week: date) -> Rows:
    if week != WEEKS[0]:
        return []
    return [
        {"stratification": "v1", "stratum_id": s, "name": name, "centroid": [1.0, 0.0], "radius": 0.5, "parent_id": None, "n_training": 20}
        for s, name in STRATA.items()
    ]


def _assigned(week: date, release: str) -> Rows:
    return [
        {
            "conversation_id": c,
            "item_id": digest("item", c),
            "stratum_id": _stratum(c),
            "distance": 0.1,
            "is_far": False,
            "representative_id": c,
            "multiplicity": 1,
            "release_id": release,
            "user_key": digest("user", i // 2),
        }
        for i, c in enumerate(_ids(week))
    ]


def _drawn(week: date, release: str) -> Rows:
    ones = dict.fromkeys(("read_probability", "phase1_probability", "user_day_probability", "turn_probability"), 1.0)
    return [
        {
            "item_id": digest("item", c),
            "conversation_id": c,
            "stratum_id": _stratum(c),
            "release_id": release,
            "user_key": digest("user", i),
            "population_h": 20,
            "sample_h": 4,
            **ones,
            "draw_probability": 0.2,
            "probability": 0.2,
            "multiplicity": 1,
            "weight": 5.0,
        }
        for i, c in enumerate(_ids(week)[:16])
    ]


def _frozen() -> list[str]:
    return [digest("frozen", i) for i in range(20)]


def _items(week: date) -> list[tuple[str, str]]:
    return [("frozen", i) for i in _frozen()] + [(f"living-{week}", digest("item", c)) for c in _ids(week)[:16]]


def _versions(week: date, release: str) -> Rows:
    return [
        {
            "version": version,
            "role": version.split("-")[0],
            "item_id": item,
            "conversation_id": None,
            "release_id": release,
            "user_key": item,
            "stratum_id": list(STRATA)[i % 4],
            "history": [{"role": "user", "text": SECRET, "tool_calls": ""}],
            "question": SECRET,
            "split": "open" if i % 3 == 0 else "sealed",
            "split_probability": 0.3,
            "weight": 1.0,
            "status": "active",
            "provenance": "production",
            "item_hash": digest(item),
        }
        for i, (version, item) in enumerate(_items(week))
        if version != "frozen" or week == WEEKS[0]
    ]


def _staleness(week: date) -> Rows:
    common = {"n_items": 20, "ess": 14.0, "ess_rate": 0.7, "uncovered_share": 0.02, "js_distance": 0.1, "n_traffic": 80, "is_stale": False}
    sentence = "The frozen set is worth 14 of its 20 items this week; 2 % of traffic is not covered."
    return [{"version": "frozen", **common, "sentence": sentence}, {"version": f"living-{week}", **common, "sentence": "The living set is fresh."}]


def _judged(week: date, release: str) -> Rows:
    rows: Rows = []
    units = [("item", v, i, "logged" if v != "frozen" else "replayed") for v, i in _items(week)] + [("control", "controls", "c1", "planted")]
    for (unit, version, item, mode), (judge, role) in product(units, (("naive-judge", "naive"), ("panel-judge", "panel"))):
        first, second = (float(_number(o, judge, item, release) < 0.7) for o in (1, 2))
        verdict = "pass" if first + second == 2 else "split" if first + second == 1 else "fail"
        rows.append(
            {
                "unit": unit,
                "version": version,
                "item_id": item,
                "release_id": release,
                "baseline_release_id": "",
                "mode": mode,
                "judge": judge,
                "judge_role": role,
                "judge_family": "aster" if role == "naive" else "corvus",
                "task": "grade",
                "status": "scored",
                "verdict": verdict,
                "first": first,
                "second": second,
                "call_ids": ["a", "b"],
                "evaluator_version": "e1",
            }
        )
    # an answer of a release that nobody has listed
    return [*rows, {**rows[0], "release_id": "r9"}]


def _audited(week: date, release: str) -> Rows:
    return [
        {**{k: r[k] for k in ("unit", "version", "item_id", "release_id", "mode")}, "status": "survived", "Z1": 0.0, "n_refuters": 1}
        for r in _judged(week, release)
        if r["judge_role"] == "panel" and r["verdict"] == "pass"
    ]


def _health() -> Rows:
    measures = {"position_delta": 0.05, "consistency_rate": 0.9, "unscored_rate": 0.0, "null_pass_rate": None}
    return [
        {
            "model": model,
            "role": role,
            "measure": measure,
            "estimate": value,
            "lo": None if value is None else value - 0.02,
            "hi": None if value is None else value + 0.02,
            "n": 0 if value is None else 36,
            "is_alarm": measure == "position_delta" and role == "naive",
        }
        for (model, role), (measure, value) in product((("naive-judge", "naive"), ("panel-judge", "panel")), measures.items())
    ]


def live(week: date) -> list[str]:
    """Releases that a scorecard of the week knows."""
    return [r for r, first in zip(RELEASES, WEEKS, strict=True) if first <= week]


def interval(estimate: float | None, se: float) -> Mapping[str, object]:
    """Estimate, standard error and interval; all null when not identified."""
    if estimate is None:
        return {"estimate": None, "se": None, "lo": None, "hi": None}
    return {"estimate": estimate, "se": se, "lo": estimate - 1.96 * se, "hi": estimate + 1.96 * se}


def _scores(week: date, lift: float) -> Rows:
    measures = {"naive": ("frozen", 0.62), "corrected": ("living", 0.55), "north_star": ("traffic", 0.56)}
    rows: Rows = []
    for release, stratum, (measure, (population, level)) in product(live(week), ("ALL", *STRATA), measures.items()):
        growth = 0.1 if release == "r2" and measure == "naive" else 0.0
        wobble = 0.0 if stratum == "ALL" else 0.1 * (_number(stratum, measure) - 0.5)
        is_headline = measure == "corrected" and stratum == "ALL"
        rows.append(
            {
                "release_id": release,
                "stratum_id": stratum,
                "population": population,
                "measure": measure,
                **interval(level + growth + wobble + lift, 0.01 if stratum == "ALL" else 0.04),
                "n": 200 if stratum == "ALL" else 50,
                "n_labels": 200 if stratum == "ALL" else 50,
                "n_eff": 150.0,
                "method": "weighted mean",
                "failed_assumptions": ["outcome_mnar"] if measure == "north_star" else [],
                "is_headline": is_headline,
                "headline_reason": "200 labels, 60 needed" if is_headline else None,
                "status": "FINAL" if week == WEEKS[0] else "PROVISIONAL",
                "inputs": ["frozen 4c1d", f"living-{week} 77ab", "evaluator e1"],
            }
        )
    return rows


def _gap(week: date) -> Rows:
    rows: Rows = []
    for release, form in product(live(week), ("level", "growth")):
        if form == "growth" and release == "r1":
            continue
        total = sum(v for v in GROWTH.values() if v is not None)
        bars = {f"bar_{bar}": sum(v or 0.0 for c, v in GROWTH.items() if BAR_OF[c] == bar) for bar in ("judge", "test_set")}
        for component, value in {**GROWTH, **bars, "gap": total}.items():
            rows.append(
                {
                    "release_id": release,
                    "form": form,
                    "component": component,
                    "bar": BAR_OF.get(component, component.removeprefix("bar_")),
                    **interval(value, 0.008),
                    "n": 200,
                    "n_labels": 200,
                    "is_identified": value is not None,
                    "reason": "one judge family only; its mass is in false_pass" if value is None else None,
                    "status": "PROVISIONAL",
                }
            )
    return rows
