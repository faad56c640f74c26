"""The units of a week's scorecards: frozen items, living items and traffic of each release that is still looked at.

A release is seen through the last `window` weeks in which it was live. What earlier weeks have built is carried over from
the previous week's rows, so the work of a week does not grow with the number of weeks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa

from liveeval_assets.shared.errors import CheckFailed
from liveeval_assets.shared.weeks import WEEK
from liveeval_assets.tables import TABLES

ITEM_SCORES = TABLES["scorecards/item_scores"]
MAX_RELEASES = 8
_KEY = ["version", "item_id", "release_id"]
_RATER = ["sensitivity", "specificity", "sensitivity_se", "specificity_se"]


def build_units(tables: Mapping[str, pa.Table], *, week: date, window: int, covariates: Sequence[str]) -> pa.Table:
    """Rows of scorecards/item_scores without the columns that models fill (ell, m, psi, propensity, mu).

    Args:
        tables: by path: the week's tables, `eval_sets/versions` of the first week and this one, the registry up to the
            week, and the previous week's `scorecards/item_scores`.
        window: weeks of a release's domain.
        covariates: numeric attributes of conversations.
    """
    frames = {path: _frame(table) for path, table in tables.items()}
    judged = _verdicts(frames)
    items = pl.concat([_items(frames, judged, "frozen", "replayed", week), _items(frames, judged, "living", "logged", week)])
    fresh = pl.concat([items, _traffic(frames, covariates, week)], how="diagonal_relaxed")
    carried = frames["scorecards/item_scores"].join(fresh, on=["population", "release_id", "unit_id"], how="anti")
    if not carried.filter(pl.col("covariates").list.len() != len(covariates)).is_empty():
        raise CheckFailed("earlier weeks hold other covariates (scorecards.covariates has changed): run `liveeval refresh` without --weeks")
    everything = pl.concat([carried.drop("week"), fresh], how="diagonal_relaxed")
    kept = _domain(everything, frames["releases/registry"], window, week)
    kept = _with_newest_rater_error(kept, frames["labels/consensus"])
    # an answer without a label has the plan of its group: psi of it is its prediction
    plan = pl.col("label_probability").fill_null(pl.col("label_probability").max().over("population", "release_id"))
    kept = kept.with_columns(week=pl.lit(week), label_probability=plan)
    columns = [pl.col(n) if n in kept.columns else pl.lit(None).alias(n) for n in ITEM_SCORES.schema.names]
    arrow = kept.select(columns).sort("population", "release_id", "unit_id").to_arrow()
    return ITEM_SCORES.conform(arrow)


def _frame(table: pa.Table) -> pl.DataFrame:
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found


def _verdicts(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per answer: naive J1, J2 and family; the panel's V; Z1 of the first refuter."""
    grades = frames["verdicts/judged"].filter((pl.col("unit") == "item") & (pl.col("task") == "grade"))
    key = [*_KEY, "mode"]
    naive = grades.filter((pl.col("judge_role") == "naive") & (pl.col("status") == "scored")).select(*key, J1="first", J2="second", judge_family="judge_family")
    value = pl.col("verdict").replace_strict({"pass": 1.0, "fail": 0.0, "split": 0.5}, default=None, return_dtype=pl.Float64)
    votes = grades.filter((pl.col("judge_role") == "panel") & (pl.col("status") == "scored")).group_by(key).agg(vote=value.mean())
    panel = votes.select(*key, V=pl.when(pl.col("vote") > 0.5).then(1.0).when(pl.col("vote") < 0.5).then(0.0).otherwise(0.5))
    audited = frames["verdicts/audited"].filter(pl.col("unit") == "item").select(*key, "Z1")
    return naive.join(panel, on=key, how="full", coalesce=True).join(audited, on=key, how="left")


