"""Tables of the stage `responses`: what each release answered for an item."""

from liveeval_assets.shared.llm import STATUSES
from liveeval_assets.shared.spec import INTEGER, TEXT, TableSpec, col

ANSWERS = TableSpec(
    stage="responses",
    name="answers",
    grain="the answer of a release to an item, by one way of answering",
    promise="Logged answers are the serving release's own; replayed ones were asked for anew with the same history.",
    key=("version", "item_id", "release_id", "mode"),
    body=(
        col("version", TEXT, "Eval-set version of the item."),
        col("item_id", TEXT, "Identity of the item."),
        col("release_id", TEXT, "Release that answered."),
        col("mode", TEXT, "How the answer came about.", values=("logged", "replayed", "imported")),
        col("status", TEXT, "Whether there is an answer.", values=STATUSES),
        col("answer", TEXT, "The answer, anonymised; null unless status is ok.", null=True),
        col("n_characters", INTEGER, "Length of the answer.", null=True, between=(0, 1e9)),
        col("call_id", TEXT, "Call that bought it.", null=True),
    ),
    is_frame=True,
)

TABLES = (ANSWERS,)
