"""The dbt plugin reads the weeks asked for through the Delta log, and never a text."""

from datetime import date

import pytest
from dbt.adapters.duckdb.utils import SourceConfig

from liveeval_assets.runtime.dbt_delta import Plugin, weeks_of
from liveeval_assets.runtime.generate import public_columns
from liveeval_assets.runtime.home import Home
from liveeval_assets.tables import TABLES
from tests.dbt.fixture_lake import SECRET, WEEKS, make_home, write_week


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("source") / "home")


def _source(path: str, weeks: str | None = None) -> SourceConfig:
    return SourceConfig(path.split("/")[1], path.replace("/", "_"), "lake", None, {} if weeks is None else {"weeks": weeks}, [])


def _plugin(home: Home) -> Plugin:
    return Plugin("dbt_delta", {"lake": str(home.path / "data_lake")})


def test_loads_only_the_weeks_asked_for(home: Home) -> None:
    table = _plugin(home).load(_source("verdicts/judged", "2026-06-08"))
    assert set(table["week"].to_pylist()) == {date(2026, 6, 8)}


def test_loads_every_week_by_default(home: Home) -> None:
    assert set(_plugin(home).load(_source("verdicts/judged"))["week"].to_pylist()) == set(WEEKS)


def test_no_week_is_an_empty_table_with_its_columns(home: Home) -> None:
    table = _plugin(home).load(_source("scorecards/gap", ""))
    assert table.num_rows == 0
    assert table.column_names == [c.name for c in public_columns(TABLES["scorecards/gap"])]


def test_a_replaced_week_is_read_once(home: Home) -> None:
    # the files of the replaced partition are still on disk; a glob would read both
    before = _plugin(home).load(_source("samples/assigned")).num_rows
    write_week(home, WEEKS[0])
    assert _plugin(home).load(_source("samples/assigned")).num_rows == before


def test_no_text_is_loaded(home: Home) -> None:
    for path, spec in TABLES.items():
        if not spec.is_private:
            assert SECRET not in str(_plugin(home).load(_source(path)).to_pylist()), path


def test_a_week_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Monday"):
        weeks_of("2026-06-02")
    with pytest.raises(ValueError, match="not a week"):
        weeks_of("2026-06-01') or ('1'='1")


def test_sources_become_tables(home: Home) -> None:
    assert _plugin(home).default_materialization() == "table"
