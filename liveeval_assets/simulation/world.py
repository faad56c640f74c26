"""The parameters of the simulated world: everything else in it is a pure function of these numbers and the seed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ELL_SD = 0.5
"""Log-length per unit of the length exposure: characters = reference length x exp(ELL_SD x ell)."""


@dataclass(frozen=True)
class Release:
    """A release of the product.

    Attributes:
        effect: added to the probability of a good answer.
        ell: mean length exposure of its answers, in units of ELL_SD of log-length.
    """

    name: str
    family: str
    effect: float
    ell: float
    training_cutoff: str


@dataclass(frozen=True)
class Judge:
    """P(pass) = base + good x Q + length x ell + kin x [same family] +- position (plus: pass option shown first)."""

    name: str
    family: str
    base: float
    good: float
    length: float = 0.0
    kin: float = 0.0
    position: float = 0.0


@dataclass(frozen=True)
class Refuter:
    """How often it refutes bad and good answers, and how often its evidence is not in the answer."""

    name: str
    family: str
    catch: float
    false_kill: float
    void: float


@dataclass(frozen=True)
class Rater:
    """P(rated good | good) and P(rated bad | bad)."""

    name: str
    sensitivity: float
    specificity: float


_RELEASES = (
    Release("r1", "borealis", 0.0, 0.0, "2026-01-31"),
    Release("r2", "borealis", 0.03, 0.35, "2026-01-31"),
    Release("r3", "aster", 0.06, 0.75, "2026-04-30"),
    Release("r4", "aster", 0.09, 1.1, "2026-07-31"),
)
_JUDGES = (
    Judge("naive-judge", "aster", base=0.12, good=0.68, length=0.06, kin=0.04, position=0.04),
    Judge("panel-judge", "corvus", base=0.10, good=0.80, position=0.02),
)
_REFUTERS = (Refuter("refuter", "dorado", catch=0.75, false_kill=0.08, void=0.03),)
_RATERS = (Rater("rater-a", 0.96, 0.94), Rater("rater-b", 0.95, 0.93), Rater("rater-c", 0.94, 0.92))


@dataclass(frozen=True)
class World:
    """A support assistant over some weeks. Frozen, so that one seed is one world.

    Attributes:
        conversations: mean conversations a week.
        weeks_per_release: one release serves all traffic of its weeks.
        new_topic_week: 0-based week in which the last topic appears, with share `new_topic_share`.
        mix_jump, mix_walk: sd of the log-share shift at each release, and of the weekly walk.
        quality: lowest and highest P(Q = 1) of a topic under the first release and an easy question.
        hardness: what a hard question takes from P(Q = 1); base_hard is the share of hard questions in week 1.
            Later weeks ask so many more hard questions that mean quality stays level.
        leak_share, leak_uplift: share of the frozen set that the last release was trained on, and what that adds to P(Q = 1).
        coupling: probability that a release's draw of Q is the question's own draw, shared by all releases.
        ell_sd, ell_range: spread and bounds of the length exposure.
        outcome: y0, y1, yu of P(Y = 1) = clip(y0 + y1 Q + yu u).
        response: c0, cu, cs of P(R = 1) = sigma(c0 + cu u + cs (s - 3.5)), s the index of the topic.
        personal_share: share of user texts that hold personal data.
        canaries: planted pieces of personal data; none may survive anonymisation.
    """

    seed: int = 20260601
    first_week: date = date(2026, 6, 1)
    weeks: int = 12
    as_of: datetime = datetime(2026, 8, 31, tzinfo=UTC)
    conversations: int = 250
    frozen_size: int = 200
    releases: tuple[Release, ...] = _RELEASES
    weeks_per_release: int = 3
    new_topic_week: int = 6
    new_topic_share: float = 0.12
    mix_jump: float = 0.22
    mix_walk: float = 0.04
    quality: tuple[float, float] = (0.50, 0.60)
    hardness: float = 0.30
    base_hard: float = 0.35
    leak_share: float = 0.48
    leak_uplift: float = 0.28
    coupling: float = 0.7
    ell_sd: float = 0.45
    ell_range: tuple[float, float] = (-1.2, 2.0)
    outcome: tuple[float, float, float] = (0.15, 0.60, 0.06)
    response: tuple[float, float, float] = (0.4, 0.6, 0.15)
    escalation: tuple[float, float] = (0.04, 0.12)
    multi_turn_share: float = 0.25
    users_per_conversation: float = 0.4
    personal_share: float = 0.25
    duplicate_share: float = 0.01
    late_share: float = 0.015
    canaries: tuple[str, ...] = ("Quillon Vantreeve", "4929 7710 3381 0042")
    judges: tuple[Judge, ...] = _JUDGES
    refuters: tuple[Refuter, ...] = _REFUTERS
    raters: tuple[Rater, ...] = _RATERS

    def release_of(self, week: int) -> Release:
        """The release that serves the 0-based week."""
        return self.releases[min(week // self.weeks_per_release, len(self.releases) - 1)]

    @property
    def live(self) -> tuple[Release, ...]:
        """Releases that serve at least one week."""
        return tuple(r for r in self.releases if self.weeks_of(r))

    def weeks_of(self, release: Release) -> list[int]:
        """0-based weeks that the release serves."""
        return [w for w in range(self.weeks) if self.release_of(w) is release]

    def monday(self, week: int) -> date:
        """Monday of the 0-based week."""
        return self.first_week + timedelta(weeks=week)

    @property
    def leaked_to(self) -> Release:
        """The release that was trained on part of the frozen set."""
        return self.releases[-1]

    def model_release(self, model: str) -> Release | None:
        """The release that a model name of the server stands for (`release-r1`), or None."""
        return next((r for r in self.releases if model == f"release-{r.name}"), None)


def to_json(world: World) -> str:
    """All parameters as JSON."""
    return json.dumps(asdict(world), default=lambda value: value.isoformat(), indent=1)


def from_json(text: str) -> World:
    """The world whose parameters `to_json` wrote."""
    raw: dict[str, Any] = json.loads(text)
    raw["first_week"] = date.fromisoformat(raw["first_week"])
    raw["as_of"] = datetime.fromisoformat(raw["as_of"])
    raw["releases"] = tuple(Release(**r) for r in raw["releases"])
    raw["raters"] = tuple(Rater(**r) for r in raw["raters"])
    raw["judges"] = tuple(Judge(**j) for j in raw["judges"])
    raw["refuters"] = tuple(Refuter(**r) for r in raw["refuters"])
    for name in ("quality", "ell_range", "outcome", "response", "escalation", "canaries"):
        raw[name] = tuple(raw[name])
    return World(**raw)


def read_world(home: Path) -> World:
    """The parameters that `generate` left in `home/.truth/world.json`.

    Raises:
        FileNotFoundError: the home has no simulated world.
    """
    return from_json((home / ".truth" / "world.json").read_text("utf-8"))
