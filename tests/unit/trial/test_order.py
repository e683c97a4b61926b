"""The line of the animals: everybody in it once, and by chance where it says so."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.model.animals import draw_animals
from simulator.streams import BLOCK_SIZE
from simulator.trial.order import places_of, places_per_day
from tests.unit.model.studies import fold_study

#: A correct program fails a test of chance with this probability (the seeds are fixed).
FALSE_ALARM = 1e-4
ORDERS = ("by-block", "randomized", "by-arm", "by-cage")


def study(arms=3, *, ratios=None, shared=True, per_cage=5, seed=7, satellite=False, **conduct):
    """Return a study of arms a0, a1, ... in this conduct; a ratio below 0 is a fixed number."""
    found = {}
    for index, ratio in enumerate(ratios or [1] * arms):
        number = {"n": -ratio} if ratio < 0 else {"ratio": ratio}
        found[f"a{index}"] = {"role": "test" if index else "control", **number}
    endpoints = {"afc": {"kind": "plaque_count", "day": 5}}
    if satellite:
        endpoints["late"] = {"kind": "phagocytic_number", "day": 9, "satellite": True}
    return fold_study(
        arms=found,
        folds={},
        endpoints=endpoints,
        seed=seed,
        design={
            "animals": {"arms_share_cages": shared, "per_cage": per_cage},
            "conduct": conduct,
        },
    )


def line(scenario, n, *, block=0, satellites_of=None):
    """Return the animals and their places."""
    animals = draw_animals(
        scenario, block=block, sizes=scenario.design.sizes(n), satellites_of=satellites_of
    )
    return animals, places_of(scenario.design, animals)


def together(places):
    return np.concatenate(list(places.values()))


@settings(max_examples=60, deadline=None)
@given(
    ratios=st.lists(st.sampled_from([1, 2, 0.5, 1.5, -1, -7]), min_size=1, max_size=5),
    n=st.integers(1, 9),
    order=st.sampled_from(ORDERS),
    days=st.integers(1, 4),
    split=st.sampled_from(["balanced", "by-arm"]),
    shared=st.booleans(),
    per_cage=st.integers(1, 6),
)
def test_everybody_stands_in_the_line_once(ratios, n, order, days, split, shared, per_cage):
    scenario = study(
        ratios=ratios, shared=shared, per_cage=per_cage, order=order, days=days, split=split
    )
    animals, places = line(scenario, n)
    everybody = together(places)
    total = sum(scenario.design.sizes(n).values())
    assert everybody.shape == (total, BLOCK_SIZE)
    np.testing.assert_array_equal(
        np.sort(everybody, axis=0), np.broadcast_to(np.arange(total)[:, None], everybody.shape)
    )
    # the days follow one another: an animal's day is the same in every replicate
    counts = places_per_day(scenario.design, scenario.design.sizes(n))
    assert sum(counts) == total
    assert len(counts) == days
    day_of_place = np.repeat(np.arange(days), counts)
    days_found = {arm: day_of_place[found] for arm, found in places.items()}
    for found in days_found.values():
        assert (found == found[:, :1]).all()
    for place, arm in enumerate(animals):
        own = days_found[arm][:, 0]
        if split == "by-arm":
            # whole arms in order of the design, no day twice as long as another by more than one
            assert (own == own[0]).all()
            if place:
                assert own[0] >= days_found[f"a{place - 1}"][-1, 0]
        elif order == "by-cage":
            np.testing.assert_array_equal(own, animals[arm].cage % days)
        else:
            np.testing.assert_array_equal(own, np.arange(len(own)) % days)


@pytest.mark.parametrize(
    ("arms", "days", "expected"),
    [(3, 2, [2, 1]), (8, 3, [3, 3, 2]), (2, 4, [1, 1, 0, 0]), (4, 2, [2, 2]), (1, 2, [1, 0])],
)
def test_whole_arms_are_cut_into_parts_as_even_as_can_be(arms, days, expected):
    design = study(arms, days=days, split="by-arm").design
    assert places_per_day(design, design.sizes(6)) == tuple(6 * part for part in expected)


def test_a_round_is_complete_before_the_next():
    scenario = study(ratios=[1, 2, 1], order="by-block")
    _, places = line(scenario, 6)
    for arm, of_a_round in (("a0", 1), ("a1", 2), ("a2", 1)):
        rounds = places[arm] // 4
        expected = np.arange(len(rounds))[:, None] // of_a_round
        np.testing.assert_array_equal(rounds, np.broadcast_to(expected, rounds.shape))


def test_the_rounds_of_a_day_are_complete_too():
    scenario = study(4, order="by-block", days=2)
    _, places = line(scenario, 5)
    assert places_per_day(scenario.design, scenario.design.sizes(5)) == (12, 8)
    for found in places.values():
        # animals 0, 2, 4 on the first day, 1 and 3 on the second, whose places begin at 12
        np.testing.assert_array_equal(found[[0, 2, 4]] // 4, [[0], [1], [2]] * np.ones(BLOCK_SIZE))
        np.testing.assert_array_equal((found[[1, 3]] - 12) // 4, [[0], [1]] * np.ones(BLOCK_SIZE))


def test_the_order_within_a_round_is_that_of_each_animals_own_key():
    """A second way, one replicate at a time, in plain Python."""
    scenario = study(ratios=[1, 2, -3], order="by-block")
    animals, places = line(scenario, 5, block=2)
    keys = {arm: group.generator("order").random((group.n, BLOCK_SIZE)) for arm, group in
            animals.items()}  # fmt: skip
    # five rounds: the three animals of the arm of fixed size are spread over them
    rounds = {"a0": [0, 1, 2, 3, 4], "a1": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], "a2": [0, 2, 4]}
    for r in (0, 17, BLOCK_SIZE - 1):
        standing = sorted(
            (rounds[arm][i], keys[arm][i, r], arm, i)
            for arm, group in animals.items()
            for i in range(group.n)
        )
        for place, (_, _, arm, i) in enumerate(standing):
            assert places[arm][i, r] == place


@pytest.mark.parametrize("ratios", [[1, 1, -8], [1, 0.5, 2], [2, 1, -3]])
def test_no_arm_is_early_or_late_on_average(ratios):
    """Nor is one of a fixed number: it would be confounded with time."""
    _, places = line(study(ratios=ratios, order="by-block"), 30)
    total = sum(len(found) for found in places.values())
    for found in places.values():
        # (P - 1) / 2, give or take half a round
        assert abs(found.mean() - (total - 1) / 2) < 0.5 * total / 30


@pytest.mark.parametrize("satellites_of", [None, "late"])
def test_the_first_animals_stand_where_they_do_in_a_smaller_study(satellites_of):
    scenario = study(5, order="by-block", satellite=True)
    _, small = line(scenario, 4, satellites_of=satellites_of)
    _, large = line(scenario, 20, satellites_of=satellites_of)
    for arm, found in small.items():
        np.testing.assert_array_equal(large[arm][:4], found)


def test_satellites_and_blocks_and_seeds_have_orders_of_their_own():
    for order in ("by-block", "randomized", "by-cage"):
        scenario = study(order=order, satellite=True, per_cage=2)
        once = together(line(scenario, 6)[1])
        np.testing.assert_array_equal(once, together(line(scenario, 6)[1]))
        for other in (
            line(scenario, 6, satellites_of="late"),
            line(scenario, 6, block=1),
            line(study(order=order, per_cage=2, seed=8), 6),
        ):
            assert (together(other[1]) != once).any()


def spread(scenario, n, rows, blocks=8):
    """Return how often each of these rows stands at each place (rows, places)."""
    found = np.concatenate(
        [together(line(scenario, n, block=block)[1])[rows] for block in range(blocks)], axis=1
    )
    places = np.unique(found)
    return np.stack([(found == place).sum(axis=1) for place in places], axis=1)


@pytest.mark.parametrize(
    ("conduct", "n", "rows"),
    [
        # all animals over all places; the animals of the second day; the second round; cages
        ({"order": "randomized"}, 4, slice(None)),
        ({"order": "randomized", "days": 2}, 6, [1, 3, 5, 7, 9, 11, 13, 15, 17]),
        ({"order": "by-block"}, 4, [1, 5, 9]),
        ({"order": "by-cage", "shared": False, "per_cage": 4}, 4, [0, 4, 8]),
    ],
)
def test_everybody_stands_everywhere_equally_often(conduct, n, rows):
    counts = spread(study(**conduct), n, rows)
    assert counts.shape[0] == counts.shape[1]
    expected = counts.sum() / counts.size
    size = len(counts)
    # rows and columns sum to the number of replicates: (P-1)^2 degrees of freedom, and the sum
    # of squares is P/(P-1) too large (Anderson 1959, on tests of randomness of permutations)
    statistic = ((counts - expected) ** 2 / expected).sum() * (size - 1) / size
    assert stats.chi2.sf(statistic, (size - 1) ** 2) > FALSE_ALARM / 4
    assert stats.chi2.cdf(statistic, (size - 1) ** 2) > FALSE_ALARM / 4


def test_every_order_of_a_round_is_equally_likely():
    found = np.concatenate(
        [together(line(study(order="by-block"), 1, block=block)[1]) for block in range(12)], axis=1
    )
    orders = list(itertools.permutations(range(3)))
    counts = [int((found == np.array(order)[:, None]).all(axis=0).sum()) for order in orders]
    assert sum(counts) == found.shape[1]
    assert stats.chisquare(counts).pvalue > FALSE_ALARM


@pytest.mark.parametrize("shared", [True, False])
def test_a_cage_is_finished_before_the_next_is_opened(shared):
    scenario = study(4, order="by-cage", shared=shared, per_cage=5)
    animals, places = line(scenario, 8)
    cages = np.concatenate(
        [group.cage + (0 if shared else 100 * i) for i, group in enumerate(animals.values())]
    )
    everybody = together(places)
    for r in (0, 123, BLOCK_SIZE - 1):
        standing = cages[np.argsort(everybody[:, r])]
        changes = np.count_nonzero(np.diff(standing))
        assert changes == len(np.unique(cages)) - 1
    if shared:
        # five a cage, dealt through the arms: the second cage holds a1, a2, a3, a0, a1
        own = [("a1", 1), ("a2", 1), ("a3", 1), ("a0", 2), ("a1", 2)]
        rows = np.stack([places[arm][i] for arm, i in own])
        assert (np.diff(rows, axis=0) == 1).all()
    else:
        for found in places.values():
            assert (np.diff(found[:5], axis=0) == 1).all()


def test_by_arm_the_order_is_that_of_the_design():
    scenario = study(3, order="by-arm")
    _, places = line(scenario, 4)
    expected = np.arange(12)[:, None] * np.ones(BLOCK_SIZE)
    np.testing.assert_array_equal(together(places), expected)
    # on two days: animals 0 and 2 of every arm, then 1 and 3
    _, places = line(study(3, order="by-arm", days=2), 4)
    assert [list(found[:, 0]) for found in places.values()] == [
        [0, 6, 1, 7],
        [2, 8, 3, 9],
        [4, 10, 5, 11],
    ]


def test_without_conduct_there_is_no_line():
    scenario = fold_study()
    animals = draw_animals(scenario, block=0, sizes=scenario.design.sizes(2))
    with pytest.raises(ValueError, match="without conduct"):
        places_of(scenario.design, animals)
    with pytest.raises(ValueError, match="without conduct"):
        places_per_day(scenario.design, scenario.design.sizes(2))
