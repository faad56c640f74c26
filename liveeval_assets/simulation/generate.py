"""Write a world to a home: what a product would have logged to `source/`, what nobody could know to `.truth/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import yaml

from liveeval_assets.shared.hashing import digest, uniform
from liveeval_assets.simulation import dirt, schedule
from liveeval_assets.simulation.frozen import FrozenItem, corpora, frozen_items, leaked_keys
from liveeval_assets.simulation.population import Conversation, conversations
from liveeval_assets.simulation.questions import Questions
from liveeval_assets.simulation.text import canonical
from liveeval_assets.simulation.topics import TOPICS
from liveeval_assets.simulation.truth import truth
from liveeval_assets.simulation.world import World, to_json

_PROMPT = "You are the support assistant of a household club. {tone} Answer in plain words, from the handbook, and never guess."
_TONES = ("Be brief.", "Be kind and clear.", "Explain the reason behind each answer.", "Be thorough: explain, reassure, and offer more help.")
_LATE_OUTCOMES = 0.03
_LATE_BY = timedelta(days=9)


def generate(folder: Path, world: World) -> None:
    """Write `folder/source/*`, `folder/.truth/*` and the key of pseudonyms; the same world gives the same bytes."""
    questions = Questions(world)
    items = frozen_items(world, questions)
    files = corpora(world, questions, items)
    people = list(conversations(world, questions))
    source, hidden = folder / "source", folder / ".truth"
    counts = _write_traces(source / "traces", world, people)
    _write_outcomes(source / "outcomes", world, people)
    _write_frozen(source, world, items)
    for name, texts in files.items():
        _write_lines(source / "corpora" / name, (orjson.dumps({"text": text}) for text in texts))
    _write_releases(source, world)
    # simulated people have no secrets: with one key the same world gives the same draws on every machine
    _write(folder / ".secrets" / "hmac_key", digest("simulated people", world.seed).encode(), mode=0o600)
    _write(hidden / "world.json", to_json(world).encode())
    _write(hidden / "leaked.json", orjson.dumps(sorted(leaked_keys(items))))
    _write(hidden / "truth.json", orjson.dumps(truth(world), option=orjson.OPT_INDENT_2))
    _write(hidden / "records.json", orjson.dumps(counts, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    _write_lines(hidden / "conversations.jsonl", map(_latents, people))
    _write_lines(hidden / "frozen.jsonl", (orjson.dumps({"question": i.question, "topic": TOPICS[i.topic].name, "is_leaked": i.is_leaked}) for i in items))


def _record(c: Conversation) -> dirt.Record:
    messages: list[dict[str, str]] = []
    for turn in c.turns:
        messages.append({"role": "user", "content": turn.text, "at": _iso(c.at(len(messages)))})
        messages.append({"role": "assistant", "content": turn.answer, "at": _iso(c.at(len(messages)))})
    return {
        "id": c.name,
        "release": c.release.name,
        "user": c.person.name,
        "started_at": _iso(c.started_at),
        "ended_at": _iso(c.ended_at),
        "messages": messages,
        "customer": c.person.customer,
        "attributes": c.person.attributes,
    }


def _write_traces(folder: Path, world: World, people: Sequence[Conversation]) -> dict[str, int]:
    """One file a week, late.jsonl with records that belong to earlier weeks; returns lines by sort."""
    records = [_record(c) for c in people]
    weeks: dict[int, list[tuple[str, bytes]]] = {w: [] for w in range(world.weeks)}
    late: list[bytes] = []
    for c, record in zip(people, records, strict=True):
        if uniform(world.seed, "late record", c.name) < world.late_share:
            late.append(orjson.dumps(record))
        else:
            weeks[c.week].append((c.name, orjson.dumps(record)))
    counts = Counter({"conversations": len(people), "late": len(late)})
    odd = {w: [line for _, line in weeks[w]] for w in weeks}
    for w, lines in weeks.items():
        copies = dirt.repeats(world, lines)
        odd[w] += copies
        counts["duplicate"] += len(copies)
    clashes = dirt.conflicts(world, records)
    counts["conflicting_id"] += len(clashes)
    late += clashes
    for number, (sort, line) in enumerate(dirt.broken(records[0]).items()):
        odd[number % world.weeks].insert(number, line)
        counts[sort] += 1
    for w, content in odd.items():
        _write_lines(folder / f"{world.monday(w)}.jsonl", content)
    _write_lines(folder / "late.jsonl", late)
    return dict(counts)


def _write_outcomes(folder: Path, world: World, people: Sequence[Conversation]) -> None:
    """Resolution where it was observed, escalation for all; some are received after their window."""
    for w in range(world.weeks):
        lines = []
        for c in (c for c in people if c.week == w):
            if c.is_observed:
                occurred = c.ended_at + timedelta(days=6 * uniform(world.seed, "outcome lag", c.name))
                is_late = uniform(world.seed, "late outcome", c.name) < _LATE_OUTCOMES
                received = c.ended_at + _LATE_BY if is_late else occurred + timedelta(hours=2)
                lines.append(_event(c, "resolution", c.outcome, occurred, min(received, world.as_of - timedelta(hours=1))))
            told = c.ended_at + timedelta(hours=1 + 60 * uniform(world.seed, "escalation lag", c.name))
            lines.append(_event(c, "escalation", c.is_escalated, told, told + timedelta(minutes=5)))
        _write_lines(folder / f"{world.monday(w)}.jsonl", lines)


def _event(c: Conversation, name: str, value: bool, occurred: datetime, received: datetime) -> bytes:
    return orjson.dumps(
        {"conversation": c.name, "name": name, "value": int(value), "occurred_at": _iso(occurred), "received_at": _iso(max(occurred, received))}
    )


def _write_frozen(source: Path, world: World, items: Sequence[FrozenItem]) -> None:
    rows = ({"question": i.question, "history": [{"role": role, "content": text} for role, text in i.history]} for i in items)
    _write_lines(source / "frozen_set.jsonl", map(orjson.dumps, rows))
    _write(source / "past_scores.json", orjson.dumps(_past_scores(world), option=orjson.OPT_INDENT_2))


def _past_scores(world: World) -> dict[str, float]:
    """What the naive judge said of two releases before the first week: pass rates over the set."""
    judge, scores = world.judges[0], {}
    for name, effect, ell in (("r-1", -0.06, -0.25), ("r0", -0.03, -0.1)):
        quality = sum(p * mu for p, mu in zip(schedule.past_shares(world), schedule.base_quality(world), strict=True)) + effect
        p = judge.base + judge.good * quality + judge.length * ell + judge.position
        passes = sum(uniform(world.seed, "past score", name, i) < p for i in range(world.frozen_size))
        scores[name] = round(passes / world.frozen_size, 3)
    return scores


def _write_releases(source: Path, world: World) -> None:
    rows = []
    for number, release in enumerate(world.live):
        _write(source / "prompts" / f"{release.name}.txt", _PROMPT.format(tone=_TONES[number % len(_TONES)]).encode() + b"\n")
        rows.append(
            {
                "id": release.name,
                "family": release.family,
                "model": f"{release.family}-{release.name}",
                "prompt": f"source/prompts/{release.name}.txt",
                "deployed_at": f"{world.monday(world.weeks_of(release)[0])}T00:00:00Z",
                "training_cutoff": release.training_cutoff,
                "traffic": "staged",
                "answers": {"by": "endpoint", "at": f"release-{release.name}"},
                "reference": number == 0,
            }
        )
    _write(source / "releases.yaml", yaml.safe_dump({"releases": rows}, sort_keys=False).encode())


def _latents(c: Conversation) -> bytes:
    return orjson.dumps(
        {
            "id": c.name,
            "week": c.week,
            "release": c.release.name,
            "topic": TOPICS[c.topic].name,
            "is_hard": c.is_hard,
            "quality": int(c.is_good),
            "effect": c.person.effect,
            "outcome": int(c.outcome),
            "is_observed": c.is_observed,
            "first": canonical(c.turns[0].masked),
        }
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    _write(path, b"".join(line + b"\n" for line in lines))


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode)
    path.write_bytes(content)
