"""JSON that every reader accepts: no NaN, no infinity, no numpy."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def to_json(data: object, *, indent: int | None = 2) -> str:
    """Return data as JSON text; NaN and infinite numbers become null.

    Parameters
    ----------
    data : nested mappings and sequences of plain values; numpy scalars and arrays become
        numbers and lists.

    Raises
    ------
    TypeError : something that JSON cannot hold.
    """
    return json.dumps(_plain(data), indent=indent, allow_nan=False)


def _plain(data: object) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple | set | frozenset):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if data is None or isinstance(data, str | bool | int):
        return data
    if hasattr(data, "tolist"):  # numpy, scalar or array
        return _plain(data.tolist())
    raise TypeError(f"{type(data).__name__} cannot be written as JSON")
