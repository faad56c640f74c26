"""The command line: one file per command, imported when it is called."""

from liveeval_assets.cli.app import main

__all__ = ["main"]
