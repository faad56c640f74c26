"""docs/settings.md: every key that liveeval.yaml may have, from the settings themselves."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from liveeval_assets.settings import Secrets, Settings

_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "a Monday, YYYY-MM-DD", AwareDatetime: "a time with a zone"}


def settings_page(mark: str) -> str:
    """The page; `mark` says where it comes from."""
    lines = ["# Settings", "", f"<!-- {mark} -->", ""]
    lines += ["Every key of `liveeval.yaml`. An unknown key is an error. `[]` stands for the entries of a list, `NAME` for a name of your own.", ""]
    lines += ["Secrets come from the environment alone:", ""]
    prefix = Secrets.model_config["env_prefix"].upper()
    lines += [f"- `{prefix}{name.upper()}`" for name in Secrets.model_fields]
    lines += ["- the variables that `llm.endpoints.NAME.api_key_env` and `alerts.webhook_env` name", ""]
    for section in _sections("", Settings):
        lines += [*section, ""]
    return "\n".join(lines).rstrip() + "\n"


def _sections(path: str, model: type[BaseModel]) -> Iterator[list[str]]:
    """One block per section, a section before those inside it."""
    inner: list[tuple[str, type[BaseModel]]] = []
    rows = []
    for name, field in model.model_fields.items():
        key = f"{path}.{name}" if path else name
        found = _section_of(key, field.annotation)
        if found is None:
            rows.append(f"| `{key}` | {_type(field.annotation)} | {_default(field)} |")
        else:
            inner.append(found)
    title = f"## {path or 'The top'}"
    if rows or path:
        yield [title, "", *_told(model), *(["", "| key | value | default |", "|---|---|---|", *rows] if rows else [])]
    for key, section in inner:
        yield from _sections(key, section)


def _section_of(key: str, annotation: Any) -> tuple[str, type[BaseModel]] | None:
    """Path and class of the section that a key holds, alone, in a list or by name."""
    for kind in (annotation, *get_args(annotation)):
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            origin = get_origin(annotation)
            return key + ("[]" if origin is list else ".NAME" if origin is dict else ""), kind
    return None


def _told(model: type[BaseModel]) -> list[str]:
    """The class's own words; attributes become a list."""
    text, _, attributes = inspect.getdoc(model).partition("\n\nAttributes:\n")  # type: ignore[union-attr]  # every section has one
    return [text, *(["", "```", *inspect.cleandoc(attributes).splitlines(), "```"] if attributes else [])]


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{a}`" if a else "empty" for a in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(a) for a in arguments if a is not type(None))
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"{_type(arguments[1])} by name"
    return _PLAIN[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "none" if value is None or value in ("", [], {}) else f"`{value}`"