def _items(frames: Mapping[str, pl.DataFrame], judged: pl.DataFrame, role: str, mode: str, week: date) -> pl.DataFrame:
    """Answers of this week to items of one role, with verdicts, labels and exposures."""
    modes = [mode, "imported"] if role == "frozen" else [mode]
    answers = frames["responses/answers"].filter(pl.col("mode").is_in(modes) & (pl.col("status") == "ok"))
    versions = frames["eval_sets/versions"].filter((pl.col("role") == role) & (pl.col("status") == "active"))
    items = versions.select("version", "item_id", "stratum_id", "split", "weight", cluster="user_key")
    labels = frames["labels/consensus"].filter(pl.col("population") == role)
    labels = labels.select(*_KEY, "mode", "label_probability", label_y="y", label="q")
    seen = frames["eval_sets/contamination"].select(*_KEY).unique().with_columns(contaminated=pl.lit(1.0))
    families = frames["releases/registry"].select("release_id", "family")
    rows = (
        answers.select(*_KEY, "mode", "n_characters")
        .join(items, on=["version", "item_id"], how="inner")
        .join(judged, on=[*_KEY, "mode"], how="left")
        .join(labels, on=[*_KEY, "mode"], how="left")
        .join(seen, on=_KEY, how="left")
        .join(families, on="release_id", how="left")
    )
    return rows.select(
        "release_id",
        "stratum_id",
        "split",
        "cluster",
        "J1",
        "J2",
        "V",
        "Z1",
        "n_characters",
        "label",
        "label_y",
        "label_probability",
        population=pl.lit(role),
        unit_id="item_id",
        unit_week=pl.lit(week),
        # the frozen set is a plain list: each item counts once
        weight=pl.lit(1.0) if role == "frozen" else pl.col("weight"),
        f=(pl.col("family") == pl.col("judge_family")).cast(pl.Float64),
        contaminated=pl.col("contaminated").fill_null(0.0),
    )


def _traffic(frames: Mapping[str, pl.DataFrame], covariates: Sequence[str], week: date) -> pl.DataFrame:
    """Every phase-1 conversation of the week with its stratum and outcome."""
    probabilities = frames["samples/anonymised"].select("conversation_id", p=pl.col("read_probability") * pl.col("phase1_probability"))
    outcomes = frames["outcomes/matured"].select("conversation_id", "y", "status", "is_mature")
    attributes = frames["traces/conversations"].select("conversation_id", "attributes")
    rows = (
        frames["samples/assigned"]
        .join(probabilities, on="conversation_id", how="left")
        .join(outcomes, on="conversation_id", how="left")
        .join(attributes, on="conversation_id", how="left")
    )
    numbers = pl.Series("covariates", [_numbers(a, covariates) for a in rows["attributes"].to_list()], dtype=pl.List(pl.Float32))
    return rows.with_columns(numbers).select(
        "release_id",
        "stratum_id",
        "covariates",
        population=pl.lit("traffic"),
        unit_id="conversation_id",
        unit_week=pl.lit(week),
        split=pl.lit(""),
        cluster="user_key",
        weight=1 / pl.col("p").fill_null(1.0),
        y=pl.when(pl.col("is_mature")).then(pl.col("y")),
        observed=pl.when(pl.col("is_mature")).then((pl.col("status") == "observed").cast(pl.Float64)),
    )


def _numbers(attributes: str | None, names: Sequence[str]) -> list[float]:
    values: Mapping[str, Any] = json.loads(attributes or "{}")
    return [float(v) if isinstance(v := values.get(name), int | float) and not isinstance(v, bool) else 0.0 for name in names]


def _domain(rows: pl.DataFrame, registry: pl.DataFrame, window: int, week: date) -> pl.DataFrame:
    """The last `window` live weeks of each release; those that served lately, the newest and the reference are kept."""
    live = rows.filter(pl.col("population") == "traffic").select("release_id", "unit_week").unique()
    kept_weeks = live.sort("unit_week", descending=True).group_by("release_id", maintain_order=True).head(window)
    serving = live.filter(pl.col("unit_week") > week - window * WEEK)["release_id"].to_list()
    newest = registry.sort("deployed_at", "release_id", descending=True).head(MAX_RELEASES)["release_id"].to_list()
    kept = {*serving, *newest, *registry.filter(pl.col("is_reference"))["release_id"].to_list()}
    is_frozen = pl.col("population") == "frozen"
    inside = rows.filter(~is_frozen).join(kept_weeks, on=["release_id", "unit_week"], how="semi")
    return pl.concat([rows.filter(is_frozen), inside]).filter(pl.col("release_id").is_in(sorted(kept)))


def _with_newest_rater_error(rows: pl.DataFrame, consensus: pl.DataFrame) -> pl.DataFrame:
    """The newest estimate of the raters' error corrects every label: older weeks had fewer ratings to estimate it from."""
    if consensus.is_empty():
        return rows
    newest = {name: consensus[name][0] for name in _RATER}
    corrected = (pl.col("label_y") - (1 - newest["specificity"])) / (newest["sensitivity"] + newest["specificity"] - 1)
    columns = {name: pl.when(pl.col("label_y").is_not_null()).then(pl.lit(value, dtype=pl.Float64)) for name, value in newest.items()}
    return rows.with_columns(label=corrected, **columns)
