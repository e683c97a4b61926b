"""Names in messages: short, and the nearest known one (did you mean)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def short_key(key: str) -> str:
    """Return a key fit for one line of a message."""
    shown = key if key.isprintable() else repr(key)
    return shown if len(shown) <= 40 else shown[:37] + "..."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` was probably meant to be, or None."""
    by_lower = {item.lower(): item for item in known}
    match = difflib.get_close_matches(name[:80].lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[match[0]] if match else None


def unknown(what: str, name: str, known: Iterable[str], *, plural: str) -> str:
    """Return the message for a name that is not declared."""
    names = list(known)
    hint = nearest(name, names)
    mean = f'; did you mean "{hint}"?' if hint is not None else ";"
    listing = ", ".join(names) if names else "none is declared"
    return f'unknown {what} "{short_key(name)}"{mean} {plural}: {listing}'


def unknown_key(name: str, allowed: Iterable[str]) -> str:
    """Return the message for a key that does not exist here."""
    names = list(allowed)
    hint = nearest(name, names)
    mean = f'; did you mean "{hint}"?' if hint is not None else ";"
    return f"unknown key{mean} allowed: {', '.join(names)}"
