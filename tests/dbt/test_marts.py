"""The marts for real: dbt over a small lake, through Dagster, incremental and from scratch."""

import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from liveeval_assets.cli import doctor
from liveeval_assets.runtime import dbt
from liveeval_assets.runtime.home import REPOSITORY, Home, open_home
from liveeval_assets.runtime.publish import FILE, PRIVATE
from liveeval_assets.runtime.resources import HomeResource
from liveeval_assets.tables import TABLES
from tests.dbt.fixture_lake import SECRET, WEEKS, interval, make_home, write_rows, write_week

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def marts_asset(tmp_path_factory: pytest.TempPathFactory) -> dg.AssetsDefinition:
    dbt.ensure_manifest(make_home(tmp_path_factory.mktemp("manifest") / "home", weeks=()))
    return dbt.assets()[0]


def _run(asset: dg.AssetsDefinition, home: Home) -> dg.ExecuteInProcessResult:
    resources = {**dbt.resources(), "home": HomeResource(path=str(home.path))}
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize([asset], resources=resources, instance=instance, raise_on_error=False)


def _rows(file: Path, schema: str = "main") -> Rows:
    with duckdb.connect(str(file), read_only=True) as connection:
        return {m: connection.execute(f"SELECT * FROM {schema}.{m} ORDER BY ALL").fetchall() for m in dbt.marts()}


