"""Asset of the stage `responses`: logged answers, replays, and the bridge."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from liveeval_assets.responses import answers as build
from liveeval_assets.responses.checks import CHECKS
from liveeval_assets.responses.files import parse
from liveeval_assets.responses.plan import Replay, replays
from liveeval_assets.responses.replay import requests
from liveeval_assets.runtime.factory import lake_asset
from liveeval_assets.runtime.home import Home
from liveeval_assets.runtime.reads import Read, Run, Weeks
from liveeval_assets.shared.errors import SettingsError, SourceError
from liveeval_assets.shared.hashing import digest
from liveeval_assets.tables import TABLES


def _files_hash(home: Home, week: date) -> str:
    """Content of the answers files, so that a new file is noticed."""
    registry = home.lake.read(TABLES["releases/registry"], home.catalogue.weeks("releases/registry", week)).to_pylist()
    files = sorted(home.path / str(r["answers_at"]) for r in registry if r["answers_by"] == "file")
    return digest(*(p.read_bytes().hex() if p.is_file() else "" for p in files))


@lake_asset(
    writes="responses/answers",
    reads=(Read("eval_sets/versions", Weeks.UPTO), Read("releases/registry", Weeks.UPTO), "samples/anonymised"),
    checks=CHECKS,
    sections=("llm",),
    source=_files_hash,
    kinds=("openai",),
)
def answers(run: Run) -> pa.Table:
    """What each release answered: logged by production, or asked for anew."""
    versions, registry, settings = run.read("eval_sets/versions"), run.read("releases/registry"), run.settings
    again = replays(versions, registry, run.week, settings.seed, with_bridge=settings.responses.bridge)
    asked = requests(again, settings.responses.system_prompt, _sampling(run, again))
    replies = run.services.models.ask([request for _, _, request in asked], f"week {run.week}  replaying") if asked else []
    files = {r.release["release_id"]: _read(run.home, r.release["answers_at"]) for r in again if r.release["answers_by"] == "file"}
    rows = build.logged(versions, run.read("samples/anonymised"), run.week) + build.replayed(asked, replies) + build.imported(again, files)
    run.note(bought=sum(r.is_bought for r in replies), cost_usd=sum(r.cost_usd for r in replies if r.is_bought))
    return build.table(rows, run.week)


def _sampling(run: Run, again: list[Replay]) -> dict[str, tuple[tuple[str, float | int | str], ...]]:
    models = run.settings.llm.models
    names = {r.release["answers_at"] for r in again if r.release["answers_by"] == "endpoint"}
    unknown = sorted(str(n) for n in names if n not in models)
    if unknown:
        raise SettingsError(f"releases answer by the model(s) {', '.join(unknown)}, which llm.models does not have; add them to liveeval.yaml")
    return {name: models[name].sampling for name in names}


def _read(home: Home, file: str | None) -> dict[str, str]:
    path = home.path / (file or "")
    if not path.is_file():
        raise SourceError(f"the answers file {path} of a release does not exist; put it there or set answers_by: logged")
    return parse(path.read_text("utf-8", "replace").splitlines(), path.name)
