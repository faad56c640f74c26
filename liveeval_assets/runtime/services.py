"""What assets may ask of the world besides tables: an embedder, language models, raters; each loaded when first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from liveeval_assets.runtime.home import Home
from liveeval_assets.shared.embed import Embedder
from liveeval_assets.shared.llm import LanguageModels

if TYPE_CHECKING:
    from liveeval_assets.runtime.models import Models


class Services:
    """Lazily loaded: definitions must not import torch or openai."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._models: Models | None = None

    @cached_property
    def embedder(self) -> Embedder:
        """The sentence-embedding model of the settings, with the vectors that earlier runs computed."""
        from liveeval_assets.runtime.embedder import open_embedder
        from liveeval_assets.runtime.vectors import CachedEmbedder

        samples = self._home.settings.samples
        return CachedEmbedder(open_embedder(samples.embedding_model, samples.precision), self._home.journal.with_name("vectors.sqlite"))

    @property
    def models(self) -> LanguageModels:
        """The language models of the settings, behind the journal."""
        if self._models is None:
            from liveeval_assets.runtime.models import Models

            self._models = Models(self._home)
        return self._models

    def rate(self, tasks: pa.Table) -> list[dict[str, Any]]:
        """What the simulated people say of labels/tasks: task_id, rater, is_good, rated_at."""
        from liveeval_assets.simulation.raters import rate

        return rate(tasks, self._home.path)

    def close(self) -> None:
        """End what was started: embedded servers, the journal's connection."""
        if self._models is not None:
            self._models.close()
            self._models = None
