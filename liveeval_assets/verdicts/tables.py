"""Tables of the stage `verdicts`: answers judged in both orders, then attacked by a refuter."""

from liveeval_assets.shared.llm import STATUSES
from liveeval_assets.shared.spec import BOOLEAN, INTEGER, NUMBER, TEXT, TEXTS, TableSpec, col

_UNIT = col("unit", TEXT, "What was judged; a control never reaches a score.", values=("item", "control"))
_VERSION = col("version", TEXT, "Eval-set version (`controls` for controls).")
_ITEM = col("item_id", TEXT, "Identity of the item or control.")
_RELEASE = col("release_id", TEXT, "Release whose answer was judged.")

CALLS = TableSpec(
    stage="verdicts",
    name="calls",
    grain="one finished language-model call",
    promise="Append-only; the same content is bought once. Readers de-duplicate by call_id.",
    key=("call_id",),
    body=(
        col("call_id", TEXT, "Hash of everything that can change the reply."),
        col("role", TEXT, "Who was asked.", values=("naive", "panel", "refuter", "release")),
        col("unit", TEXT, "What the call was about.", values=("item", "control", "anchor")),
        col("unit_id", TEXT, "Its id."),
        _RELEASE,
        col("baseline_release_id", TEXT, "Release compared with; empty when graded alone."),
        col("model", TEXT, "Configured model name."),
        col("family", TEXT, "Its family."),
        col("model_asked", TEXT, "Model name sent."),
        col("model_answered", TEXT, "Model name that came back."),
        col("task", TEXT, "What was asked.", values=("grade", "compare", "refute", "answer")),
        col("template", TEXT, "Prompt template and its version."),
        col("order", INTEGER, "1: pass option or candidate first; 2: swapped.", between=(1, 2)),
        col("repeat", INTEGER, "Repetition in the same order.", between=(0, 100)),
        col("round", INTEGER, "Round of refutation.", between=(0, 100)),
        col("lens", TEXT, "Point of view of a refuter."),
        col("status", TEXT, "How the call ended.", values=STATUSES),
        col("verdict", TEXT, "pass, fail, first, second, tie, refuted, stands; null unless status is ok.", null=True),
        col("defect_class", TEXT, "Defect named by a refuter.", null=True),
        col("evidence_verified", BOOLEAN, "Whether code found the refuter's span in the answer.", null=True),
        col("tokens_in", INTEGER, "Prompt tokens.", between=(0, 1e9)),
        col("tokens_out", INTEGER, "Reply tokens.", between=(0, 1e9)),
        col("cost_usd", NUMBER, "Price by the settings' table.", between=(0, 1e6)),
        col("attempts", INTEGER, "Tries until the status.", between=(1, 100)),
        col("seconds", NUMBER, "Wall time.", between=(0, 1e6), volatile=True),
        col("evaluator_version", TEXT, "Hash of rubric, templates and judge settings; empty for releases."),
    ),
    is_frame=True,
    is_partitioned=False,
    is_append_only=True,
    may_be_empty=True,
)

CONTROLS = TableSpec(
    stage="verdicts",
    name="controls",
    grain="a planted case whose truth is known",
    promise="Judged and attacked like any answer; an anti-join proves that none reaches a score.",
    key=("control_id",),
    body=(
        col("control_id", TEXT, "Identity of the control."),
        col("source_item_id", TEXT, "Item whose question it borrows."),
        _RELEASE,
        col("kind", TEXT, "What is known of it.", values=("known_good", "known_bad", "null_answer")),
        col("defect_class", TEXT, "Defect that was planted.", null=True),
        col("verified_by", TEXT, "Who or what vouches for its truth.", values=("construction", "rater")),
        col("stratum_id", TEXT, "Stratum of the source item."),
        col("question", TEXT, "The user's turn."),
        col("answer", TEXT, "The planted answer."),
    ),
    is_frame=True,
    may_be_empty=True,
)

