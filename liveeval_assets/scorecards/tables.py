"""Tables of the stage `scorecards`: outcome-joined numbers, each with its interval."""

from liveeval_assets.shared.spec import BOOLEAN, DATE, INTEGER, NUMBER, TEXT, TEXTS, VECTOR, TableSpec, col

COMPONENTS = (
    "position",
    "verbosity",
    "self_pref",
    "false_pass",
    "false_fail",
    "contamination",
    "mix",
    "within",
    "construct",
    "selection",
)
LINES = (*COMPONENTS, "uncovered", "not_identified", "gap", "bar_judge", "bar_test_set")
BARS = ("judge", "test_set", "construct", "selection", "not_identified", "gap")
MEASURES = ("naive", "agreed", "panel", "audited", "corrected", "north_star", "north_star_ipw", "past_score")

ITEM_SCORES = TableSpec(
    stage="scorecards",
    name="item_scores",
    grain="a unit of a release's scorecard this week: a frozen item, a living item or a conversation of the traffic",
    promise="Every score is a weighted mean of its columns; psi is unbiased for quality whatever the judge does.",
    key=("population", "release_id", "unit_id"),
    body=(
        col("population", TEXT, "Where the unit comes from.", values=("frozen", "living", "traffic")),
        col("release_id", TEXT, "Release."),
        col("unit_id", TEXT, "Item or conversation."),
        col("unit_week", DATE, "Week of the conversation; of a frozen item, the week in which the release answered it."),
        col("stratum_id", TEXT, "Stratum."),
        col("split", TEXT, "open, sealed, or empty for traffic.", values=("open", "sealed", "")),
        col("weight", NUMBER, "Design weight.", between=(0, 1e12)),
        col("cluster", TEXT, "Key of the replicate weight: the user, or the item."),
        col("J1", NUMBER, "Naive judge, first order.", null=True, between=(0, 1)),
        col("J2", NUMBER, "Naive judge, swapped order.", null=True, between=(0, 1)),
        col("V", NUMBER, "Panel verdict: 1 pass, 0 fail, .5 split.", null=True, between=(0, 1)),
        col("Z1", NUMBER, "1 if the first refuter refuted the panel's pass.", null=True, between=(0, 1)),
        col("n_characters", INTEGER, "Length of the answer.", null=True, between=(0, 1e9)),
        col("ell", NUMBER, "Length exposure: ln(length / reference median) / fixed sd, winsorised.", null=True, between=(-2.5, 2.5)),
        col("f", NUMBER, "1 if the naive judge is kin to the release.", null=True, between=(0, 1)),
        col("contaminated", NUMBER, "1 if the release may have seen the item.", null=True, between=(0, 1)),
        col("label", NUMBER, "q of labels/consensus; null if not labelled.", null=True),
        col("label_y", NUMBER, "First rater's rating; null if not labelled.", null=True, between=(0, 1)),
        col("label_probability", NUMBER, "Probability of a label; null if none was planned.", null=True, between=(1e-9, 1)),
        col("sensitivity", NUMBER, "Raters' P(rated good | good), newest estimate.", null=True, between=(0, 1)),
        col("specificity", NUMBER, "Raters' P(rated bad | bad), newest estimate.", null=True, between=(0, 1)),
        col("sensitivity_se", NUMBER, "Its standard error; null when unknown.", null=True, between=(0, 1)),
        col("specificity_se", NUMBER, "Its standard error; null when unknown.", null=True, between=(0, 1)),
        col("m", NUMBER, "Cross-fitted prediction of quality.", null=True, between=(0, 1)),
        col("psi", NUMBER, "m + labelled / probability x (label - m).", null=True),
        col("y", NUMBER, "North-star outcome.", null=True, between=(0, 1)),
        col("observed", NUMBER, "1 if the outcome was observed.", null=True, between=(0, 1)),
        col("propensity", NUMBER, "Estimated probability of observation.", null=True, between=(0, 1)),
        col("mu", NUMBER, "Cross-fitted prediction of the outcome.", null=True),
        col("covariates", VECTOR, "Numeric attributes of the conversation named in the settings.", null=True),
    ),
)

_NUMBERS = (
    col("estimate", NUMBER, "Point estimate; null if not identified.", null=True),
    col("se", NUMBER, "Standard error over replicates.", null=True, between=(0, 1e3)),
    col("lo", NUMBER, "Lower end of the 95 % interval.", null=True),
    col("hi", NUMBER, "Upper end of the 95 % interval.", null=True),
    col("n", INTEGER, "Units.", between=(0, 1e12)),
    col("n_labels", INTEGER, "Units with a label.", between=(0, 1e12)),
)

SCORES = TableSpec(
    stage="scorecards",
    name="scores",
    grain="a measure of a release in a stratum (or ALL), seen from this week",
    promise="At most one measure per release and week is the headline; the reason stands beside it.",
    key=("release_id", "stratum_id", "population", "measure"),
    body=(
        col("release_id", TEXT, "Release."),
        col("stratum_id", TEXT, "Stratum or `ALL`."),
        col("population", TEXT, "Units that it averages.", values=("frozen", "living", "traffic")),
        col("measure", TEXT, "What is measured.", values=MEASURES),
        *_NUMBERS,
        col("n_eff", NUMBER, "Effective units after weighting.", null=True, between=(0, 1e12)),
        col("method", TEXT, "Estimator."),
        col("failed_assumptions", TEXTS, "Assumptions that do not hold; empty is good."),
        col("is_headline", BOOLEAN, "The number to quote."),
        col("headline_reason", TEXT, "Why this measure is the headline, or none is.", null=True),
        col("status", TEXT, "FINAL, PROVISIONAL (outcome maturing) or STALE.", values=("FINAL", "PROVISIONAL", "STALE")),
        col("inputs", TEXTS, "Eval-set versions by content hash, evaluator version."),
    ),
    may_be_empty=True,
)

GAP = TableSpec(
    stage="scorecards",
    name="gap",
    grain="a component of the gap between offline score and north star, of a release seen from this week",
    promise="Components, uncovered and not_identified sum to the gap exactly; lines named bar_ repeat sums of components.",
    key=("release_id", "form", "component"),
    body=(
        col("release_id", TEXT, "Release."),
        col("form", TEXT, "level: of this release; growth: since the reference release.", values=("level", "growth")),
        col("component", TEXT, "Line of the ladder; `gap` is the sum, `bar_` the total of a bar.", values=LINES),
        col("bar", TEXT, "Bar of the page that it belongs to.", values=BARS),
        *_NUMBERS,
        col("is_identified", BOOLEAN, "False: estimate is null and the reason says why."),
        col("reason", TEXT, "Why it is not identified, or what to know of it.", null=True),
        col("status", TEXT, "FINAL, PROVISIONAL or STALE.", values=("FINAL", "PROVISIONAL", "STALE")),
    ),
    may_be_empty=True,
)

TABLES = (ITEM_SCORES, SCORES, GAP)
