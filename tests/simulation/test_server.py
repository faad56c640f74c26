"""The server through the clients that the pipeline uses, on the loopback interface."""

from __future__ import annotations

import asyncio
from typing import Literal

import httpx
import instructor
import openai
import pytest
from pydantic import BaseModel

from liveeval_assets.simulation.factbook import find
from liveeval_assets.simulation.wire import Ask, completion, fit

from .prompts import compare_prompt, grade_prompt
from .test_decide import case


class Grade(BaseModel):
    reason: str
    verdict: Literal["pass", "fail"]


class Comparison(BaseModel):
    reason: str
    winner: Literal["first", "second", "tie"]


class Refutation(BaseModel):
    refuted: bool
    defect_class: Literal["wrong_fact", "incomplete", "off_topic", "unsafe", "none"]
    evidence_span: str
    check: str


@pytest.fixture(scope="module")
def client(base_url: str) -> openai.OpenAI:
    with openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=10) as made:
        yield made


def messages(prompt: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "You judge."}, {"role": "user", "content": prompt}]


@pytest.mark.parametrize("mode", [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, instructor.Mode.JSON])
def test_structured_replies_through_instructor(client: openai.OpenAI, mode: instructor.Mode) -> None:
    patched = instructor.from_openai(client, mode=mode)
    asks, good = case(1, "aster", True)
    bad = case(1, "aster", False)[1]
    verdicts = []
    for i in range(12):
        grade, raw = patched.create_with_completion(
            model="panel-judge", messages=messages(grade_prompt(asks, good, nonce=f"{i:04x}")), response_model=Grade, max_retries=0
        )
        verdicts.append(grade.verdict)
        assert raw.model == "panel-judge"
        assert raw.usage.prompt_tokens > 50
        assert raw.usage.completion_tokens > 5
    assert verdicts.count("pass") >= 7
    compared = patched.create(model="panel-judge", messages=messages(compare_prompt(asks, good, bad)), response_model=Comparison, max_retries=0)
    assert compared.winner in {"first", "second", "tie"}
    attacks = [
        patched.create(model="refuter", messages=messages(grade_prompt(asks, bad, nonce=f"{i:04x}")), response_model=Refutation, max_retries=0)
        for i in range(12)
    ]
    assert sum(a.refuted for a in attacks) >= 5
    assert any(a.evidence_span and a.evidence_span in bad for a in attacks)


def test_a_release_answers_in_plain_text(client: openai.OpenAI) -> None:
    asks, _ = case(4, "aster", True)
    reply = client.chat.completions.create(model="release-r4", messages=messages(asks), temperature=0)
    text = reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"
    assert text
    assert find(asks, text).defect in {"none", "wrong_fact"}
    assert text == client.chat.completions.create(model="release-r4", messages=messages(asks)).choices[0].message.content


def test_errors_are_the_protocols_own(client: openai.OpenAI, base_url: str) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-9", messages=messages("hello"))
    assert missing.value.code == "model_not_found"
    for body in (b"{", b"[]", b'{"model": "naive-judge"}', b'{"model": "naive-judge", "messages": []}', b'{"messages": [{"role": "user", "content": "x"}]}'):
        answer = httpx.post(f"{base_url}/chat/completions", content=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="naive-judge", messages=messages("no blocks here"))


def test_models_and_health(client: openai.OpenAI, base_url: str) -> None:
    assert {"naive-judge", "panel-judge", "refuter", "release-r1", "release-r4"} <= {m.id for m in client.models.list()}
    assert httpx.get(base_url.replace("/v1", "/health")).json() == {"status": "ok"}


def test_faults_on_demand(client: openai.OpenAI, base_url: str) -> None:
    asks, good = case(5, "aster", True)
    prompt = messages(grade_prompt(asks, good))

    def call(fault: str) -> object:
        return client.chat.completions.create(model=f"panel-judge#{fault}", messages=prompt)

    for fault, error in (("429-once", openai.RateLimitError), ("500-once", openai.InternalServerError)):
        with pytest.raises(error):
            call(fault)
        assert call(fault).choices
    assert call("truncated").choices[0].finish_reason == "length"
    assert call("empty").choices == []
    assert "maybe" in call("garbage").choices[0].message.content
    assert "html" in httpx.post(f"{base_url}/chat/completions", json={"model": "panel-judge#html", "messages": prompt}).headers["content-type"]
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{base_url}/chat/completions", json={"model": "panel-judge#hang", "messages": prompt}, timeout=0.3)
    with pytest.raises(openai.NotFoundError):
        call("no-such-fault")


def test_concurrent_calls_get_their_own_answers(base_url: str) -> None:
    async def run() -> list[str]:
        async with httpx.AsyncClient(base_url=base_url, timeout=20) as http:
            bodies = [{"model": "release-r2", "messages": messages(case(i, "aster", True)[0])} for i in range(60)]
            answers = await asyncio.gather(*(http.post("/chat/completions", json=b) for b in bodies))
            return [a.json()["choices"][0]["message"]["content"] for a in answers]

    texts = asyncio.run(run())
    assert all(find(case(i, "aster", True)[0], text).defect in {"none", "wrong_fact"} for i, text in enumerate(texts))


def test_replies_fit_the_schema_that_was_asked_for() -> None:
    schema = {"properties": {"verdict": {"type": "string"}, "score": {"type": "integer"}}, "required": ["verdict", "score"]}
    assert fit({"verdict": "pass", "reason": "x"}, schema) == {"verdict": "pass", "score": 0}
    ask = Ask("m", (("user", "x"),), "tools", "Grade", schema)
    assert completion(ask, {"verdict": "pass"}) == completion(ask, {"verdict": "pass"})
