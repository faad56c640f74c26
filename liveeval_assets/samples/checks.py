"""What must hold of the stage's tables before they are written."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.samples.embed import to_matrix
from liveeval_assets.samples.residue import residue, texts_of
from liveeval_assets.samples.turns import choose_turn
from liveeval_assets.shared.checks import Check, CheckResult, Tables
from liveeval_assets.tables import TABLES

_UNIT_TOLERANCE = 1e-3
_WEIGHT_TOLERANCE = 1e-6
_FAR_WARNING = 0.1


def _no_residue(path: str, tables: Tables) -> CheckResult:
    found = residue(texts_of(tables[path]))
    return CheckResult(not found, found, "texts still hold addresses or long numbers; add the layers patterns and allow_list to samples.layers")


def _all_in_phase1(tables: Tables) -> CheckResult:
    unknown = _outside(tables["samples/anonymised"], tables["traces/conversations"])
    return CheckResult(not unknown, {"unknown": unknown}, "items without a conversation")


def _same_conversations(path: str, tables: Tables) -> CheckResult:
    missing = _outside(tables["samples/anonymised"], tables[path]) + _outside(tables[path], tables["samples/anonymised"])
    return CheckResult(not missing, {"differ": missing}, "refresh the week again")


def _unit_vectors(path: str, column: str, tables: Tables) -> CheckResult:
    matrix = to_matrix(tables[path].column(column))
    norms = np.linalg.norm(matrix, axis=1) if len(matrix) else np.ones(0)
    # an empty text embeds to nothing; it still may not have any other length
    odd = int(((np.abs(norms - 1) > _UNIT_TOLERANCE) & (norms > 0)).sum())
    return CheckResult(not odd, {"odd": odd}, "the embedding model returned vectors that are not of length 1")


def _one_model(tables: Tables) -> CheckResult:
    models = len(pc.unique(tables["samples/embedded"].column("model_hash")))
    return CheckResult(models <= 1, {"models": models}, "vectors of several models cannot be compared; refresh the week again")


def _conversations_are_counted_once(tables: Tables) -> CheckResult:
    assigned = tables["samples/assigned"]
    n = int(pc.sum(assigned.column("multiplicity")).as_py() or 0)
    return CheckResult(n == assigned.num_rows, {"sum": n, "rows": assigned.num_rows}, "multiplicities do not add up to the conversations")


def _known_strata(tables: Tables) -> CheckResult:
    known = set(tables["samples/strata"].column("stratum_id").to_pylist())
    unknown = sum(s not in known for s in tables["samples/assigned"].column("stratum_id").to_pylist())
    return CheckResult(not unknown, {"unknown": unknown}, "refresh samples/strata first")


def _weights_sum_to_traffic(tables: Tables) -> CheckResult:
    items = tables["samples/anonymised"].select(["conversation_id", "read_probability", "phase1_probability"])
    shares = pc.multiply(items.column("read_probability"), items.column("phase1_probability"))
    traffic = float(pc.sum(pc.divide(1.0, shares)).as_py() or 0)
    weights = float(pc.sum(tables["samples/drawn"].column("weight")).as_py() or 0)
    is_close = abs(weights - traffic) <= _WEIGHT_TOLERANCE * max(traffic, 1)
    return CheckResult(is_close, {"weights": weights, "traffic": traffic}, "weights must sum to the week's conversations")


def _one_per_user_day(tables: Tables) -> CheckResult:
    drawn = tables["samples/drawn"].select(["conversation_id", "user_key"])
    days = tables["samples/anonymised"].select(["conversation_id", "started_at"])
    joined = drawn.join(days, "conversation_id", join_type="inner")
    joined = joined.append_column("day", pc.floor_temporal(joined.column("started_at"), unit="day"))
    repeated = joined.num_rows - joined.group_by(["user_key", "day"]).aggregate([]).num_rows
    return CheckResult(not repeated and joined.num_rows == drawn.num_rows, {"repeated": repeated}, "at most one conversation per user and day")


def _far_share(tables: Tables) -> CheckResult:
    far = tables["samples/assigned"].column("is_far")
    share = float(pc.mean(pc.cast(far, pa.float64())).as_py() or 0)
    return CheckResult(share <= _FAR_WARNING, {"far_share": share}, "much traffic is far from every stratum; new strata are born when it lasts")


def _outside(left: pa.Table, right: pa.Table) -> int:
    """Conversations of `left` that `right` does not have."""
    return int(left.num_rows) - int(pc.sum(pc.is_in(left.column("conversation_id"), right.column("conversation_id").combine_chunks())).as_py() or 0)


def _residue_check(path: str) -> Check:
    return Check("no_residue", TABLES[path], partial(_no_residue, path), "A second scan with other rules finds no e-mail address and no long number.")


def _answered_are_kept(tables: Tables) -> CheckResult:
    if tables["samples/anonymised"].num_rows:
        return CheckResult(True)
    messages = tables["traces/conversations"].column("messages").to_pylist()
    answered = sum(choose_turn(m, 0, "", "last") is not None for m in messages)
    return CheckResult(not answered, {"answered": answered}, "conversations were answered, but none could be anonymised; look at the asset's metadata")


ANONYMISED = (
    _residue_check("samples/anonymised"),
    Check("answered_are_kept", TABLES["samples/anonymised"], _answered_are_kept, "A week without items is one in which nothing was answered."),
    Check("from_conversations", TABLES["samples/anonymised"], _all_in_phase1, "Every item belongs to a conversation of the week."),
)
IMPORTED = (_residue_check("samples/imported"),)
EMBEDDED = (
    Check("same_conversations", TABLES["samples/embedded"], partial(_same_conversations, "samples/embedded"), "Every anonymised conversation has one vector."),
    Check("unit_vectors", TABLES["samples/embedded"], partial(_unit_vectors, "samples/embedded", "vector"), "Vectors have length 1."),
    Check("one_model", TABLES["samples/embedded"], _one_model, "All vectors come from one model."),
)
STRATA = (Check("unit_centroids", TABLES["samples/strata"], partial(_unit_vectors, "samples/strata", "centroid"), "Centroids have length 1."),)
ASSIGNED = (
    Check("all_assigned", TABLES["samples/assigned"], partial(_same_conversations, "samples/assigned"), "Every phase-1 conversation is assigned."),
    Check("counted_once", TABLES["samples/assigned"], _conversations_are_counted_once, "Multiplicities sum to the conversations."),
    Check("known_strata", TABLES["samples/assigned"], _known_strata, "Every stratum exists."),
    Check("few_far", TABLES["samples/assigned"], _far_share, "At most a tenth of the traffic is far from every stratum.", is_blocking=False),
)
DRAWN = (
    Check("weights_sum_to_traffic", TABLES["samples/drawn"], _weights_sum_to_traffic, "Weights sum to the week's conversations."),
    Check("one_per_user_day", TABLES["samples/drawn"], _one_per_user_day, "At most one conversation of a user on a day."),
)
