"""How the things that cross stages are named."""

from __future__ import annotations

from liveeval_assets.shared.hashing import digest, keyed


def conversation_id(key: bytes, source: str, source_id: str) -> str:
    """Keyed pseudonym of a source's own id; traces and outcomes use this one function, so that they join."""
    return keyed(key, "conversation", source, source_id)


def user_key(key: bytes, source: str, user: str) -> str:
    """Keyed pseudonym of a user."""
    return keyed(key, "user", source, user)


def item_id(conversation: str, turn_index: int) -> str:
    """An item is one user turn of a conversation with the history before it."""
    return digest("item", conversation, turn_index)
