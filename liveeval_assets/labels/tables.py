"""Tables of the stage `labels`: what people said, with known probability."""

from liveeval_assets.shared.spec import INTEGER, MESSAGES, NUMBER, TEXT, TIMESTAMP, TableSpec, col

_ITEM = col("item_id", TEXT, "Identity of the item.")
_RELEASE = col("release_id", TEXT, "Release whose answer is rated.")
_VERSION = col("version", TEXT, "Eval-set version of the item.")
_POPULATION = col("population", TEXT, "Which set the item belongs to.", values=("frozen", "living"))

TASKS = TableSpec(
    stage="labels",
    name="tasks",
    grain="a question to people: is this answer good?",
    promise="Drawn at random; the probability is fixed when it is planned.",
    key=("task_id",),
    body=(
        col("task_id", TEXT, "Identity of the task."),
        _VERSION,
        _ITEM,
        _RELEASE,
        _POPULATION,
        col("mode", TEXT, "Which answer is rated.", values=("logged", "replayed", "imported")),
        col("label_probability", NUMBER, "Probability of being planned.", between=(1e-9, 1)),
        col("n_raters", INTEGER, "Raters wanted.", between=(1, 100)),
        col("history", MESSAGES, "Messages before the question."),
        col("question", TEXT, "The user's turn."),
        col("answer", TEXT, "The answer."),
    ),
    is_frame=True,
    may_be_empty=True,
)

RATINGS = TableSpec(
    stage="labels",
    name="ratings",
    grain="a rating of one task by one person",
    promise="Rebuilt from the files in inbox/ratings; a file is never changed.",
    key=("task_id", "rater"),
    body=(
        col("task_id", TEXT, "Task that was rated."),
        col("rater", TEXT, "Pseudonym of the rater."),
        col("is_good", NUMBER, "1 good, 0 not good.", between=(0, 1)),
        col("rated_at", TIMESTAMP, "When."),
        col("file", TEXT, "File of the inbox."),
    ),
    may_be_empty=True,
)

CONSENSUS = TableSpec(
    stage="labels",
    name="consensus",
    grain="what people say of an answer",
    promise="q is unbiased for the truth under the raters' estimated error rates; it may leave 0-1.",
    key=("version", "item_id", "release_id", "mode"),
    body=(
        _VERSION,
        _ITEM,
        _RELEASE,
        _POPULATION,
        col("mode", TEXT, "Which answer was rated.", values=("logged", "replayed", "imported")),
        col("label_probability", NUMBER, "Probability of being labelled.", between=(1e-9, 1)),
        col("y", NUMBER, "First rater's rating.", between=(0, 1)),
        col("q", NUMBER, "(y - (1 - specificity)) / (sensitivity + specificity - 1)."),
        col("n_raters", INTEGER, "Ratings of the answer.", between=(1, 100)),
        col("sensitivity", NUMBER, "Estimated P(rated good | good).", between=(0, 1)),
        col("specificity", NUMBER, "Estimated P(rated bad | bad).", between=(0, 1)),
        col("sensitivity_se", NUMBER, "Its standard error; null when unknown (a failed assumption).", null=True, between=(0, 1)),
        col("specificity_se", NUMBER, "Its standard error; null when unknown (a failed assumption).", null=True, between=(0, 1)),
    ),
    may_be_empty=True,
)

TABLES = (TASKS, RATINGS, CONSENSUS)
