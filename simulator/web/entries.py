"""What an input says, as a file would write it, and the other way round."""

from __future__ import annotations

import re
from typing import Any, Final

from simulator.web.fields import Field, names_list

#: A number, and the unit behind it.
_MEASURE: Final = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\D*)")


def text_of(field: Field, value: Any) -> str:
    """Return what an input says as a file would write it; empty for nothing."""
    if value is None:
        return "[]" if field.kind == "several" else ""
    if isinstance(value, list | tuple):
        order = list(field.choices or {})
        said = set(map(str, value))
        return names_list(name for name in order if name in said)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.12g}"
    text = str(value).strip()
    if field.kind == "list" and text and not text.startswith("["):
        return f"[{text}]"
    return text


def shown_as(field: Field, now: str | None = None) -> str:
    """Return a value, by default the file's, as its input shows it."""
    text = field.value if now is None else now
    if field.kind == "list" and text.startswith("[") and text.endswith("]"):
        return text[1:-1]
    if field.kind == "choice":
        return (field.choices or {}).get(text, text)
    return text


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.strip("[]").split(",")]


def same(one: str, other: str) -> bool:
    """Return whether two texts are the same value: the same words, or number and unit."""
    if one == other:
        return True
    if one.startswith("[") and _items(one) == _items(other):
        return True
    found, wanted = _MEASURE.fullmatch(one), _MEASURE.fullmatch(other)
    if found is None or wanted is None:
        return False
    return float(found[1]) == float(wanted[1]) and found[2].strip() == wanted[2].strip()
