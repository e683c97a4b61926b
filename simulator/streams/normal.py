"""Standard normal numbers, bit for bit what numpy draws from the same stream but for rounding.

Ziggurat of 256 layers: an equal-area layer, a place in it; 98.8 % of the places lie below the
curve whatever their height, the others are tested against the density itself, and the lowest
layer falls back on the exact tail. No value is an approximation.

Source: G. Marsaglia, W. W. Tsang, The ziggurat method for generating random variables, Journal
of Statistical Software 5(8), 2000.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.streams import Words
from simulator.streams.sfc64 import State, closed, opened, stepped, unit, word

Floats = NDArray[np.float64]

#: Start of the tail, and area of a layer (``R f(R) + integral of f beyond R``) at
#: ``f(x) = exp(-x^2/2)``: what makes 256 layers of one area.
_R = "3.6541528853610087963519472518"
_AREA = "0.00492867323397465493159091343184714888"
_LAYERS = 256
#: Steps of a place in its layer.
_STEPS = 2**52


def _layers() -> tuple[Floats, NDArray[np.int64], Floats]:
    """Return the width of a step, the steps that lie below the curve, and f, of each layer.

    In decimal arithmetic, so that every machine has the same tables, right to the last bit.
    """
    with localcontext() as context:
        context.prec = 36
        x, area = Decimal(_R), Decimal(_AREA)
        f = (-x * x / 2).exp()
        width, below, height = [x / _STEPS], [], [f]
        base = area / f  # the lowest layer with its tail, as wide as a rectangle of its area
        below_base = int(x / base * _STEPS)
        for _ in range(_LAYERS - 2):
            above = (-2 * (area / x + f).ln()).sqrt()
            below.append(int(above / x * _STEPS))
            x, f = above, (-above * above / 2).exp()
            width.append(x / _STEPS)
            height.append(f)
        return (
            np.array([float(base / _STEPS), *map(float, reversed(width))]),
            np.array([below_base, 0, *reversed(below)], dtype=np.int64),
            np.array([1.0, *map(float, reversed(height))]),
        )


_WIDTH, _BELOW, _HEIGHT = _layers()
_TAIL = float(_R)

_LAYER_BITS, _LAYER_MASK = np.uint64(8), np.uint64(_LAYERS - 1)
_SIGN_BITS, _ONE = np.uint64(9), np.uint64(1)
_PLACE = np.uint64(_STEPS - 1)


@kernel
def normal(state: State) -> tuple[float, State]:
    """Return a standard normal number and the state after it."""
    bits = word(state)
    state = stepped(state)
    layer = bits & _LAYER_MASK  # unsigned: no index is counted from the end
    place = np.int64((bits >> _SIGN_BITS) & _PLACE)
    if place >= _BELOW[layer]:
        return _rare(bits, state)
    x = place * _WIDTH[layer]
    return (-x if (bits >> _LAYER_BITS) & _ONE else x), state


@kernel
def _rare(bits: np.uint64, state: State) -> tuple[float, State]:
    """Return the number where the first word, drawn already, does not settle it."""
    while True:
        layer = bits & _LAYER_MASK
        place = np.int64((bits >> _SIGN_BITS) & _PLACE)
        x = place * _WIDTH[layer]
        x = -x if (bits >> _LAYER_BITS) & _ONE else x
        if place < _BELOW[layer]:
            return x, state
        if layer == 0:
            return _tail((place >> 8) & 1 == 1, state)
        height = unit(word(state))
        state = stepped(state)
        edge = _HEIGHT[layer]
        if (_HEIGHT[layer - _ONE] - edge) * height + edge < math.exp(-0.5 * x * x):
            return x, state
        bits = word(state)
        state = stepped(state)


@kernel
def _tail(negative: bool, state: State) -> tuple[float, State]:
    """Return a number beyond the last layer: exponential steps, kept with exp(-step^2/2)."""
    while True:
        beyond = -math.log1p(-unit(word(state))) / _TAIL
        state = stepped(state)
        allowance = -math.log1p(-unit(word(state)))
        state = stepped(state)
        if allowance + allowance > beyond * beyond:
            x = _TAIL + beyond
            return (-x if negative else x), state


@kernel
def fill_normal(words: Words, out: Floats) -> None:
    """Fill a flat array with standard normal numbers."""
    state = opened(words)
    for i in range(out.size):
        out[i], state = normal(state)
    closed(state, words)


@kernel
def fill_mixture(words: Words, own: float, shared: float, common: Floats, out: Floats) -> None:
    """Fill a flat array with ``own * z + shared * common``, z standard normal."""
    state = opened(words)
    for i in range(out.size):
        z, state = normal(state)
        out[i] = z * own + shared * common[i]
    closed(state, words)
