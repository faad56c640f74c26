"""A hostile or failing endpoint costs a typed status or one clear error: never a verdict, a hang or a leak."""

from __future__ import annotations

import gzip
import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from liveeval_assets.runtime import caller, transport
from liveeval_assets.runtime.models import Models
from liveeval_assets.shared.errors import ProviderError, SettingsError
from tests.faults.calls import grade, home_with, plain
from tests.faults.llm_server import PASS, Scripted, Server, completion, serving

NEEDLE = "zebra-needle-4711"


@contextmanager
def asking(tmp_path: Path, script: Any, **options: Any) -> Iterator[tuple[Models, Server]]:
    with serving(script) as server:
        models = Models(home_with(tmp_path, server.url, **options))
        try:
            yield models, server
        finally:
            models.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "_FIRST_BACKOFF_SECONDS", 0.01)


def error(status: int, code: str = "x", **headers: str) -> Scripted:
    body = {"error": {"message": f"about {NEEDLE}", "type": "t", "code": code}}
    return Scripted(status, json.dumps(body).encode(), {"content-type": "application/json", **headers})


@pytest.mark.parametrize("mode", ["tools", "json_schema", "json", "text"])
def test_a_verdict_arrives_in_every_mode(tmp_path: Path, mode: str) -> None:
    verdict = '{"reason": "fine", "verdict": "pass"}'
    reply = completion(tool=verdict) if mode == "tools" else completion(f"```json\n{verdict}\n```" if mode == "text" else verdict)
    with asking(tmp_path, lambda _body, _hit: Scripted(body=reply), mode=mode) as (models, server):
        [found] = models.ask([grade()], "grade")
    assert (found.status, found.value) == ("ok", {"reason": "fine", "verdict": "pass"})
    assert (found.model_asked, found.model_answered, found.family) == ("asked-model", "answered-model", "corvus")
    assert found.cost_usd == pytest.approx((100 * 10 + 10 * 100) / 1e6)
    sent = server.bodies[0]
    assert sent["model"] == "asked-model"
    assert sent["temperature"] == 0
    assert "{nonce}" not in sent["messages"][-1]["content"]
    assert ("tools" in sent) == (mode == "tools")
    assert (sent.get("response_format", {}).get("type") == "json_schema") == (mode == "json_schema")


def test_plain_text_keeps_history_and_user_braces(tmp_path: Path) -> None:
    with asking(tmp_path, lambda _body, _hit: Scripted(body=completion("an answer"))) as (models, server):
        [found] = models.ask([plain("what is {nonce}?")], "replay")
    assert found.value == {"text": "an answer"}
    assert [m["role"] for m in server.bodies[0]["messages"]] == ["system", "user", "assistant", "user"]
    assert server.bodies[0]["messages"][-1]["content"] == "what is {nonce}?"


def test_replies_are_bound_to_their_requests_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    def script(body: dict[str, Any], hit: int) -> Scripted:
        text = body["messages"][-1]["content"]
        return Scripted(body=completion(text), delay=0.002 * (hash(text) % 7))

    with asking(tmp_path, script) as (models, server):
        found = models.ask([plain(f"q{i % 40}") for i in range(60)], "replay")
    assert [r.value for r in found] == [{"text": f"q{i % 40}"} for i in range(60)]
    assert len(server.bodies) == 40
    assert server.most_open <= 4


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (completion(tool='{"reason": "cut', finish="length"), "truncated"),
        (completion("no", finish="content_filter"), "refused"),
        (completion(None, refusal="I will not"), "refused"),
        (completion(None), "parse_failed"),
        (completion(NEEDLE), "parse_failed"),
        (completion(tool=NEEDLE), "parse_failed"),
        (completion(tool='{"reason": "", "verdict": "fail", "verdict": "pass"}'), "parse_failed"),
        (completion(tool='{"reason": "", "verdict": "pass", "score": 1e400}'), "parse_failed"),
        (completion(tool='{"reason": "", "verdict": "PASS!"}'), "parse_failed"),
        (completion(tool='{"reason": 3, "verdict": "pass"}'), "parse_failed"),
        (completion(tool='{"verdict": "pass"}'), "parse_failed"),
        (completion(tool='{"reason": "", "verdict": "pass"}{"reason": "", "verdict": "fail"}'), "parse_failed"),
        (completion(tool="[" * 100_000), "parse_failed"),
        (completion(tool='{"a":' * 100_000), "parse_failed"),
    ],
)
def test_a_reply_without_exactly_one_verdict_has_its_own_status(tmp_path: Path, reply: bytes, status: str) -> None:
    with asking(tmp_path, lambda _body, _hit: Scripted(body=reply)) as (models, server):
        [found] = models.ask([grade()], "grade")
        assert (found.status, found.value) == (status, None)
        assert len(server.bodies) == (2 if status == "parse_failed" else 1)
        assert found.tokens_in == 100 * len(server.bodies)
        # final: a second run does not buy it again
        assert [r.is_bought for r in models.ask([grade()], "grade")] == [False]


