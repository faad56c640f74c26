"""The prompts of judges and refuters, as the pipeline writes them."""

from __future__ import annotations

from liveeval_assets.simulation.wire import Ask


def fence(name: str, text: str, nonce: str) -> str:
    return f"<<{name} {nonce}>>\n{text}\n<<END {nonce}>>\n"


def grade_prompt(question: str, answer: str, *, order: int = 1, nonce: str = "a1b2") -> str:
    options = "PASS, FAIL" if order == 1 else "FAIL, PASS"
    return f"Grade the answer.\n{fence('QUESTION', question, nonce)}{fence('ANSWER', answer, nonce)}Options, in this order: {options}\n"


def compare_prompt(question: str, one: str, two: str, *, nonce: str = "a1b2") -> str:
    body = fence("QUESTION", question, nonce) + fence("ANSWER 1", one, nonce) + fence("ANSWER 2", two, nonce)
    return f"Which answer is better?\n{body}Options, in this order: FIRST, SECOND, TIE\n"


def ask(model: str, prompt: str) -> Ask:
    return Ask(model, (("system", "You judge."), ("user", prompt)))
