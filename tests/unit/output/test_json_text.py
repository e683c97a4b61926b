"""JSON that every reader accepts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from simulator.output.json_text import to_json


def test_what_json_cannot_say_becomes_null() -> None:
    data = {"a": math.nan, "b": [math.inf, -math.inf, 1.5], "c": (np.float64("nan"),)}
    assert json.loads(to_json(data)) == {"a": None, "b": [None, None, 1.5], "c": [None]}


def test_numpy_becomes_plain() -> None:
    data = {"n": np.int64(3), "yes": np.True_, "values": np.arange(3), 4: np.float32(0.5)}
    found = to_json(data)
    assert json.loads(found) == {"n": 3, "yes": True, "values": [0, 1, 2], "4": 0.5}


def test_it_is_ascii_so_that_any_terminal_and_pipe_carries_it() -> None:
    assert to_json({"µ": "доза"}).isascii()
    assert json.loads(to_json({"µ": "доза"})) == {"µ": "доза"}


def test_floats_come_back_exactly() -> None:
    value = 0.1 + 0.2
    assert json.loads(to_json([value])) == [value]


def test_other_things_are_refused() -> None:
    with pytest.raises(TypeError, match=r"Path\w* cannot be written as JSON"):
        to_json({"path": Path()})
