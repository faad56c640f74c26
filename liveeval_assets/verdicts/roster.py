"""Who judges and who attacks, and whether they may: panel, refuters and generators come from different families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from liveeval_assets.settings import Model, Verdicts
from liveeval_assets.shared.errors import SettingsError
from liveeval_assets.shared.hashing import digest_json
from liveeval_assets.verdicts.prompts import wording

Role = Literal["naive", "panel", "refuter"]


@dataclass(frozen=True)
class Judge:
    """A model in a role; `sampling` is what decides its replies beside the prompt."""

    name: str
    role: Role
    family: str
    sampling: tuple[tuple[str, float | int | str], ...]


@dataclass(frozen=True)
class Roster:
    """Everybody who is asked, and by what rubric."""

    judges: tuple[Judge, ...]
    refuters: tuple[Judge, ...]
    rubric: str

    @property
    def panel(self) -> tuple[Judge, ...]:
        """The judges whose passes are attacked."""
        return tuple(j for j in self.judges if j.role == "panel")

    def version(self, judge: Judge, template: str) -> str:
        """Evaluator version of one judge at one task: rubric, wording, model, sampling and family."""
        return digest_json([self.rubric, wording(template), judge.name, judge.sampling, judge.family])


def roster_of(verdicts: Verdicts, models: Mapping[str, Model]) -> Roster:
    """Who the settings name.

    Raises:
        SettingsError: a name that `llm.models` does not have, or a judge in two roles.
    """
    roles: list[tuple[str, Role]] = [*([(verdicts.naive, "naive")] if verdicts.naive else []), *((n, "panel") for n in verdicts.panel)]  # type: ignore[list-item]
    roles += [(n, "refuter") for n in verdicts.refuters]
    unknown = sorted({n for n, _ in roles} - set(models))
    if unknown:
        raise SettingsError(f"verdicts: llm.models has no {', '.join(unknown)}; add it, or name another model")
    named = [n for n, _ in roles]
    twice = sorted({n for n in named if named.count(n) > 1})
    if twice:
        raise SettingsError(f"verdicts: {', '.join(twice)} stands in two roles; give every judge and refuter one")
    everybody = tuple(Judge(n, role, models[n].family, models[n].sampling) for n, role in roles)
    return Roster(tuple(j for j in everybody if j.role != "refuter"), tuple(j for j in everybody if j.role == "refuter"), verdicts.rubric)


def kinships(panel: Mapping[str, str], refuters: Mapping[str, str], generators: Mapping[str, str]) -> list[str]:
    """Pairs that share a family where they may not, each as a clause; arguments map names to families."""
    found = _shared("panel judge", panel, "release", generators) + _shared("refuter", refuters, "release", generators)
    return found + _shared("refuter", refuters, "panel judge", panel)


def require_strangers(roster: Roster, generators: Mapping[str, str]) -> None:
    """Refuse to buy verdicts from kin.

    Raises:
        SettingsError: names each pair and the mend.
    """
    found = kinships({j.name: j.family for j in roster.panel}, {j.name: j.family for j in roster.refuters}, generators)
    if found:
        raise SettingsError(f"{'; '.join(found)}: choose models of other families in verdicts.panel and verdicts.refuters (the naive judge may be kin)")


def _shared(one: str, these: Mapping[str, str], other: str, those: Mapping[str, str]) -> list[str]:
    return [
        f"{one} '{name}' and {other} {_list(n for n, f in those.items() if f == family)} are of family '{family}'"
        for name, family in these.items()
        if family in those.values()
    ]


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"'{n}'" for n in names)