@pytest.mark.parametrize(
    "reply",
    [
        Scripted(body=b"<html>gateway</html>", headers={"content-type": "text/html"}),
        Scripted(body=b"{}"),
        Scripted(body=b'{"choices": []}'),
        Scripted(body=b'{"choices": [{}]}'),
        Scripted(body=b"[]"),
        Scripted(body=b'{"choices": "\xff\xfe"}'),
        Scripted(body=PASS[:60]),
        Scripted(body=PASS, is_cut=True),
        Scripted(body=gzip.compress(b"0" * 50_000_000), headers={"content-type": "application/json", "content-encoding": "gzip"}),
        Scripted(body=PASS + b" " * 300_000),
    ],
    ids=["html", "empty object", "no choices", "empty choice", "list", "not utf-8", "cut json", "cut body", "gzip bomb", "long body"],
)
def test_what_is_no_completion_is_tried_again_and_never_a_verdict(tmp_path: Path, reply: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.Transport.__init__, "__defaults__", (200_000,))
    with asking(tmp_path, lambda _body, hit: reply if hit < 3 else Scripted(body=PASS)) as (models, server):
        [found] = models.ask([grade()], "grade")
        assert (found.status, found.attempts, len(server.bodies)) == ("ok", 3, 3)
    with asking(tmp_path / "never", lambda _body, _hit: reply) as (models, server):
        [found] = models.ask([grade()], "grade")
        assert (found.status, found.value, len(server.bodies)) == ("api_error", None, 3)
        models.ask([grade()], "grade")
        assert len(server.bodies) == 6  # not final: the next run tries again


