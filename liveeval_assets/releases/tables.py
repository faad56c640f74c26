"""Tables of the stage `releases`: what was shipped."""

from liveeval_assets.shared.spec import BOOLEAN, DATE, TEXT, TIMESTAMP, TableSpec, col

REGISTRY = TableSpec(
    stage="releases",
    name="registry",
    grain="a release, stamped with the week in which it went live",
    promise="Week w knows the releases stamped w or earlier; exactly one of them is the reference.",
    key=("release_id",),
    body=(
        col("release_id", TEXT, "Name of the release as the traces carry it."),
        col("family", TEXT, "Model family (provider, base model lineage) of the generator."),
        col("model", TEXT, "Model that generates the answers."),
        col("prompt_hash", TEXT, "Hash of the product's own prompt in this release."),
        col("deployed_at", TIMESTAMP, "When it began to serve production."),
        col("training_cutoff", DATE, "Last day of the generator's training data.", null=True),
        col("traffic", TEXT, "How users were assigned to it.", values=("randomised", "staged", "by_segment", "unknown")),
        col("answers_by", TEXT, "How it answers an item.", values=("endpoint", "file", "logged")),
        col("answers_at", TEXT, "Configured model name (endpoint) or file that answers.", null=True),
        col("is_reference", BOOLEAN, "Origin of growth; the other releases are compared with it."),
    ),
    may_be_empty=True,
)

TABLES = (REGISTRY,)
