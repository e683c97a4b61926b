"""The seed of a stream is, bit for bit, that of numpy's SeedSequence."""

import numpy as np
import pytest

from simulator.streams import CONFIRM_BLOCK, TRUTH_BLOCK, name_key, stream
from simulator.streams.seeding import seeded, stream_words

#: One word and several, words of zeros and ones, as many words as the pool and more.
SEEDS = (0, 1, 7, 20261122, 2**31, 2**32 - 1, 2**32, 2**64 - 1, 2**64 + 5, 2**96, 2**128 - 1)
LONG_SEEDS = (2**128, 2**128 + 3, 2**200 - 17)
BLOCKS = (0, 1, 499, CONFIRM_BLOCK, TRUTH_BLOCK, TRUTH_BLOCK + 63, 2**32 - 1, 2**32, 2**40 + 1)
NAMES = (("control", "afc/own"), ("", ""), ("cages", "cage"), ("dose 5 µg", "titer/assay"))


def numpy_state(generator):
    return generator.bit_generator.state["state"]["state"]


@pytest.mark.parametrize("seed", [*SEEDS, *LONG_SEEDS])
def test_every_name_has_the_state_numpy_gives_it(seed):
    for block in BLOCKS:
        for owner, purpose in NAMES:
            key = (block, name_key(owner), name_key(purpose))
            theirs = np.random.SFC64(np.random.SeedSequence(seed, spawn_key=key))
            ours = stream_words(seed, block=block, owner=owner, purpose=purpose)
            assert ours.dtype == np.uint64
            np.testing.assert_array_equal(ours, theirs.state["state"]["state"])


def test_the_generator_and_the_words_are_one_stream():
    name = {"block": 3, "owner": "control", "purpose": "afc/own"}
    np.testing.assert_array_equal(stream_words(7, **name), numpy_state(stream(7, **name)))


def test_any_words_are_hashed_as_numpy_hashes_them():
    """Words of any value, from a full pool to three times as many."""
    rng = np.random.default_rng(1)
    for size in range(4, 13):
        for _ in range(200):
            entropy = rng.integers(0, 2**32, size, dtype=np.uint32)
            theirs = np.random.SFC64(np.random.SeedSequence(entropy))
            np.testing.assert_array_equal(seeded(entropy), theirs.state["state"]["state"])


def test_each_opening_is_fresh():
    name = {"block": 0, "owner": "control", "purpose": "weight"}
    first = stream_words(5, **name)
    kept = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(stream_words(5, **name), kept)


@pytest.mark.parametrize(("seed", "block"), [(-1, 0), (1, -1)])
def test_a_negative_number_names_no_stream(seed, block):
    with pytest.raises(ValueError, match="from 0 up"):
        stream_words(seed, block=block, owner="control", purpose="weight")
