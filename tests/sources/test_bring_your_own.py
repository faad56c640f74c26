"""The blocks of docs/bring_your_own.md, run as they stand on exports of each kind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from liveeval_assets.outcomes.events import by_conversation
from liveeval_assets.runtime.home import REPOSITORY, Home
from liveeval_assets.runtime.inputs import outcome_entries, trace_entries, trace_index
from liveeval_assets.shared.ids import conversation_id
from liveeval_assets.traces.ingest import ingest, repeats
from tests.examples.data import real_data
from tests.sources import otlp_build as otlp
from tests.traces.build import FIRST, KEY, LIMITS

BLOCKS = dict(re.findall(r"^## (\w+)[^\n]*\n.*?```yaml\n(.*?)```", (REPOSITORY / "docs/bring_your_own.md").read_text("utf-8"), re.DOTALL | re.MULTILINE))
CLOCK = "clock: {first_week: 2026-06-01, last_week: 2026-06-15, as_of: 2026-06-22T00:00:00Z}\n"
AT = "2026-06-02T10:00:00Z"
CHAT = {"input": [{"role": "user", "content": "Graz?"}], "output": {"role": "assistant", "content": "rain"}}
GEN_AI = {
    "gen_ai.operation.name": "chat",
    "gen_ai.conversation.id": "s",
    "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Graz?"}]}]),
    "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "rain"}]}]),
}
MOMENT = int(1_780_394_400 * 1e9)  # AT
OTLP_SPAN = {**otlp.span("chat", GEN_AI), "startTimeUnixNano": str(MOMENT), "endTimeUnixNano": str(MOMENT)}
RUN = {"id": "r", "trace_id": "t", "run_type": "llm", "start_time": AT, "extra": {"metadata": {"thread_id": "s"}}}
FILES: dict[str, dict[str, Any]] = {
    "Langfuse": {
        "langfuse/observations/1.jsonl": {"id": "o", "trace_id": "t", "session_id": "s", "type": "GENERATION", "start_time": AT, "release": "v1", **CHAT},
        "langfuse/scores/1.jsonl": {"id": "1", "trace_id": "t", "name": "resolution", "source": "API", "data_type": "BOOLEAN", "value": 1, "timestamp": AT},
    },
    "OpenTelemetry": {
        "otel/1.json": otlp.spans_document([OTLP_SPAN], **{"service.version": "v1"}),
        "tickets/1.csv": f"conversation,solved,closed_at\n{otlp.TRACE},1,{AT}\n",
    },
    "LangSmith": {"langsmith/1.json": {"post": [{**RUN, "inputs": {"messages": CHAT["input"]}, "outputs": CHAT["output"]}]}},
}


def _conversations(home: Home) -> pa.Table:
    index = trace_index(home, repeats)
    found = [ingest(trace_entries(home, s), index.marks, week=w, key=KEY, limits=LIMITS, read_probability=1.0) for w, s in index.weeks.items()]
    assert pa.concat_tables([f.quarantine for f in found]).to_pylist() == []
    return pa.concat_tables([f.conversations for f in found])


def test_every_block_has_its_test() -> None:
    assert set(BLOCKS) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_block_reads_its_export(tmp_path: Path, name: str) -> None:
    (tmp_path / "liveeval.yaml").write_text(CLOCK + BLOCKS[name])
    for path, content in FILES[name].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content if isinstance(content, str) else json.dumps(content) + "\n")
    home = Home(tmp_path)
    (row,) = _conversations(home).to_pylist()
    assert (row["conversation_id"], row["week"], row["release_id"]) == (conversation_id(KEY, "app", "s"), FIRST, "v1")
    assert [(m["role"], m["text"]) for m in row["messages"]] == [("user", "Graz?"), ("assistant", "rain")]
    if home.settings.outcomes.sources:
        (told,) = outcome_entries(home, by_conversation).items()
        assert told[0] == conversation_id(home.hmac_key, "app", "s")
        assert [(e.fields or {})["name"] for e in told[1]] == ["resolution"]


@pytest.mark.realdata
@pytest.mark.parametrize(("form", "files", "n", "n_spans"), [("langfuse", "langfuse/*.trace.json.gz", 17, 158), ("langsmith", "langsmith/*.json", 8, 8)])
def test_real_exports_become_conversations_and_no_span_is_lost(tmp_path: Path, form: str, files: str, n: int, n_spans: int) -> None:
    """Twenty traces of seventeen sessions, each trace a span beside its observations; eight batches of one run."""
    source = f"{{name: app, format: {form}, files: {real_data('traces')}/{files}, map: {{defaults: {{release: v1}}}}}}"
    (tmp_path / "liveeval.yaml").write_text(f"clock: {{first_week: 2023-01-02}}\ntraces: {{max_bytes: 20000000, sources: [{source}]}}\n")
    found = _conversations(Home(tmp_path))
    assert (found.num_rows, sum(found["n_records"].to_pylist())) == (n, n_spans)
    assert all(any(m["role"] == "assistant" for m in row) for row in found["messages"].to_pylist())