@pytest.fixture(scope="module")
def story(marts_asset: dg.AssetsDefinition, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Two weeks from scratch; then the second week changes and loses its gap; then the same lake from scratch."""
    # the same object as the runs see: they must not keep a catalogue of their own
    home = open_home(make_home(tmp_path_factory.mktemp("story") / "home").path)
    first = _run(marts_asset, home)
    before = _rows(home.marts / FILE)
    write_week(home, WEEKS[1], lift=0.03)
    write_rows(home, "scorecards/gap", WEEKS[1], [])
    weeks = dbt.plan(home).weeks
    second = _run(marts_asset, home)
    with duckdb.connect(str(home.marts / PRIVATE / FILE), read_only=True) as connection:
        loaded = {r[0] for t in ("scorecards_scores", "verdicts_judged") for r in connection.execute(f"SELECT DISTINCT week FROM lake.{t}").fetchall()}
    scratch = home.path.parent / "scratch"
    shutil.copytree(home.path, scratch, ignore=shutil.ignore_patterns("marts"))
    third = _run(marts_asset, open_home(scratch))
    assert first.success
    assert second.success
    assert third.success
    return {"home": home, "scratch": scratch, "first": first, "before": before, "weeks": weeks, "loaded": loaded}


def test_every_mart_has_its_rows(story: dict[str, object]) -> None:
    before = story["before"]
    assert isinstance(before, dict)
    counts = {name: len(rows) for name, rows in before.items()}
    assert counts == {
        "dim_component": 15,
        "dim_release": 2,
        "dim_stratum": 5,
        "dim_week": 2,
        "fct_gap": 15 + 15 * 3,
        "fct_scorecard": 15 + 30,
        "fct_verdict": 2 * 36 * 2,
    }
    # and none of the release that the registry does not know
    assert not [row for row in before["fct_verdict"] if "r9" in row]


def test_only_the_changed_week_is_loaded_and_replaced(story: dict[str, object]) -> None:
    assert story["weeks"] == (WEEKS[1],)
    assert story["loaded"] == {WEEKS[1]}


def test_a_week_that_lost_its_rows_keeps_none(story: dict[str, object]) -> None:
    home = story["home"]
    assert isinstance(home, Home)
    with duckdb.connect(str(home.marts / FILE), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT week FROM fct_gap").fetchall() == [(WEEKS[0],)]


def test_incremental_and_from_scratch_are_equal(story: dict[str, object]) -> None:
    home, scratch = story["home"], story["scratch"]
    assert isinstance(home, Home)
    assert isinstance(scratch, Path)
    incremental, whole = _rows(home.marts / FILE), _rows(scratch / "marts" / FILE)
    assert incremental == whole
    assert incremental != story["before"]


def test_nothing_is_left_to_build(story: dict[str, object]) -> None:
    home = story["home"]
    assert isinstance(home, Home)
    assert not dbt.needs_build(home)


def test_no_text_and_no_control_reaches_a_file(story: dict[str, object]) -> None:
    home = story["home"]
    assert isinstance(home, Home)
    assert SECRET not in str(_rows(home.marts / FILE))
    assert all(SECRET.encode() not in p.read_bytes() for p in home.marts.rglob("*") if p.is_file())
    with duckdb.connect(str(home.marts / FILE), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM fct_verdict WHERE item_id = 'c1'").fetchall() == [(0,)]


def test_parquet_files_say_the_same_as_the_duckdb_file(story: dict[str, object]) -> None:
    home = story["home"]
    assert isinstance(home, Home)
    served = _rows(home.marts / FILE)
    with duckdb.connect() as connection:
        for mart, rows in served.items():
            assert connection.execute(f"SELECT * FROM '{home.marts}/{mart}.parquet' ORDER BY ALL").fetchall() == rows


def test_materialisations_carry_rows_columns_and_lineage(story: dict[str, object]) -> None:
    first = story["first"]
    assert isinstance(first, dg.ExecuteInProcessResult)
    found = {e.materialization.asset_key.to_user_string(): e.materialization.metadata for e in first.get_asset_materialization_events()}
    assert {f"marts/{m}" for m in dbt.marts()} <= set(found)
    gap = found["marts/fct_gap"]
    assert gap["dagster/row_count"].value == 60
    lineage = gap["dagster/column_lineage"].value.deps_by_column["estimate"]
    assert [(d.asset_key.to_user_string(), d.column_name) for d in lineage] == [("staging/stg_scorecards_gap", "estimate")]
    assert len(first.get_asset_check_evaluations()) > 50


def test_sources_are_the_assets_of_the_lake(marts_asset: dg.AssetsDefinition) -> None:
    groups = {spec.key.path[-1]: spec.group_name for spec in marts_asset.specs}
    assert groups["fct_gap"] == "marts"
    assert groups["stg_scorecards_gap"] == "staging"
    upstream = {dep.asset_key.to_user_string() for spec in marts_asset.specs for dep in spec.deps} - {s.key.to_user_string() for s in marts_asset.specs}
    assert upstream == set(dbt.read_tables())
    assert upstream <= set(TABLES)


def test_a_failing_test_publishes_nothing(
    marts_asset: dg.AssetsDefinition, story: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scratch = story["scratch"]
    assert isinstance(scratch, Path)
    home = open_home(shutil.copytree(scratch, tmp_path / "home"))
    served = {p.name: p.read_bytes() for p in home.marts.iterdir() if p.is_file()}
    shared = {"release_id": "r1", "form": "level", "n": 1, "n_labels": 1, "is_identified": True, "status": "FINAL"}
    lines = [{**shared, "component": c, "bar": c, **interval(v, 0.1)} for c, v in (("construct", 0.2), ("gap", 0.5))]
    write_rows(home, "scorecards/gap", WEEKS[1], lines)
    result = _run(marts_asset, home)
    assert not result.success
    reasons = [e.step_failure_data.user_failure_data.description for e in result.all_events if e.is_step_failure]
    assert "components_sum_to_gap: Got 1 result" in str(reasons)
    assert {p.name: p.read_bytes() for p in home.marts.iterdir() if p.is_file()} == served
    assert dbt.needs_build(home)
    # and the doctor says so
    monkeypatch.setattr(doctor, "run_init", lambda: home)
    doctor.run_doctor()
    assert "UNPUBLISHED" in capsys.readouterr().out


def test_definitions_refuse_a_manifest_of_another_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt, "project_hash", lambda: "another")
    with pytest.raises(dbt.MartsError, match="liveeval init"):
        dbt.assets()


def test_no_usage_statistics_and_no_version_check() -> None:
    assert "send_anonymous_usage_stats: false" in (REPOSITORY / "dbt_project/dbt_project.yml").read_text("utf-8")
    from liveeval_assets.runtime.marts import DbtCommand

    command = dbt.resources()["dbt"]
    assert isinstance(command, DbtCommand)
    assert command._cli_version.major == 1