JUDGED = TableSpec(
    stage="verdicts",
    name="judged",
    grain="the verdict of a judge on a release's answer, after both orders",
    promise="A failed call makes the verdict unscored: never a pass, never a fail.",
    key=("unit", "version", "item_id", "release_id", "baseline_release_id", "mode", "judge", "task"),
    body=(
        _UNIT,
        _VERSION,
        _ITEM,
        _RELEASE,
        col("baseline_release_id", TEXT, "Release compared with; empty for grade."),
        col("mode", TEXT, "Which answer was judged.", values=("logged", "replayed", "imported", "planted")),
        col("judge", TEXT, "Configured model name."),
        col("judge_role", TEXT, "naive: the judge that the team uses; panel: disjoint in family.", values=("naive", "panel")),
        col("judge_family", TEXT, "Family of the judge."),
        col("task", TEXT, "What was asked.", values=("grade", "compare")),
        col("status", TEXT, "Whether both orders were answered.", values=("scored", "unscored")),
        col("verdict", TEXT, "grade: pass, fail, split; compare: a_wins, b_wins, tie.", null=True, values=("pass", "fail", "split", "a_wins", "b_wins", "tie")),
        col("first", NUMBER, "1 pass (or candidate wins), 0 fail, .5 tie, in the first order.", null=True, between=(0, 1)),
        col("second", NUMBER, "The same in the swapped order.", null=True, between=(0, 1)),
        col("call_ids", TEXTS, "The calls, first order first."),
        col("evaluator_version", TEXT, "Hash of rubric, templates and judge settings."),
    ),
    is_frame=True,
)

REFUTATIONS = TableSpec(
    stage="verdicts",
    name="refutations",
    grain="one attack on a panel's pass",
    promise="An attack counts only if code finds its evidence in the answer; otherwise it is void.",
    key=("unit", "version", "item_id", "release_id", "mode", "refuter", "round"),
    body=(
        _UNIT,
        _VERSION,
        _ITEM,
        _RELEASE,
        col("mode", TEXT, "Which answer was attacked.", values=("logged", "replayed", "imported", "planted")),
        col("refuter", TEXT, "Configured model name."),
        col("refuter_family", TEXT, "Family of the refuter."),
        col("round", INTEGER, "Round of refutation.", between=(1, 100)),
        col("status", TEXT, "valid, void (no verifiable evidence) or unscored.", values=("valid", "void", "unscored")),
        col("is_refuted", BOOLEAN, "Whether a valid attack succeeded; null if unscored.", null=True),
        col("defect_class", TEXT, "Defect named by the refuter.", null=True),
        col("call_id", TEXT, "The call."),
    ),
    is_frame=True,
    may_be_empty=True,
)

AUDITED = TableSpec(
    stage="verdicts",
    name="audited",
    grain="a panel's pass after the audit",
    promise="Only survivors count; contested and unscored are neither.",
    key=("unit", "version", "item_id", "release_id", "mode"),
    body=(
        _UNIT,
        _VERSION,
        _ITEM,
        _RELEASE,
        col("mode", TEXT, "Which answer was attacked.", values=("logged", "replayed", "imported", "planted")),
        col("status", TEXT, "What the audit says.", values=("survived", "refuted", "contested", "unscored")),
        col("Z1", NUMBER, "1 if the first refuter refuted with evidence, 0 if not; null if unscored.", null=True, between=(0, 1)),
        col("n_refuters", INTEGER, "Attacks with a status other than unscored.", between=(0, 100)),
    ),
    is_frame=True,
    may_be_empty=True,
)

JUDGE_HEALTH = TableSpec(
    stage="verdicts",
    name="judge_health",
    grain="a measure of a judge or refuter over the verdicts made this week",
    promise="Each with its interval; a measure that cannot be had says so by a null estimate and n = 0.",
    key=("model", "role", "measure"),
    body=(
        col("model", TEXT, "Configured model name."),
        col("role", TEXT, "naive, panel or refuter.", values=("naive", "panel", "refuter")),
        col(
            "measure",
            TEXT,
            "position_delta, consistency_rate, unscored_rate, pass_rate, length_slope, null_pass_rate, refuted_rate, void_rate, catch_rate, false_kill_rate.",
        ),
        col("estimate", NUMBER, "Point estimate.", null=True),
        col("lo", NUMBER, "Lower end of the 95 % interval.", null=True),
        col("hi", NUMBER, "Upper end of the 95 % interval.", null=True),
        col("n", INTEGER, "Cases.", between=(0, 1e12)),
        col("is_alarm", BOOLEAN, "Whether it crosses its alarm threshold with its whole interval."),
    ),
    may_be_empty=True,
)

TABLES = (CALLS, CONTROLS, JUDGED, REFUTATIONS, AUDITED, JUDGE_HEALTH)
