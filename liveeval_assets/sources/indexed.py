"""Flattened attributes (`llm.input_messages.0.message.role`) become objects and lists again."""

from __future__ import annotations

from typing import Any

_MOST_ITEMS = 10_000
_MOST_NESTED = 20


def unflattened(attributes: dict[str, Any], prefix: str) -> list[Any]:
    """The list under a prefix, in the order of its numbers; numbers that are missing leave no gap.

    Shape: keys `{prefix}.{number}.{path}`; a path's own numbers are lists in turn.
    """
    tree: dict[str, Any] = {}
    for key, value in attributes.items():
        path = key.removeprefix(prefix + ".").split(".", _MOST_NESTED) if key.startswith(prefix + ".") else []
        if path:
            _put(tree, path, value)
    found = _listed(tree)
    return found if isinstance(found, list) else []


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            inner = tree[name] = {}
        tree = inner
    tree[path[-1]] = value


def _listed(tree: Any) -> Any:
    """Objects whose keys are all numbers as lists."""
    if not isinstance(tree, dict):
        return tree
    if tree and len(tree) <= _MOST_ITEMS and all(key.isascii() and key.isdecimal() for key in tree):
        return [_listed(tree[key]) for key in sorted(tree, key=lambda key: (len(key.lstrip("0")), key.lstrip("0")))]
    return {key: _listed(inner) for key, inner in tree.items()}
