"""Tables of the stage `samples`: the anonymised, embedded, stratified weekly draw."""

from liveeval_assets.shared.spec import BOOLEAN, INTEGER, MESSAGES, NUMBER, TEXT, TIMESTAMP, VECTOR, TableSpec, col

ANONYMISED = TableSpec(
    stage="samples",
    name="anonymised",
    grain="a conversation of the week without personal data, with the turn that stands for it",
    promise="Text passed every detector layer of the stated profile; no canary survived.",
    key=("conversation_id",),
    body=(
        col("conversation_id", TEXT, "Keyed pseudonym of the conversation."),
        col("item_id", TEXT, "Identity of (conversation, drawn turn)."),
        col("release_id", TEXT, "Release that served it."),
        col("user_key", TEXT, "Keyed pseudonym of the user."),
        col("started_at", TIMESTAMP, "First message of the conversation."),
        col("turn_index", INTEGER, "0-based index of the drawn user turn among the user turns.", between=(0, 1e6)),
        col("turn_probability", NUMBER, "Probability of drawing that turn.", between=(1e-9, 1)),
        col("history", MESSAGES, "Messages before the drawn turn, anonymised."),
        col("question", TEXT, "The drawn user turn, anonymised."),
        col("answer", TEXT, "Every assistant and tool message until the next user turn, anonymised."),
        col("detector_profile", TEXT, "Detector layers that were applied, with versions."),
        col("n_masked", INTEGER, "Spans that were masked.", between=(0, 1e6)),
        col("read_probability", NUMBER, "Probability with which the source was read.", between=(1e-9, 1)),
        col("phase1_probability", NUMBER, "Probability of the phase-1 hash sample (1 below its size).", between=(1e-9, 1)),
        col("n_characters", INTEGER, "Length of question and answer.", between=(0, 1e9)),
    ),
    may_be_empty=True,
)

EMBEDDED = TableSpec(
    stage="samples",
    name="embedded",
    grain="the embedding of a conversation's drawn turn",
    promise="Unit vectors; a vector is computed once per text, model and precision.",
    key=("conversation_id",),
    body=(
        col("conversation_id", TEXT, "Keyed pseudonym of the conversation."),
        col("text_hash", TEXT, "Hash of the embedded text."),
        col("vector", VECTOR, "Unit vector."),
        col("model_hash", TEXT, "Embedding model and its weights."),
        col("precision", TEXT, "Arithmetic used.", values=("fp32", "bf16")),
    ),
)

STRATA = TableSpec(
    stage="samples",
    name="strata",
    grain="a stratum of a stratification, stamped with the week of its birth",
    promise="Ids are appended and never renumbered; centroids are frozen at birth.",
    key=("stratum_id",),
    body=(
        col("stratification", TEXT, "Version of the stratification."),
        col("stratum_id", TEXT, "Identity of the stratum."),
        col("name", TEXT, "Its most telling words."),
        col("centroid", VECTOR, "Unit vector."),
        col("radius", NUMBER, "99th percentile of training distance; farther items are far.", between=(0, 2)),
        col("parent_id", TEXT, "Stratum with the nearest centroid at birth.", null=True),
        col("n_training", INTEGER, "Items that formed it.", between=(1, 1e9)),
    ),
    is_frame=True,
    may_be_empty=True,
)

ASSIGNED = TableSpec(
    stage="samples",
    name="assigned",
    grain="a phase-1 conversation of the week in its stratum",
    promise="Every phase-1 conversation, drawn or not: the source of population shares.",
    key=("conversation_id",),
    body=(
        col("conversation_id", TEXT, "Keyed pseudonym of the conversation."),
        col("item_id", TEXT, "Identity of (conversation, drawn turn)."),
        col("stratum_id", TEXT, "Nearest stratum."),
        col("distance", NUMBER, "Cosine distance to its centroid.", between=(-0.01, 2)),
        col("is_far", BOOLEAN, "Farther than the stratum's radius."),
        col("representative_id", TEXT, "Conversation that stands for its near-duplicates; itself if none."),
        col("multiplicity", INTEGER, "Conversations that it stands for (0: another one stands for it).", between=(0, 1e9)),
        col("release_id", TEXT, "Release that served it."),
        col("user_key", TEXT, "Keyed pseudonym of the user."),
    ),
)

IMPORTED = TableSpec(
    stage="samples",
    name="imported",
    grain="an item of the team's own static set, imported in the first week",
    promise="Anonymised like production text; written in the first week only, empty without a static set.",
    key=("item_id",),
    body=(
        col("item_id", TEXT, "Hash of the anonymised history and question."),
        col("history", MESSAGES, "Messages before the question, anonymised."),
        col("question", TEXT, "The user's turn, anonymised."),
        col("stratum_id", TEXT, "Nearest stratum."),
        col("distance", NUMBER, "Cosine distance to its centroid.", between=(-0.01, 2)),
        col("is_far", BOOLEAN, "Farther than the stratum's radius."),
        col("detector_profile", TEXT, "Detector layers that were applied, with versions."),
        col("n_masked", INTEGER, "Spans that were masked.", between=(0, 1e6)),
    ),
    is_frame=True,
    may_be_empty=True,
)

DRAWN = TableSpec(
    stage="samples",
    name="drawn",
    grain="an item drawn for the week's eval set",
    promise="Every phase's probability is kept; weights sum to the week's conversations.",
    key=("item_id",),
    body=(
        col("item_id", TEXT, "Identity of (conversation, drawn turn)."),
        col("conversation_id", TEXT, "Keyed pseudonym of the conversation."),
        col("stratum_id", TEXT, "Stratum at the draw."),
        col("release_id", TEXT, "Release that served it."),
        col("user_key", TEXT, "Keyed pseudonym of the user."),
        col("population_h", INTEGER, "N_h: eligible conversations of the stratum (one per user-day).", between=(1, 1e12)),
        col("sample_h", INTEGER, "n_h: items drawn in the stratum.", between=(1, 1e9)),
        col("read_probability", NUMBER, "Source read rate.", between=(1e-9, 1)),
        col("phase1_probability", NUMBER, "Phase-1 hash sample.", between=(1e-9, 1)),
        col("user_day_probability", NUMBER, "1 / conversations of that user on that day.", between=(1e-9, 1)),
        col("turn_probability", NUMBER, "Probability of the drawn turn.", between=(1e-9, 1)),
        col("draw_probability", NUMBER, "sample_h / population_h.", between=(1e-9, 1)),
        col("probability", NUMBER, "Product of read, phase 1, user-day and draw.", between=(1e-12, 1)),
        col("multiplicity", INTEGER, "Near-duplicates that it stands for.", between=(1, 1e9)),
        col("weight", NUMBER, "multiplicity / probability, post-stratified to conversation shares.", between=(0, 1e12)),
    ),
    is_frame=True,
)

TABLES = (ANONYMISED, EMBEDDED, STRATA, ASSIGNED, IMPORTED, DRAWN)
