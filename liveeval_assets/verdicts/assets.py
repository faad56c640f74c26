"""Assets of the stage `verdicts`: plant controls, buy the calls, then everything else from the call log alone."""

from __future__ import annotations

from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.verdicts import checks
from liveeval_assets.verdicts.audited import audit
from liveeval_assets.verdicts.calls import call_table, results_of_records, results_of_table
from liveeval_assets.verdicts.controls import plant
from liveeval_assets.verdicts.health import health
from liveeval_assets.verdicts.judged import judge
from liveeval_assets.verdicts.plan import Case, plan
from liveeval_assets.verdicts.refute import Attack, plan_attacks
from liveeval_assets.verdicts.refute import refutations as refutation_table
from liveeval_assets.verdicts.roster import Roster, require_strangers, roster_of

_VERSIONS = Read("eval_sets/versions", Weeks.UPTO)
_ANSWERS = Read("responses/answers", Weeks.UPTO)
_REGISTRY = Read("releases/registry", Weeks.UPTO)
# a call bought in an earlier week serves every later one
_LOG = Read("verdicts/calls", Weeks.UPTO)
_PLANNED = (_VERSIONS, _ANSWERS, _REGISTRY, "verdicts/controls")


class _Plan:
    """What the week's verdicts need, from the tables that each of the assets below reads alike."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.versions, self.answers = run.read("eval_sets/versions"), run.read("responses/answers")
        self.registry, self.controls = run.read("releases/registry"), run.read("verdicts/controls")
        self.roster: Roster = roster_of(run.settings.verdicts, run.settings.llm.models)
        self.families = dict(zip(self.registry["release_id"].to_pylist(), self.registry["family"].to_pylist(), strict=True))

    @cached_property
    def cases(self) -> list[Case]:
        """What is judged, by whom."""
        settings = self._run.settings
        return plan(self.versions, self.answers, self.controls, self.registry, self.roster, self._run.week, settings.seed, settings.verdicts.compare_items)

    def attacks(self, judged: pa.Table) -> list[Attack]:
        """Which passes are attacked, by whom."""
        answers = self.answers.filter(pc.equal(self.answers["week"], self._run.week))
        return plan_attacks(judged, self.versions, answers, self.controls, self.families, self.roster, self._run.settings.seed)


@lake_asset(writes="verdicts/controls", reads=(_VERSIONS, _ANSWERS, Read("labels/consensus", Weeks.PAST)), checks=checks.CONTROLS_CHECKS)
def controls(run: Run) -> pa.Table:
    """Plant cases whose truth is known."""
    settings = run.settings
    tables = (run.read("eval_sets/versions"), run.read("responses/answers"), run.read("labels/consensus"))
    return plant(*tables, settings.verdicts.control_share, settings.seed, run.week)


@lake_asset(writes="verdicts/calls", reads=_PLANNED, sections=("llm",), kinds=("openai",))
def calls(run: Run) -> pa.Table:
    """Buy every call of the week: judges first, then the attacks on what they passed; replays were bought with the answers."""
    todo, models = _Plan(run), run.services.models
    require_strangers(todo.roster, todo.families)
    replayed = [i for i, week in zip(todo.answers["call_id"].to_pylist(), todo.answers["week"].to_pylist(), strict=True) if i and week == run.week]
    requests = [r for case in todo.cases for r in case.requests]
    replies = models.ask(requests, f"week {run.week}  judging")
    finished = models.finished([*replayed, *(r.call_id for r in replies)])
    attacks = todo.attacks(judge(todo.cases, results_of_records(finished, {}), run.week))
    replies += models.ask([a.request for a in attacks], f"week {run.week}  refuting")
    finished += models.finished([a.call_id for a in attacks])
    run.note(calls=len(finished), bought=sum(r.is_bought for r in replies), cost_usd=sum(r.cost_usd for r in replies if r.is_bought))
    return call_table(finished, {a.call_id: a.answer for a in attacks}, run.week)


@lake_asset(writes="verdicts/judged", reads=(*_PLANNED, _LOG), sections=("llm",), checks=checks.JUDGED_CHECKS)
def judged(run: Run) -> pa.Table:
    """Put both orders together."""
    return judge(_Plan(run).cases, results_of_table(run.read("verdicts/calls")), run.week)


@lake_asset(writes="verdicts/refutations", reads=(*_PLANNED, "verdicts/judged", _LOG), sections=("llm",), checks=checks.REFUTATIONS_CHECKS)
def refutations(run: Run) -> pa.Table:
    """What became of each attack."""
    attacks = _Plan(run).attacks(run.read("verdicts/judged"))
    return refutation_table(attacks, results_of_table(run.read("verdicts/calls")), run.week)


@lake_asset(writes="verdicts/audited", reads=("verdicts/judged", "verdicts/refutations"))
def audited(run: Run) -> pa.Table:
    """Which passes survived."""
    return audit(run.read("verdicts/judged"), run.read("verdicts/refutations"), run.week)


@lake_asset(
    writes="verdicts/judge_health",
    reads=(
        "verdicts/judged",
        "responses/answers",
        Read("verdicts/refutations", Weeks.WINDOW),
        Read("verdicts/audited", Weeks.WINDOW),
        Read("verdicts/controls", Weeks.WINDOW),
        Read("labels/consensus", Weeks.WINDOW),
    ),
    sections=("scorecards",),
    checks=checks.HEALTH_CHECKS,
)
def judge_health(run: Run) -> pa.Table:
    """How far each judge and refuter can be trusted."""
    return health(
        run.read("verdicts/judged"),
        run.read("verdicts/refutations"),
        run.read("verdicts/audited"),
        run.read("verdicts/controls"),
        run.read("responses/answers"),
        run.read("labels/consensus"),
        run.week,
    )
