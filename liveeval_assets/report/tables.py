"""What the stage `report` makes: a page, declared like a table so that its description says its grain; it lives in `marts/`, not in the lake."""

from liveeval_assets.shared.spec import TableSpec

PAGE = TableSpec(
    stage="report",
    name="page",
    grain="a week's scorecard as one HTML file (marts/report/WEEK.html; the newest also as latest.html)",
    promise="Self-contained: no script, no request, no text of a user; it carries the hash of everything that it was made from.",
    key=(),
    body=(),
)
