"""The generated files are those of the declarations, and no text of users or models is among the sources."""

from pathlib import Path

import pyarrow as pa
import yaml

from liveeval_assets.runtime.dbt import PROJECT, read_tables
from liveeval_assets.runtime.generate import DOCS, SETTINGS, SOURCES, dbt_sources, generate, public_columns, tables_page
from liveeval_assets.runtime.home import REPOSITORY
from liveeval_assets.shared.spec import MESSAGES, TEXT, VECTOR, TableSpec, col
from liveeval_assets.tables import TABLES


def test_committed_files_are_those_of_the_declarations() -> None:
    for path, text in generate(REPOSITORY).items():
        assert path.read_text("utf-8") == text, f"{path.name} differs from the declarations; run `liveeval generate`"


def test_every_public_table_is_a_source_and_no_private_one() -> None:
    document = yaml.safe_load(dbt_sources(TABLES.values()))
    found = {f"{source['name']}/{table['name']}" for source in document["sources"] for table in source["tables"]}
    assert found == {path for path, spec in TABLES.items() if not spec.is_private}


def test_text_and_vectors_are_no_columns_of_a_source() -> None:
    body = (col("key", TEXT, "Id."), col("question", TEXT, "Words."), col("history", MESSAGES, "Words."), col("vector", VECTOR, "Numbers."))
    spec = TableSpec("stage", "name", "a row", "Nothing.", ("key",), body)
    assert [c.name for c in public_columns(spec)] == ["week", "key"]
    assert "question" not in dbt_sources([spec])


def test_every_long_text_of_the_lake_is_held_back() -> None:
    # what the pipeline fills with the words of people and models, by the names that the declarations use
    words = {"question", "answer", "history", "messages", "known_entities", "attributes"}
    for spec in TABLES.values():
        assert not words & {c.name for c in public_columns(spec)}, spec.path
        assert not [c for c in public_columns(spec) if pa.types.is_nested(c.type) and c.type.value_type != pa.string()], spec.path


def test_a_table_page_shows_key_values_and_ranges() -> None:
    body = (col("key", TEXT, "a | b", values=("x", "")), col("n", pa.int64(), "N.", between=(0, 9)))
    spec = TableSpec("stage", "name", "a row", "A | promise.", ("key",), body)
    page = tables_page([spec])
    assert "## stage/name" in page
    assert "a \\| b One of: `x`, empty." in page
    assert "From 0 to 9." in page


def test_each_staging_model_reads_the_source_of_its_name() -> None:
    tables = read_tables()
    models = sorted((PROJECT / "models" / "staging").glob("stg_*.sql"))
    assert len(models) == len(tables) > 0
    for path in tables:
        stage, table = path.split("/")
        model = PROJECT / "models" / "staging" / f"stg_{stage}_{table}.sql"
        assert f"source('{stage}', '{table}')" in model.read_text("utf-8")


def test_accepted_values_of_the_marts_are_those_of_the_declarations() -> None:
    models = {m["name"]: m for m in yaml.safe_load((PROJECT / "models/marts/_marts.yml").read_text("utf-8"))["models"]}
    pairs = {"fct_scorecard": "scorecards/scores", "fct_gap": "scorecards/gap", "fct_verdict": "verdicts/judged"}
    for mart, path in pairs.items():
        declared = {c.name: set(c.values) for c in TABLES[path].columns if c.values}
        for column in models[mart]["columns"]:
            accepted = [set(t["accepted_values"]["arguments"]["values"]) for t in column.get("data_tests", []) if "accepted_values" in t]
            if accepted and column["name"] in declared:
                assert accepted == [declared[column["name"]]], f"{mart}.{column['name']}"


def test_every_mart_says_its_grain() -> None:
    for model in yaml.safe_load((PROJECT / "models/marts/_marts.yml").read_text("utf-8"))["models"]:
        assert "One row is " in model["description"].split(". ")[-1], model["name"]


def test_paths_are_inside_the_repository(tmp_path: Path) -> None:
    assert list(generate(tmp_path)) == [tmp_path / SOURCES, tmp_path / DOCS, tmp_path / SETTINGS]
