"""A second look at anonymised text with rules that share nothing with the layers: canaries, addresses, long numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from liveeval_assets.samples.normalise import squash
from liveeval_assets.shared.errors import CheckFailed

# Two rules that know nothing of Presidio: something@something.something, and seven digits with at most two marks between
RESIDUES = {
    "email": re.compile(r"[^\s@\[\]]{1,64}@[^\s@\[\]]{1,190}\.[^\W\d_]{2,}"),
    "long_number": re.compile(r"\d(?:[ ().\-/]{0,2}\d){6,}"),
}
_MIN_CANARY = 5  # letters and digits; a shorter one would be found in ordinary words


def residue(texts: Iterable[str]) -> dict[str, int]:
    """Texts in which a rule still finds something, by rule."""
    found = dict.fromkeys(RESIDUES, 0)
    for text in texts:
        for name, rule in RESIDUES.items():
            found[name] += rule.search(text) is not None
    return {name: n for name, n in found.items() if n}


def surviving(canaries: Sequence[str], texts: Iterable[str]) -> int:
    """Canaries found in any text, compared without case, spaces, punctuation and disguise."""
    wanted = {s for c in canaries if len(s := squash(c)) >= _MIN_CANARY}
    alive: set[str] = set()
    for text in texts:
        squashed = squash(text)
        alive |= {c for c in wanted - alive if c in squashed}
    return len(alive)


def refuse_canaries(table: pa.Table, canaries: Sequence[str], path: str) -> int:
    """Number of planted pieces of personal data that were looked for; none of them survived.

    Raises:
        CheckFailed: at least one survived; nothing may be written.
    """
    alive = surviving(canaries, texts_of(table))
    if alive:
        raise CheckFailed(f"{path}: {alive} of {len(canaries)} canaries survived the layers; mend samples.layers, nothing was written")
    return len(canaries)


def texts_of(table: pa.Table) -> list[str]:
    """Every distinct text of a table with history, question and, where it has one, answer."""
    chunks = [table.column("question")] + ([table.column("answer")] if "answer" in table.column_names else [])
    flat = pc.list_flatten(table.column("history"))
    if len(flat):
        chunks += [pc.struct_field(flat, "text"), pc.struct_field(flat, "tool_calls")]
    return sorted({t for chunk in chunks for t in chunk.to_pylist() if t})
