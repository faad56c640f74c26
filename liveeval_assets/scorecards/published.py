"""What a week's scorecard is about: the releases that served it, the reference, and what the numbers rest on."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc


def published(units: pa.Table, week: date) -> list[str]:
    """Releases with traffic in the week; earlier ones were published by their own weeks."""
    rows = units.filter(pc.and_(pc.equal(units["population"], "traffic"), pc.equal(units["unit_week"], pa.scalar(week))))
    return sorted(set(rows["release_id"].to_pylist()))


def reference(registry: pa.Table) -> str:
    """The origin of growth; before it is live, the oldest release stands in."""
    rows = registry.sort_by("deployed_at").to_pylist()
    return str(next((r["release_id"] for r in rows if r["is_reference"]), rows[0]["release_id"] if rows else ""))


def refuter_rates(health: pa.Table) -> dict[str, float]:
    """Catch and false-kill rate of the refuter, where they were measured."""
    rows = [r for r in health.to_pylist() if r["role"] == "refuter" and r["estimate"] is not None]
    return {r["measure"]: r["estimate"] for r in rows if r["measure"] in {"catch_rate", "false_kill_rate"}}


def past_scores(manifests: pa.Table, week: date) -> str | None:
    """Scores from before this project, published in the week that imported them."""
    return next((m["past_scores"] for m in manifests.to_pylist() if m["past_scores"] and m["week"] == week), None)


def evaluators(judged: pa.Table) -> list[str]:
    """Evaluator versions of the week's verdicts."""
    return sorted(f"evaluator@{v}" for v in set(judged["evaluator_version"].to_pylist()))