def test_a_burst_of_server_errors_loses_nothing(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def script(body: dict[str, Any], hit: int) -> Scripted:
        text = body["messages"][-1]["content"].rpartition(">>")[2]
        asked[text] += 1
        return error(500 + hit % 4) if int(text) % 3 == 0 and asked[text] <= 2 else Scripted(body=PASS)

    with asking(tmp_path, script, attempts=6) as (models, _):
        found = models.ask([grade(str(i)) for i in range(60)], "grade")
    assert {r.status for r in found} == {"ok"}
    assert asked.total() == 60 + 2 * 20


def test_retry_after_is_honoured_by_every_call(tmp_path: Path) -> None:
    times: list[float] = []

    def script(body: dict[str, Any], hit: int) -> Scripted:
        times.append(time.monotonic())
        return error(429, "rate_limit_exceeded", **{"retry-after": "0.4"}) if hit == 2 else Scripted(body=PASS)

    with asking(tmp_path, script, concurrency=1) as (models, _):
        found = models.ask([grade(str(i)) for i in range(4)], "grade")
    assert {r.status for r in found} == {"ok"}
    assert times[2] - times[1] >= 0.39


def test_a_long_retry_after_does_not_park_the_run(tmp_path: Path) -> None:
    with asking(tmp_path, lambda _body, _hit: error(429, **{"retry-after": "300"})) as (models, server):
        started = time.monotonic()
        [found] = models.ask([grade()], "grade")
    assert found.status == "api_error"
    assert time.monotonic() - started < 1
    assert len(server.bodies) == 1


@pytest.mark.parametrize("slow", [Scripted(body=PASS, delay=30), Scripted(body=PASS, drip=0.05)], ids=["hang", "drip"])
def test_the_deadline_is_total(tmp_path: Path, slow: Scripted) -> None:
    with asking(tmp_path, lambda _body, _hit: slow, deadline=0.5) as (models, _):
        started = time.monotonic()
        [found] = models.ask([grade()], "grade")
    assert found.status == "api_error"
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("reply", [error(401), error(403), error(404, "model_not_found"), error(429, "insufficient_quota")])
def test_a_useless_endpoint_is_asked_at_most_twice(tmp_path: Path, reply: Scripted) -> None:
    with asking(tmp_path, lambda _body, _hit: reply) as (models, server):
        with pytest.raises(ProviderError, match=r"endpoint 'it' at 127\.0\.0\.1:\d+, model 'asked-model'.*mend llm\.endpoints\.it") as raised:
            models.ask([grade(str(i)) for i in range(50)], "grade")
        assert len(server.bodies) <= 2
    assert NEEDLE not in str(raised.value)


def test_a_quota_that_ends_midway_keeps_what_was_finished(tmp_path: Path) -> None:
    with asking(tmp_path, lambda _body, hit: Scripted(body=PASS) if hit <= 10 else error(429, "insufficient_quota")) as (models, server):
        requests = [grade(str(i)) for i in range(50)]
        with pytest.raises(ProviderError, match="quota"):
            models.ask(requests, "grade")
        assert len(server.bodies) <= 10 + 4
        assert len(models.finished([r.call_id for r in requests])) == 10
        server.script = lambda _body, _hit: Scripted(body=PASS)
        found = models.ask(requests, "grade")
    assert sum(r.is_bought for r in found) == 40
    assert {r.status for r in found} == {"ok"}


def test_a_dead_endpoint_stops_the_run(tmp_path: Path) -> None:
    with asking(tmp_path, lambda _body, hit: Scripted(body=PASS) if hit < 5 else error(500), attempts=1) as (models, server):
        with pytest.raises(ProviderError, match=r"in a row came to nothing \(the last one: "):
            models.ask([grade(str(i)) for i in range(500)], "grade")
        assert len(server.bodies) < 30


def test_a_batch_with_many_holes_is_refused_and_its_finished_calls_are_kept(tmp_path: Path) -> None:
    with asking(tmp_path, lambda _body, hit: error(422) if hit % 5 == 0 else Scripted(body=PASS)) as (models, _):
        requests = [grade(str(i)) for i in range(50)]
        with pytest.raises(ProviderError, match=r"grade: 10 of 50 calls came to nothing"):
            models.ask(requests, "grade")
        assert len(models.finished([r.call_id for r in requests])) == 40


def test_calls_that_are_always_rejected_do_not_block_a_batch_that_is_resumed(tmp_path: Path) -> None:
    requests = [grade(str(i)) for i in range(100)]

    def script(body: dict[str, Any], _hit: int) -> Scripted:
        text = body["messages"][-1]["content"].rpartition(">>")[2]
        return error(400, "context_length_exceeded") if text in {"10", "40", "70"} else Scripted(body=PASS)

    with asking(tmp_path, script) as (models, _):
        for _ in range(2):
            assert sum(r.status == "api_error" for r in models.ask(requests, "grade")) == 3


def test_a_redirect_carries_nothing_to_another_listener(tmp_path: Path) -> None:
    with serving(lambda _body, _hit: Scripted(body=PASS)) as other:
        target = f"{other.url}/chat/completions"
        with asking(tmp_path, lambda _body, _hit: Scripted(307, b"", {"location": target})) as (models, server):
            with pytest.raises(ProviderError, match="redirects elsewhere"):
                models.ask([grade(str(i)) for i in range(20)], "grade")
            assert len(server.bodies) <= 2
        assert other.n_bytes == 0


def test_missing_usage_is_estimated(tmp_path: Path) -> None:
    with asking(tmp_path, lambda _body, _hit: Scripted(body=completion("a" * 400, usage=False))) as (models, _):
        [found] = models.ask([plain("b" * 4000)], "replay")
    assert found.tokens_out == 100
    assert 1000 <= found.tokens_in < 1100
    assert found.cost_usd > 0


def test_no_log_and_no_error_repeats_what_models_wrote(tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    replies = [Scripted(body=completion(tool=NEEDLE)), error(500), Scripted(body=completion(None, refusal=NEEDLE)), error(400)]
    with asking(tmp_path, lambda _body, hit: replies[hit % 4]) as (models, _), pytest.raises(ProviderError) as raised:
        models.ask([grade(f"{NEEDLE} {i}") for i in range(40)], "grade")
    written = caplog.text + str(raised.value) + repr(raised.value.__context__) + "".join(capfd.readouterr())
    assert NEEDLE not in written


def test_the_journal_outlives_the_process_object_and_serves_without_calls(tmp_path: Path) -> None:
    requests = [grade(str(i)) for i in range(30)]
    with asking(tmp_path, lambda _body, _hit: Scripted(body=PASS)) as (models, _):
        first = models.ask(requests, "grade")
    models = Models(home_with(tmp_path, "http://127.0.0.1:9/v1"))  # another address: not part of a call's identity
    try:
        second = models.ask(requests, "grade")
    finally:
        models.close()
    assert not any(r.is_bought for r in second)
    assert [r.value for r in first] == [r.value for r in second]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/v1",
        "//example.com/v1",
        "http://169.254.169.254/latest",
        "http://[fe80::1]/v1",
        "https://user:pw@example.com/v1",
        "https://key@example.com/v1",
        "",
    ],
)
def test_addresses_that_nobody_meant_are_refused(tmp_path: Path, url: str) -> None:
    models = Models(home_with(tmp_path, url))
    with pytest.raises(SettingsError, match=r"llm.endpoints.it.base_url"):
        models.ask([grade()], "grade")
    models.close()


def test_a_key_comes_from_the_environment_and_never_travels_unencrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def models_for(url: str) -> Models:
        home = home_with(tmp_path, url)
        file = tmp_path / "liveeval.yaml"
        file.write_text(file.read_text().replace("{base_url:", "{api_key_env: SOME_KEY, base_url:"))
        return Models(home)

    monkeypatch.delenv("SOME_KEY", raising=False)
    with pytest.raises(SettingsError, match="SOME_KEY is not set"):
        models_for("https://example.invalid/v1").ask([grade()], "grade")
    monkeypatch.setenv("SOME_KEY", NEEDLE)
    with pytest.raises(SettingsError, match="never sent unencrypted") as raised:
        models_for("http://example.invalid/v1").ask([grade()], "grade")
    assert NEEDLE not in str(raised.value)
