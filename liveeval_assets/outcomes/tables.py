"""Tables of the stage `outcomes`: what happened to the user in the end."""

from liveeval_assets.shared.spec import BOOLEAN, NUMBER, TEXT, TIMESTAMP, TableSpec, col

EVENTS = TableSpec(
    stage="outcomes",
    name="events",
    grain="an outcome event of a conversation of the week",
    promise="Exactly one name is the north star; the others are guardrails and never blended with it.",
    key=("conversation_id", "name", "occurred_at"),
    body=(
        col("conversation_id", TEXT, "Keyed pseudonym of the conversation."),
        col("name", TEXT, "Outcome name from the settings."),
        col("role", TEXT, "What the outcome is used for.", values=("north_star", "guardrail")),
        col("value", NUMBER, "Value in the settings' unit, scaled to 0-1 (1 is good for the north star).", between=(0, 1)),
        col("occurred_at", TIMESTAMP, "When it happened."),
        col("received_at", TIMESTAMP, "When it could first be known."),
    ),
    may_be_empty=True,
)

MATURED = TableSpec(
    stage="outcomes",
    name="matured",
    grain="a conversation of the week and its north-star outcome",
    promise="Missing (window over, nothing came) and unmatured (window still open) are different statuses.",
    key=("conversation_id",),
    body=(
        col("conversation_id", TEXT, "Keyed pseudonym of the conversation."),
        col("release_id", TEXT, "Release that served it."),
        col("status", TEXT, "State of the outcome.", values=("observed", "missing", "unmatured")),
        col("is_mature", BOOLEAN, "Whether the maturity window had passed at as_of."),
        col("y", NUMBER, "North-star value; null unless observed.", null=True, between=(0, 1)),
        col("matured_at", TIMESTAMP, "End of the maturity window."),
        col("lag_days", NUMBER, "Days from the conversation's end to the outcome.", null=True, between=(0, 1e5)),
    ),
)

TABLES = (EVENTS, MATURED)
