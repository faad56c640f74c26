"""A local OpenAI-compatible server: `python -m liveeval_assets.simulation.server --home DIR --port 0 --role world`.

Prints the port as one line when it is ready to be called. Roles: `world` plays every model of the home's simulated world, `heuristic`
grades by similarity and cues, `recorded` replays verdicts from a file.
"""

from __future__ import annotations

import argparse
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveeval_assets.simulation import wire
from liveeval_assets.simulation.decide import WorldMind
from liveeval_assets.simulation.faults import Faults
from liveeval_assets.simulation.world import read_world

_JSON = "application/json"


class Mind(Protocol):
    """What plays the models behind the protocol."""

    @property
    def models(self) -> list[str]:
        """Model names that are served."""
        ...

    async def decide(self, ask: wire.Ask) -> dict[str, object] | str:
        """The reply: a structured value or plain text."""
        ...


def build_app(mind: Mind) -> Starlette:
    """The ASGI application around a mind."""
    faults = Faults()

    async def chat(request: Request) -> Response:
        try:
            ask = wire.parse(await request.body())
            model, _, suffix = ask.model.partition("#")
            if suffix:
                struck = await faults.strike(replace(ask, model=model), suffix)
                if struck is not None:
                    return struck
                ask = replace(ask, model=model)
            return Response(wire.completion(ask, await mind.decide(ask)), media_type=_JSON)
        except wire.BadRequestError as bad:
            return Response(wire.error(str(bad), bad.code), bad.status, media_type=_JSON)

    async def models(_: Request) -> Response:
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "simulation"} for name in mind.models]
        return Response(orjson.dumps({"object": "list", "data": rows}), media_type=_JSON)

    async def health(_: Request) -> Response:
        return Response(b'{"status":"ok"}', media_type=_JSON)

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/models", models),
            Route("/health", health),
        ]
    )


def open_mind(role: str, home: Path, recorded_file: str | None = None) -> Mind:
    """The mind of a role.

    Raises:
        ValueError: an unknown role, or `recorded` without its file.
    """
    if role == "world":
        return WorldMind(read_world(home), frozenset(orjson.loads((home / ".truth" / "leaked.json").read_bytes())))
    if role == "heuristic":
        from liveeval_assets.simulation.heuristic import HeuristicMind

        return HeuristicMind()
    if role == "recorded" and recorded_file:
        from liveeval_assets.simulation.recorded import RecordedMind, read_records

        return RecordedMind(read_records(home / recorded_file))
    raise ValueError(f"role '{role}' needs {'--recorded' if role == 'recorded' else 'to be world, heuristic or recorded'}")


def main() -> None:
    """Serve on 127.0.0.1 until ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path())
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--role", choices=("world", "heuristic", "recorded"), default="world")
    parser.add_argument("--recorded", metavar="FILE", help="Parquet or JSONL of recorded verdicts, relative to the home")
    given = parser.parse_args()
    app = build_app(open_mind(given.role, given.home, given.recorded))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", given.port))
    listener.listen(2048)  # calls wait here until the loop runs, so the port may be told at once
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
