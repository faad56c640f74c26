"""The asset graph, one line per asset: a change of lineage is seen in review. `python -m tests.graph.test_asset_graph` rewrites it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from liveeval_assets.definitions import STAGES, defs
from liveeval_assets.tables import TABLES

SNAPSHOT = Path(__file__).parent / "asset_graph.txt"


def lines() -> str:
    """`key [group] <- parents`, sorted."""
    graph = defs.resolve_asset_graph()
    found = []
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        parents = " ".join(sorted(p.to_user_string() for p in node.parent_keys))
        found.append(f"{key.to_user_string()} [{node.group_name}{', weekly' if node.partitions_def else ''}] <- {parents}".rstrip())
    return "\n".join(sorted(found)) + "\n"


def test_the_graph_is_as_reviewed() -> None:
    assert lines() == SNAPSHOT.read_text("utf-8")


def test_every_declared_table_is_an_asset_in_the_group_of_its_stage() -> None:
    graph = defs.resolve_asset_graph()
    for path, spec in TABLES.items():
        node = graph.get(dg.AssetKey(path.split("/")))
        assert node.group_name == spec.stage
        assert node.description == spec.description
        assert node.owners
        assert {"python", "deltalake"} <= set(node.kinds)
        assert "dagster/column_schema" in node.metadata


def test_stages_stand_in_flow_order() -> None:
    names = [m.__name__.split(".")[1] for m in STAGES]
    assert names == ["releases", "traces", "outcomes", "samples", "eval_sets", "responses", "verdicts", "labels", "scorecards", "report"]


def test_every_table_has_a_blocking_check_of_its_declaration() -> None:
    graph = defs.resolve_asset_graph()
    for path in TABLES:
        checks = graph.get_check_keys_for_assets({dg.AssetKey(path.split("/"))})
        assert "as_declared" in {c.name for c in checks}, path


if __name__ == "__main__":
    SNAPSHOT.write_text(lines(), "utf-8")
