"""Files that are written from declarations: the sources of dbt, docs/tables.md and docs/settings.md.

They are committed, so that a reader and `dbt` need no Python; a test fails when a declaration and its file part ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from liveeval_assets.runtime.settings_page import settings_page
from liveeval_assets.shared.spec import MESSAGES, VECTOR, Column, TableSpec
from liveeval_assets.tables import TABLES

SOURCES = Path("dbt_project/models/staging/_sources.yml")
DOCS = Path("docs/tables.md")
SETTINGS = Path("docs/settings.md")
_MARK = "Generated from the table declarations by `liveeval generate`; change those, not this file."
_SETTINGS_MARK = "Generated from liveeval_assets/settings.py by `liveeval generate`; change that, not this file."
# what people or models wrote, in whatever column: the marts never hold it
_CONTENT = frozenset({"question", "answer", "known_entities", "attributes", "past_scores"})
# few rows, stamped once with the week of their birth and needed ever after
_WHOLE = frozenset({"releases/registry", "samples/strata", "eval_sets/versions"})


def public_columns(spec: TableSpec) -> tuple[Column, ...]:
    """Columns that dbt may load: no text of users or models, no vectors."""
    return tuple(c for c in spec.columns if c.type not in (MESSAGES, VECTOR) and c.name not in _CONTENT)


def generate(repo: Path) -> dict[Path, str]:
    """Text of every generated file by its path under `repo`."""
    tables = TABLES.values()
    return {repo / SOURCES: dbt_sources(tables), repo / DOCS: tables_page(tables), repo / SETTINGS: settings_page(_SETTINGS_MARK)}


def dbt_sources(specs: Iterable[TableSpec]) -> str:
    """Source declarations of dbt: one source per stage, without private tables and text columns."""
    stages: dict[str, list[TableSpec]] = {}
    for spec in specs:
        if not spec.is_private:
            stages.setdefault(spec.stage, []).append(spec)
    document = {"version": 2, "sources": [_source(stage, tables) for stage, tables in stages.items()]}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
    return f"# {_MARK}\n{text}"


def _source(stage: str, specs: Iterable[TableSpec]) -> dict[str, object]:
    return {
        "name": stage,
        "schema": "lake",
        "description": f"Delta tables of the stage `{stage}`.",
        "config": {"meta": {"plugin": "dbt_delta", "weeks": "{{ var('weeks', 'all') }}"}},
        "tables": [_source_table(s) for s in specs],
    }


def _source_table(spec: TableSpec) -> dict[str, object]:
    table: dict[str, object] = {"name": spec.name, "identifier": spec.path.replace("/", "_"), "description": spec.description}
    if spec.path in _WHOLE:
        table["config"] = {"meta": {"weeks": "all"}}
    table["columns"] = [{"name": c.name, "description": c.doc} for c in public_columns(spec)]
    return table


def tables_page(specs: Iterable[TableSpec]) -> str:
    """docs/tables.md: every table with its grain, promise, key and columns."""
    specs = list(specs)
    lines = ["# Tables", "", f"<!-- {_MARK} -->", "", "| table | one row is | kept |", "|---|---|---|"]
    lines += [f"| [{s.path}](#{s.path.replace('/', '')}) | {s.grain} | {_keeping(s)} |" for s in specs]
    for spec in specs:
        lines += ["", *_section(spec)]
    return "\n".join(lines) + "\n"


def _keeping(spec: TableSpec) -> str:
    """How long and how a table is kept, in a few words."""
    words = ["appended, never replaced" if spec.is_append_only else "replaced week by week"]
    if spec.is_frame:
        words = ["frozen once the week is published"]
    if spec.is_private:
        words.append("private")
    return ", ".join(words)


def _section(spec: TableSpec) -> Iterator[str]:
    yield f"## {spec.path}"
    yield f"{spec.description}"
    yield ""
    yield f"Key within a week: {', '.join(f'`{k}`' for k in spec.key)}. Kept: {_keeping(spec)}."
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in spec.columns:
        yield f"| `{column.name}` | {_type(column)} | {_cell(column.doc)}{_rule(column)} |"


def _type(column: Column) -> str:
    name = "list of messages" if column.type == MESSAGES else str(column.type).replace("<item: ", " of ").replace(">", "")
    return f"{name}, may be null" if column.is_nullable else name


def _rule(column: Column) -> str:
    """The values or range of a column, as an addition to its meaning."""
    if column.values:
        return " One of: " + ", ".join(f"`{v}`" if v else "empty" for v in column.values) + "."
    if column.between is not None:
        low, high = column.between
        return f" From {low:g} to {high:g}."
    return ""


def _cell(text: str) -> str:
    """Text that cannot break out of a Markdown table's cell."""
    return text.replace("|", "\\|").replace("\n", " ")
