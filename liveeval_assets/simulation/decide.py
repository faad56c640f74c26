"""What the world's models say: from the prompt's text, the fact book, the leaked list and the world's parameters to a reply."""

from __future__ import annotations

import math
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from liveeval_assets.simulation import author, factbook
from liveeval_assets.simulation.factbook import Finding, asked
from liveeval_assets.simulation.latent import exposure_of
from liveeval_assets.simulation.wire import Ask, BadRequestError
from liveeval_assets.simulation.world import Judge, Refuter, Release, World

_OPTIONS = re.compile(r"Options, in this order:\s*([A-Za-z]+)")
_BETTER = 1.6  # utility of a good over a bad answer
_SPREAD = 0.45  # scale of the logistic noise on utilities
_TIE = 0.35  # utilities closer than this are a tie
_BIAS = 4.0  # utility per unit of a judge's bias on the risk scale
_SPAN = 80  # characters of evidence where no phrase shows the defect


@dataclass(frozen=True)
class WorldMind:
    """Plays every model of a world. It receives no ids and no truth of a case, only what stands in the prompt."""

    world: World
    leaked: AbstractSet[str]

    @cached_property
    def _roles(self) -> dict[str, Judge | Refuter | Release]:
        releases = {f"release-{r.name}": r for r in self.world.releases}
        return {**{j.name: j for j in self.world.judges}, **{r.name: r for r in self.world.refuters}, **releases}

    @property
    def models(self) -> list[str]:
        """Model names that are served."""
        return list(self._roles)

    async def decide(self, ask: Ask) -> dict[str, object] | str:
        """The reply of the model that is asked.

        Raises:
            BadRequestError: 404 for a model that the world does not have, 400 for a prompt without its blocks.
        """
        role = self._roles.get(ask.model)
        if isinstance(role, Release):
            return author.write(self.world, role, *_question_and_first(ask), self.leaked)
        if isinstance(role, Judge):
            return compare(self.world, role, ask) if "ANSWER 2" in ask.blocks else grade(self.world, role, ask)
        if isinstance(role, Refuter):
            return refute(role, ask)
        raise BadRequestError(f"The model `{ask.model}` does not exist", status=404, code="model_not_found")


def grade(world: World, judge: Judge, ask: Ask) -> dict[str, object]:
    """Pass or fail of one answer, with the judge's dialled errors."""
    question, answer = _block(ask, "QUESTION"), _block(ask, "ANSWER")
    finding = factbook.find(question, answer)
    is_pass = ask.noise[0] < p_pass(world, judge, question, answer, finding, is_pass_first=_first_option(ask) != "FAIL")
    reason = "the answer states what the handbook says" if is_pass else "the answer does not settle the question"
    return {"reason": reason, "verdict": "pass" if is_pass else "fail"}


def p_pass(world: World, judge: Judge, question: str, answer: str, finding: Finding, *, is_pass_first: bool) -> float:
    """P(pass) = base + good x Q + length x ell + kin x [same family] +- position."""
    p = judge.base + judge.good * finding.is_good + judge.length * _exposure(world, question, answer)
    p += judge.kin * (factbook.family_of(answer) == judge.family)
    return p + (judge.position if is_pass_first else -judge.position)


def compare(world: World, judge: Judge, ask: Ask) -> dict[str, object]:
    """First, second or tie by a noisy utility: quality, and the judge's taste for position, length and kin."""
    question, one, two = _block(ask, "QUESTION"), _block(ask, "ANSWER 1"), _block(ask, "ANSWER 2")
    quality = factbook.find(question, one).is_good - factbook.find(question, two).is_good
    length = _exposure(world, question, one) - _exposure(world, question, two)
    kin = (factbook.family_of(one) == judge.family) - (factbook.family_of(two) == judge.family)
    utility = _BETTER * quality + _BIAS * (judge.position + judge.length * length + judge.kin * kin)
    u = min(max(ask.noise[0], 1e-12), 1 - 1e-12)
    utility += _SPREAD * math.log(u / (1 - u))
    winner = "tie" if abs(utility) <= _TIE else "first" if utility > 0 else "second"
    return {"reason": "weighed what each answer states", "winner": winner}


def refute(refuter: Refuter, ask: Ask) -> dict[str, object]:
    """An attack on an answer: refuted or not, with evidence that is (nearly always) verbatim in the answer."""
    question, answer = _block(ask, "QUESTION"), _block(ask, "ANSWER")
    finding = factbook.find(question, answer)
    if ask.noise[0] >= (refuter.false_kill if finding.is_good else refuter.catch):
        return {"refuted": False, "defect_class": "none", "evidence_span": "", "check": "read the handbook: nothing to object to"}
    is_void = ask.noise[1] < refuter.void
    defect = "wrong_fact" if finding.defect == "none" else finding.defect
    span = "the answer says the opposite of the handbook" if is_void else _evidence(question, answer, finding)
    return {"refuted": True, "defect_class": defect, "evidence_span": span, "check": "look the statement up in the handbook"}


def _evidence(question: str, answer: str, finding: Finding) -> str:
    """The phrase at fault as it stands in the answer; else the answer's beginning."""
    about = asked(question)
    phrase = finding.evidence or (about[1].right if about else "")
    at = answer.lower().find(phrase) if phrase else -1
    return answer[at : at + len(phrase)] if at >= 0 else answer[:_SPAN].strip()


def _exposure(world: World, question: str, answer: str) -> float:
    about = asked(question)
    return exposure_of(world, about[0] if about else None, len(answer.strip()))


def _first_option(ask: Ask) -> str:
    found = _OPTIONS.search(ask.outside)
    return found.group(1).upper() if found else "PASS"


def _question_and_first(ask: Ask) -> tuple[str, str]:
    if not ask.users:
        raise BadRequestError("there is no user message to answer")
    return ask.users[-1], ask.users[0]


def _block(ask: Ask, name: str) -> str:
    if name not in ask.blocks:
        raise BadRequestError(f"the prompt has no block {name}")
    return ask.blocks[name]
