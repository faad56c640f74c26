"""Tables of the stage `traces`: production conversations as they happened, and the records that were refused."""

from liveeval_assets.shared.spec import INTEGER, MESSAGES, NUMBER, TEXT, TEXTS, TIMESTAMP, TableSpec, col

REASONS = (
    "duplicate",
    "conflicting_id",
    "not_json",
    "not_utf8",
    "too_long",
    "too_deep",
    "too_many_turns",
    "missing_field",
    "bad_value",
    "bad_time",
    "future_time",
    "no_user_turn",
)

CONVERSATIONS = TableSpec(
    stage="traces",
    name="conversations",
    grain="a production conversation of the week",
    promise="Private: the only table with raw text. Records read = conversations' records + quarantine.",
    key=("conversation_id",),
    body=(
        col("conversation_id", TEXT, "Keyed pseudonym of (source, source id)."),
        col("source", TEXT, "Name of the source in the settings."),
        col("release_id", TEXT, "Release that served it."),
        col("user_key", TEXT, "Keyed pseudonym of the user."),
        col("started_at", TIMESTAMP, "First message."),
        col("ended_at", TIMESTAMP, "Last message."),
        col("messages", MESSAGES, "Messages in order: role (system, user, assistant, tool), text, tool calls as JSON."),
        col("known_entities", TEXTS, "Names, addresses and numbers from the conversation's own user record."),
        col("n_records", INTEGER, "Input records folded into it: spans, else 1.", between=(1, 1e9)),
        col("read_probability", NUMBER, "Probability with which the source was read.", between=(1e-9, 1)),
        col("attributes", TEXT, "Other fields of the record as JSON."),
    ),
    is_private=True,
)

QUARANTINE = TableSpec(
    stage="traces",
    name="quarantine",
    grain="an input record that did not become a conversation",
    promise="Nothing disappears: each refused or repeated record has its file, line and reason, never its text.",
    key=("file", "line", "part"),
    body=(
        col("file", TEXT, "Input file, relative to the home."),
        col("line", INTEGER, "1-based line or row in the file.", between=(1, 1e12)),
        col("part", INTEGER, "Which of several conversations that begin in that line, from 0.", between=(0, 1e9)),
        col("reason", TEXT, "Why it was refused.", values=REASONS),
        col("field", TEXT, "Field at fault, where one is.", null=True),
        col("n_bytes", INTEGER, "Size of the record.", between=(0, 1e12)),
        col("n_records", INTEGER, "Input records it stands for: the spans of a conversation, else 1.", between=(1, 1e9)),
    ),
    may_be_empty=True,
)

TABLES = (CONVERSATIONS, QUARANTINE)
