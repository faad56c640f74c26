"""How far a judge's verdicts go with what happened: `python examples/agreement.py examples/convai2`.

Prints, for each judge, the mean outcome of conversations whose answer passed and failed, and the chance that a conversation with a
better outcome has the better verdict (ties count half; 0.5 is no better than a coin), with a 95 % interval from a bootstrap over users.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from liveeval_assets.runtime.home import Home
from liveeval_assets.tables import TABLES

GRADES = {"pass": 1.0, "split": 0.5, "fail": 0.0}
REPLICATES = 1000


def pairs_of(home: Home) -> dict[str, list[tuple[str, float, float]]]:
    """(user, grade, outcome) of each graded living item with an observed outcome, by judge."""
    read = home.lake.read
    outcomes = {r["conversation_id"]: r["y"] for r in read(TABLES["outcomes/matured"]).to_pylist() if r["status"] == "observed"}
    items = {(r["version"], r["item_id"]): r for r in read(TABLES["eval_sets/versions"]).to_pylist() if r["role"] == "living"}
    found: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for row in read(TABLES["verdicts/judged"]).to_pylist():
        item: dict[str, Any] | None = items.get((row["version"], row["item_id"]))
        if row["task"] == "grade" and row["mode"] == "logged" and row["status"] == "scored" and item and item["conversation_id"] in outcomes:
            found[row["judge"]].append((item["user_key"], GRADES[row["verdict"]], outcomes[item["conversation_id"]]))
    return dict(found)


def concordance(grade: np.ndarray, outcome: np.ndarray, weight: np.ndarray) -> float:
    """Probability that of two conversations with unequal outcomes the better one has the better grade; NaN if all outcomes are equal."""
    better = np.sign(outcome[:, None] - outcome[None, :]) > 0
    agrees = (np.sign(grade[:, None] - grade[None, :]) + 1) / 2
    mass = weight[:, None] * weight[None, :] * better
    return float((mass * agrees).sum() / mass.sum()) if mass.sum() else float("nan")


def interval(users: list[str], grade: np.ndarray, outcome: np.ndarray, seed: int = 1) -> tuple[float, float]:
    """95 % interval of the concordance: users are drawn with replacement."""
    _, place = np.unique(users, return_inverse=True)
    draw, n = np.random.default_rng(seed), place.max() + 1
    found = [concordance(grade, outcome, draw.multinomial(n, np.full(n, 1 / n))[place].astype(float)) for _ in range(REPLICATES)]
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Print one line per judge of the home named on the command line."""
    for judge, rows in sorted(pairs_of(Home(Path(sys.argv[1]).resolve())).items()):
        users, grade, outcome = [r[0] for r in rows], np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
        low, high = interval(users, grade, outcome)
        means = "  ".join(f"{name} {outcome[grade == g].mean():.2f} (n={int((grade == g).sum())})" for name, g in GRADES.items() if (grade == g).any())
        print(f"{judge}: mean outcome {means}; concordance {concordance(grade, outcome, np.ones(len(grade))):.2f} ({low:.2f} to {high:.2f}), n={len(rows)}")


if __name__ == "__main__":
    main()
