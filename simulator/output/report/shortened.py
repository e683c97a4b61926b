"""Texts that nobody reads to their end."""

from __future__ import annotations

from typing import Final

_MOST: Final = 1500


def shortened(text: str) -> str:
    """Return a text, cut where it is longer than a page; how long it is stands at its end."""
    if len(text) <= _MOST:
        return text
    return f"{text[:_MOST]}… ({len(text):,} characters in all: see scenario.yaml)"
