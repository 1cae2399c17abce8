"""Prompts that are often wanted."""

from __future__ import annotations

from seagrpc import v1


def chat(message: str) -> v1.Prompt:
    """A conversation of one message, the user's, which each model's own chat template writes out."""
    return v1.Prompt(chat=v1.Chat(messages=[v1.ChatMessage(role=v1.ROLE_USER, content=message)]))
