"""Counts of simulated studies as bytes: whole numbers, the same bytes for the same counts.

Every table of numbers stands under its name, so that a version with others does not misread them.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import fields

import numpy as np

from simulator.evaluation.replicates import Counts

#: Results of a design and of its null twin, whose counts add up over disjoint replicates.
Twins = tuple[Counts, Counts]

_NAMES = tuple(field.name for field in fields(Counts))[1:]
_LEVEL = 6


def packed(twins: Twins) -> bytes:
    """Return counts as compressed bytes."""
    shapes = {name: getattr(twins[0], name).shape for name in _NAMES}
    head = json.dumps([twins[0].replicates, shapes]).encode()
    numbers = np.concatenate(
        [np.ravel(getattr(counts, name)) for counts in twins for name in _NAMES]
    )
    kind = "<u4" if twins[0].replicates < 2**32 else "<u8"
    # byte by byte: the upper bytes of small numbers are runs of zeros
    columns = numbers.astype(kind).view(np.uint8).reshape(numbers.size, -1).T
    body = bytes([columns.shape[0]]) + columns.tobytes()
    return zlib.compress(len(head).to_bytes(4, "little") + head + body, _LEVEL)


def unpacked(data: bytes) -> Twins:
    """Return the counts that ``packed`` wrote.

    Raises
    ------
    ValueError : it is no such text.
    """
    try:
        raw = zlib.decompress(data)
        size = int.from_bytes(raw[:4], "little")
        replicates, shapes = json.loads(raw[4 : 4 + size])
        if set(shapes) != set(_NAMES):
            raise ValueError(f"not the counts of this version, but {', '.join(shapes)}")
        width, body = raw[4 + size], raw[5 + size :]
        columns = np.frombuffer(body, dtype=np.uint8).reshape(width, -1)
        numbers = np.ascontiguousarray(columns.T).view(f"<u{width}").ravel().astype(np.int64)
        twins, start = [], 0
        for _ in range(2):
            parts = {}
            for name, shape in shapes.items():
                count = int(np.prod(shape, dtype=np.int64))
                parts[name] = numbers[start : start + count].reshape(shape)
                start += count
            twins.append(Counts(replicates, **parts))
    except (zlib.error, IndexError, TypeError) as error:
        raise ValueError(f"not counts: {error}") from error
    return twins[0], twins[1]


def added(one: Twins, other: Twins) -> Twins:
    """Return the counts of two disjoint sets of replicates together."""
    return one[0] + other[0], one[1] + other[1]
