"""The one exception tree; a message names the table, the week and the mend, never row content.

LiveEvalError
├── SettingsError        liveeval.yaml or the environment is wrong
├── SourceError          input could not be reached or read at all
├── SchemaViolation      rows do not match their TableSpec
├── CheckFailed          a blocking check refused the commit
├── LakeError            a Delta table cannot be read or written
├── MartsError           the marts cannot be built or published
└── ProviderError        a model endpoint cannot be used (quota, key, unknown model)
"""


class LiveEvalError(Exception):
    """Root of every error that liveeval raises on purpose."""


class SettingsError(LiveEvalError):
    """The settings are wrong; the message names the key and the mend."""


class SourceError(LiveEvalError):
    """An input cannot be reached or read at all."""


class SchemaViolation(LiveEvalError):
    """Rows do not match their declared table."""

    def __init__(self, table: str, rule: str, n_rows: int) -> None:
        super().__init__(f"{table}: {n_rows} row(s) break the rule '{rule}'; mend the producing step, nothing was written")
        self.table, self.rule, self.n_rows = table, rule, n_rows


class CheckFailed(LiveEvalError):
    """A blocking check failed; nothing was written."""


class LakeError(LiveEvalError):
    """A Delta table cannot be read or written."""


class MartsError(LiveEvalError):
    """The marts cannot be built or published; the served ones are as they were."""


class ProviderError(LiveEvalError):
    """A model endpoint cannot be used at all; judging stops, finished calls are kept."""
