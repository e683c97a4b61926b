"""The kernels draw what numpy draws from the stream of the same name."""

import numpy as np

from simulator.compiled import kernel
from simulator.streams import stream
from simulator.streams.normal import fill_mixture, fill_normal
from simulator.streams.seeding import stream_words
from simulator.streams.sfc64 import closed, opened, stepped, unit, word

NAME = {"block": 3, "owner": "control", "purpose": "afc/own"}
#: Where numpy's ziggurat leaves its layers for the tail.
TAIL = 3.6541528853610088


@kernel
def _draw(words, bits, units):
    state = opened(words)
    for i in range(bits.size):
        bits[i] = word(state)
        units[i] = unit(word(state))
        state = stepped(state)
    closed(state, words)


def numpy_state(generator):
    return generator.bit_generator.state["state"]["state"]


def test_words_and_numbers_are_those_of_numpy():
    words = stream_words(7, **NAME)
    theirs = stream(7, **NAME)
    np.testing.assert_array_equal(words, numpy_state(theirs))
    bits, units = np.empty(10_000, dtype=np.uint64), np.empty(10_000)
    _draw(words, bits, units)
    np.testing.assert_array_equal(bits, theirs.bit_generator.random_raw(bits.size))
    np.testing.assert_array_equal(words, numpy_state(theirs))
    np.testing.assert_array_equal(units, stream(7, **NAME).random(units.size))


def test_normals_are_those_of_numpy():
    """Word for word; numpy's tables carry rounding of 2e-14, ours are right to the last bit."""
    words, theirs = stream_words(7, **NAME), stream(7, **NAME)
    z = np.empty(2_000_000)
    fill_normal(words, z)
    np.testing.assert_allclose(z, theirs.standard_normal(z.size), rtol=1e-13, atol=0)
    np.testing.assert_array_equal(words, numpy_state(theirs))
    # 1 in 3,900 comes from the tail, which is drawn in another way
    assert (z > TAIL).sum() > 50
    assert (z < -TAIL).sum() > 50


def test_a_mixture_is_a_weighted_sum():
    common = np.linspace(-2, 2, 1000)
    z, mixed = np.empty(1000), np.empty(1000)
    fill_normal(stream_words(1, **NAME), z)
    fill_mixture(stream_words(1, **NAME), 0.6, 0.8, common, mixed)
    np.testing.assert_array_equal(mixed, z * 0.6 + 0.8 * common)
