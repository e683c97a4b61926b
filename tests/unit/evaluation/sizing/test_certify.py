"""The verdict on a curve: saw-teeth, gaps, shared error."""

import pytest

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.sizing.certify import Verdict, enough, too_small, verdict


def curve(*values, replicates=100_000):
    """One probability per n, with intervals of about +- 0.003."""
    return [[Probability(round(value * replicates), replicates)] for value in values]


def judged(values, start=3, target=0.8):
    return verdict(
        range(start, start + len(values)), curve(*values), target=target, confidence=0.99
    )


def test_a_plain_curve():
    assert judged([0.1, 0.5, 0.79, 0.81, 0.9]) == Verdict(6, 6)
    assert judged([0.1, 0.5, 0.79, 0.81, 0.9]).told_apart


def test_a_tooth_that_sticks_out_is_no_sample_size():
    assert judged([0.1, 0.82, 0.78, 0.81, 0.9]) == Verdict(6, 6)
    assert judged([0.82, 0.83, 0.84, 0.85, 0.79]) == Verdict(8, None)


def test_a_gap_where_the_simulation_cannot_tell():
    assert judged([0.5, 0.799, 0.801, 0.85]) == Verdict(4, 6)
    assert judged([0.5, 0.801, 0.85, 0.799]) == Verdict(4, None)
    assert not judged([0.5, 0.799, 0.801, 0.85]).told_apart


def test_every_n_enough_and_none():
    assert judged([0.9, 0.95]) == Verdict(3, 3)
    assert judged([0.1, 0.2]) == Verdict(5, None)


def test_each_means_the_least_of_several():
    good, bad = Probability(900, 1000), Probability(700, 1000)
    assert enough([good, good], target=0.8, confidence=0.99)
    assert not enough([good, bad], target=0.8, confidence=0.99)
    assert too_small([good, bad], target=0.8, confidence=0.99)


def test_the_error_of_calling_an_n_too_small_is_shared():
    share = Probability(7895, 10_000)
    target = share.interval(0.99)[1] + 1e-6  # just above the limit of one comparison
    assert too_small([share], target=target, confidence=0.99)
    assert not too_small([share] * 6, target=target, confidence=0.99)
    wider = share.interval(1 - 0.01 / 6)[1]
    assert too_small([share] * 6, target=wider + 1e-9, confidence=0.99)
    assert wider == pytest.approx(0.8017, abs=5e-4)
