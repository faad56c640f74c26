"""What a week's scorecard is about: the releases that served it, the reference, and what the numbers rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.shared.stats import Z95

MIN_DISCERNMENT = 0.3


@dataclass(frozen=True)
class RefuterRates:
    """P(refuted | bad pass) and P(refuted | good pass) with their standard errors."""

    catch: float
    catch_se: float
    false_kill: float
    false_kill_se: float

    @property
    def is_usable(self) -> bool:
        """Whether the refuter surely tells bad passes from good ones: the lower end of the difference is above .3."""
        se = (self.catch_se**2 + self.false_kill_se**2) ** 0.5
        return self.catch - self.false_kill - Z95 * se > MIN_DISCERNMENT


def published(units: pa.Table, registry: pa.Table, week: date) -> list[str]:
    """Listed releases with traffic in the week; earlier ones were published by their own weeks.

    Of a release that is not listed, the family is unknown, and with it who may judge it.
    """
    rows = units.filter(pc.and_(pc.equal(units["population"], "traffic"), pc.equal(units["unit_week"], pa.scalar(week))))
    return sorted(set(rows["release_id"].to_pylist()) & set(registry["release_id"].to_pylist()))


def reference(registry: pa.Table) -> str:
    """The origin of growth; before it is live, the oldest release stands in."""
    rows = registry.sort_by("deployed_at").to_pylist()
    return str(next((r["release_id"] for r in rows if r["is_reference"]), rows[0]["release_id"] if rows else ""))


def refuter_rates(health: pa.Table) -> RefuterRates | None:
    """Error rates of the refuter as its health reports them; None unless one refuter has both."""
    rows = [r for r in health.to_pylist() if r["role"] == "refuter" and r["lo"] is not None]
    catch = [r for r in rows if r["measure"] == "catch_rate"]
    kill = [r for r in rows if r["measure"] == "false_kill_rate"]
    if len(catch) != 1 or len(kill) != 1:
        return None
    se = [(r["hi"] - r["lo"]) / (2 * Z95) for r in (catch[0], kill[0])]
    return RefuterRates(catch[0]["estimate"], se[0], kill[0]["estimate"], se[1])


def past_scores(manifests: pa.Table, week: date) -> str | None:
    """Scores from before this project, published in the week that imported them."""
    return next((m["past_scores"] for m in manifests.to_pylist() if m["past_scores"] and m["week"] == week), None)


def evaluators(judged: pa.Table) -> list[str]:
    """Evaluator versions of the week's verdicts."""
    return sorted(f"evaluator@{v}" for v in set(judged["evaluator_version"].to_pylist()))
