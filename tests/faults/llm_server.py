"""A scripted endpoint on a real loopback socket: each test says, byte by byte, what the next reply is."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Scripted:
    """One reply: status line, headers, body, and how slowly it is sent."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    delay: float = 0.0
    drip: float = 0.0
    is_cut: bool = False


def completion(text: str | None = None, *, tool: str | None = None, finish: str = "stop", refusal: str | None = None, usage: bool = True) -> bytes:
    """A chat completion as a provider sends it."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": refusal}
    if tool is not None:
        message["tool_calls"] = [{"id": "t", "type": "function", "function": {"name": "Grade", "arguments": tool}}]
    body: dict[str, Any] = {"id": "c", "object": "chat.completion", "created": 1, "model": "answered-model"}
    body["choices"] = [{"index": 0, "finish_reason": finish, "message": message}]
    if usage:
        body["usage"] = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    return json.dumps(body).encode()


PASS = completion(tool='{"reason": "fine", "verdict": "pass"}')
Script = Callable[[dict[str, Any], int], Scripted]


class Server:
    """Serves `script(body, hit)`; keeps what it was sent."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.bodies: list[dict[str, Any]] = []
        self.n_bytes = 0
        self.n_open = 0
        self.most_open = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                raw = await reader.readexactly(length)
                self.n_bytes += len(head) + len(raw)
                self.bodies.append(json.loads(raw))
                self.n_open += 1
                self.most_open = max(self.most_open, self.n_open)
                try:
                    if not await self.answer(writer, self.script(self.bodies[-1], len(self.bodies))):
                        return
                finally:
                    self.n_open -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, writer: asyncio.StreamWriter, reply: Scripted) -> bool:
        if reply.delay:
            await asyncio.sleep(reply.delay)
        lines = [f"HTTP/1.1 {reply.status} x", *(f"{k}: {v}" for k, v in reply.headers.items()), f"content-length: {len(reply.body)}", "", ""]
        writer.write("\r\n".join(lines).encode())
        if reply.is_cut:
            writer.write(reply.body[: len(reply.body) // 2])
            return False
        if reply.drip:
            for i in range(len(reply.body)):
                writer.write(reply.body[i : i + 1])
                await writer.drain()
                await asyncio.sleep(reply.drip)
        else:
            writer.write(reply.body)
        await writer.drain()
        return True


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """A running server in a thread of its own."""
    server, loop, ready = Server(script), asyncio.new_event_loop(), threading.Event()

    async def main() -> None:
        listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        ready.set()
        stop = asyncio.Event()
        server.stop = lambda: loop.call_soon_threadsafe(stop.set)  # type: ignore[attr-defined]
        await stop.wait()
        listener.close()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield server
    finally:
        server.stop()  # type: ignore[attr-defined]
        thread.join(5)
        loop.close()
