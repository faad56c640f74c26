"""The commands and their options; each imports its work when it is called, so that `--help` is instant."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from liveeval_assets.shared.errors import LiveEvalError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A living evaluation of an LLM product.")
doctor_app = typer.Typer(add_completion=False, help="Is the home healthy and fresh?")
app.add_typer(doctor_app, name="doctor")

HomeOption = Annotated[Path | None, typer.Option("--home", help="Folder of the liveeval.yaml in use (default: LIVEEVAL_HOME or this repository).")]


def _use(home: Path | None) -> Path:
    """Make the home known to everything that is imported later, and to child processes."""
    from liveeval_assets.runtime.home import VARIABLE, home_path

    path = home_path(home)
    os.environ[VARIABLE] = str(path)
    os.environ["DAGSTER_HOME"] = str(path / ".dagster")
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    return path


@app.command()
def demo(home: HomeOption = None) -> None:
    """Simulated world -> whole graph for every week -> marts -> scorecard."""
    _use(home)
    from liveeval_assets.cli.demo import run_demo

    run_demo()


@app.command()
def init(home: HomeOption = None) -> None:
    """Make a home ready: Dagster instance, Delta tables, dbt manifest. Safe to repeat."""
    _use(home)
    from liveeval_assets.cli.init import run_init

    run_init()


@app.command()
def refresh(
    home: HomeOption = None,
    weeks: Annotated[str | None, typer.Option(help="FIRST..LAST (Mondays); default: every complete week.")] = None,
) -> None:
    """Bring every week up to date, oldest first, then the marts. Unchanged weeks cost nothing."""
    _use(home)
    from liveeval_assets.cli.refresh import run_refresh

    run_refresh(weeks)


@app.command()
def scorecard(home: HomeOption = None) -> None:
    """Print the newest scorecard: offline score, north star, and why they disagree."""
    _use(home)
    from liveeval_assets.cli.scorecard import print_scorecard

    print_scorecard()


@doctor_app.callback(invoke_without_command=True)
def doctor(context: typer.Context, home: HomeOption = None) -> None:
    """Is the home healthy and fresh? Exit code 0 yes, 2 a finding."""
    _use(home)
    if context.invoked_subcommand is None:
        from liveeval_assets.cli.doctor import run_doctor

        raise typer.Exit(run_doctor())


@doctor_app.command()
def quarantine(home: HomeOption = None) -> None:
    """What was refused on the way in, by file and reason, with the mend, and what of it could be read now."""
    if home is not None:
        _use(home)
    from liveeval_assets.cli.quarantine import print_quarantine

    print_quarantine()


@app.command()
def generate() -> None:
    """Rewrite the files that are generated from the table declarations."""
    _use(None)
    from liveeval_assets.cli.generate import run_generate

    run_generate()


def main() -> None:
    """Entry point: known errors are one line, not a traceback."""
    code = 0
    try:
        app()
    except LiveEvalError as error:
        typer.secho(f"liveeval: {error}", fg="red", err=True)
        code = 1
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    # DuckDB's bindings print a page of warnings when an interpreter ends that has held dbt's adapter: leave before that
    atexit._run_exitfuncs()  # noqa: SLF001  the public way would print them
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
