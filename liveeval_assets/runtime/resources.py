"""The one Dagster resource: the home in use and the services that work for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from liveeval_assets.runtime.home import Home, open_home
from liveeval_assets.runtime.services import Services

_PATIENCE_SECONDS = 900.0


class HomeResource(dg.ConfigurableResource["HomeResource"]):
    """The folder of the liveeval.yaml in use; empty means LIVEEVAL_HOME or the repository."""

    path: str = ""
    _services: Services | None = PrivateAttr(default=None)

    def open(self) -> Home:
        """The home, one object per process."""
        return open_home(self.path or None)

    def services(self) -> Services:
        """Models, embedder, raters: started when first used, ended with the run."""
        if self._services is None:
            self._services = Services(self.open())
        return self._services

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[HomeResource]:  # noqa: ARG002  the base class names it
        """Lend the home to a run; at its end the catalogue is flushed and embedded servers are stopped."""
        home = self.open()
        with home.alone(_PATIENCE_SECONDS):
            try:
                yield self
            finally:
                home.catalogue.flush()
                if self._services is not None:
                    self._services.close()
                    self._services = None
