from datetime import date

import pyarrow as pa
import pytest

from liveeval_assets.shared.spec import INTEGER, NUMBER, TEXT, TableSpec, col, violations
from liveeval_assets.tables import TABLES

SPEC = TableSpec(
    stage="samples",
    name="toy",
    grain="a toy",
    promise="It toys.",
    key=("id",),
    body=(
        col("id", TEXT, "Id."),
        col("n", INTEGER, "Count.", null=True, between=(0, 10)),
        col("x", NUMBER, "Rate.", null=True, between=(0, 1)),
        col("kind", TEXT, "Kind.", values=("a", "b")),
    ),
)
GOOD = {"week": date(2026, 6, 1), "id": "1", "n": 1, "x": 0.5, "kind": "a"}


def _rows(*changes: dict[str, object]) -> pa.Table:
    return SPEC.rows([{**GOOD, "id": str(i), **c} for i, c in enumerate(changes)])


def test_good_rows_break_nothing() -> None:
    assert violations(SPEC, _rows({}, {"n": None}, {"x": 0.0}, {"x": 1.0})) == {}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"id": None}, "id is not null"),
        ({"n": 11}, "n between 0 and 10"),
        ({"x": -0.1}, "x between 0 and 1"),
        ({"x": float("nan")}, "x between 0 and 1"),
        ({"kind": "c"}, "kind is one of a, b"),
    ],
)
def test_each_rule_is_seen(change: dict[str, object], rule: str) -> None:
    assert violations(SPEC, _rows({}, change)) == {rule: 1}


def test_a_repeated_key_is_seen() -> None:
    assert violations(SPEC, _rows({"id": "1"}, {})) == {"(id) is unique within a week": 1}


def test_a_narrowing_cast_is_refused() -> None:
    table = _rows({}).set_column(2, "n", pa.array([2.7]))
    with pytest.raises(pa.ArrowInvalid):
        SPEC.conform(table)


@pytest.mark.parametrize("odd", ["extra", "missing"])
def test_columns_must_be_those_declared(odd: str) -> None:
    table = _rows({})
    table = table.append_column("extra", pa.array([1])) if odd == "extra" else table.drop_columns(["n"])
    with pytest.raises(KeyError, match=odd if odd == "extra" else "n"):
        SPEC.conform(table)


def test_every_table_has_a_key_a_grain_and_documented_columns() -> None:
    for path, spec in TABLES.items():
        assert path == f"{spec.stage}/{spec.name}"
        assert set(spec.key) <= {c.name for c in spec.body}
        assert spec.grain
        assert spec.promise.endswith(".")
        assert all(c.doc.endswith(".") for c in spec.columns), path
        lower = [c.name.lower() for c in spec.columns]
        assert len(set(lower)) == len(lower), "Delta compares column names without case"


def test_only_traces_hold_raw_text() -> None:
    assert [p for p, s in TABLES.items() if s.is_private] == ["traces/conversations"]
