"""Tables of the stage `eval_sets`: immutable weekly versions and what is known of their health."""

from liveeval_assets.shared.spec import BOOLEAN, INTEGER, MESSAGES, NUMBER, TEXT, TEXTS, TableSpec, col

_VERSION = col("version", TEXT, "Name of the eval-set version (`frozen` or `living-YYYY-MM-DD`).")
_ITEM = col("item_id", TEXT, "Identity of the item.")

VERSIONS = TableSpec(
    stage="eval_sets",
    name="versions",
    grain="an item of an eval-set version made this week",
    promise="Immutable once published; split at random with known probability into open and sealed.",
    key=("version", "item_id"),
    body=(
        _VERSION,
        col("role", TEXT, "What the version is for.", values=("frozen", "living")),
        _ITEM,
        col("conversation_id", TEXT, "Conversation that it was drawn from.", null=True),
        col("release_id", TEXT, "Release that served the conversation.", null=True),
        col("user_key", TEXT, "Cluster of the item: its user, or the item itself."),
        col("stratum_id", TEXT, "Stratum of the item."),
        col("history", MESSAGES, "Messages before the question."),
        col("question", TEXT, "The user's turn."),
        col("split", TEXT, "open may be read and debugged on; sealed goes to judges and raters only.", values=("open", "sealed")),
        col("split_probability", NUMBER, "Probability of its split.", between=(0, 1)),
        col("weight", NUMBER, "Design weight.", between=(0, 1e12)),
        col("status", TEXT, "Whether it counts.", values=("active", "burned")),
        col("provenance", TEXT, "Where it comes from.", values=("production", "imported")),
        col("item_hash", TEXT, "Hash of history and question."),
    ),
    is_frame=True,
)

MANIFESTS = TableSpec(
    stage="eval_sets",
    name="manifests",
    grain="an eval-set version made this week",
    promise="The content hash pins the version; parent and diff say how it came about.",
    key=("version",),
    body=(
        _VERSION,
        col("role", TEXT, "What the version is for.", values=("frozen", "living")),
        col("content_hash", TEXT, "Hash of its items."),
        col("parent", TEXT, "Version before it in the same role.", null=True),
        col("n_items", INTEGER, "Items.", between=(0, 1e9)),
        col("n_sealed", INTEGER, "Items in the sealed split.", between=(0, 1e9)),
        col("added", INTEGER, "Items that its parent did not have.", between=(0, 1e9)),
        col("removed", INTEGER, "Items of its parent that it does not have.", between=(0, 1e9)),
        col("tags", TEXTS, "Names it may be asked for by."),
        col("past_scores", TEXT, "Scores published for an imported set before this project, as JSON by release.", null=True),
    ),
    is_frame=True,
)

CONTAMINATION = TableSpec(
    stage="eval_sets",
    name="contamination",
    grain="an item of a version found in a corpus that a release has seen",
    promise="A source that knows no release is reported for every release; channels not searched are not cleared.",
    key=("version", "item_id", "release_id", "detector"),
    body=(
        _VERSION,
        _ITEM,
        col("release_id", TEXT, "Release that may have seen the item."),
        col("detector", TEXT, "Rule that found it.", values=("ngram_corpus", "ngram_prompt")),
        col("source", TEXT, "Corpus or prompt that holds it."),
        col("coverage", NUMBER, "Share of the item's tokens inside shared n-grams.", between=(0, 1)),
    ),
    may_be_empty=True,
)

STALENESS = TableSpec(
    stage="eval_sets",
    name="staleness",
    grain="a version seen from this week's production",
    promise="How many of its items the version is still worth, and how much traffic it does not cover.",
    key=("version",),
    body=(
        _VERSION,
        col("n_items", INTEGER, "Items of the version.", between=(0, 1e9)),
        col("ess", NUMBER, "Effective sample size under this week's stratum shares.", between=(0, 1e9)),
        col("ess_rate", NUMBER, "ess / n_items.", between=(0, 1)),
        col("uncovered_share", NUMBER, "Share of traffic in strata with fewer than 5 items, or far from all.", between=(0, 1)),
        col("js_distance", NUMBER, "Jensen-Shannon distance of stratum shares (base 2).", between=(0, 1)),
        col("n_traffic", INTEGER, "Phase-1 conversations of the week.", between=(0, 1e12)),
        col("is_stale", BOOLEAN, "ess_rate below .5 or uncovered share above .05."),
        col("sentence", TEXT, "The finding in one sentence."),
    ),
)

EXPOSURES = TableSpec(
    stage="eval_sets",
    name="exposures",
    grain="an item sent to a model for a purpose this week",
    promise="Every send of an item out of the lake is a row.",
    key=("item_id", "model", "purpose"),
    body=(
        _ITEM,
        col("model", TEXT, "Model that received it."),
        col("family", TEXT, "Its family."),
        col("purpose", TEXT, "What it was sent for.", values=("judge", "refute", "answer")),
        col("n_calls", INTEGER, "Calls.", between=(1, 1e9)),
    ),
    may_be_empty=True,
)

TABLES = (VERSIONS, MANIFESTS, CONTAMINATION, STALENESS, EXPOSURES)
