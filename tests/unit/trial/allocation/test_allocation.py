"""Who gets what: fair to every mouse, balanced, reproducible, and told by no label."""

from __future__ import annotations

import itertools
import time
from collections import Counter

import numpy as np
import pytest
from scipy.stats import binom, chi2, norm

from simulator.errors import DataError
from simulator.scenario import Scenario
from simulator.tables.animals import ListedAnimal
from simulator.trial.allocation.allocate import Allocation, allocate
from simulator.trial.allocation.candidates import natural
from simulator.trial.allocation.coded_labels import draw_labels, draw_letters
from simulator.trial.allocation.permuted_blocks import draw_blocks
from simulator.trial.allocation.whole_cages import divide_cages
from tests.unit.model.studies import fold_study, kinetic_study

#: Every test of this file that counts many allocations raises a false alarm once in 10,000 runs
#: of a right program; its chi-squares (one per mouse) share that by Bonferroni.
FALSE_ALARM = 1e-4
TIMES = 10_000


def generator(seed: int = 20261122) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def mice(count: int, *, cage: int | None = 5, seed: int = 3) -> list[ListedAnimal]:
    """Return mice of 20 +- 1.2 g whose cages differ in weight."""
    weights = generator(seed).normal(20, 1.2, count)
    return [
        ListedAnimal(f"m{k}", round(float(weight), 1), f"c{k // cage + 1}" if cage else "")
        for k, weight in enumerate(weights)
    ]


def assert_fair(arms: np.ndarray, sizes: list[int]) -> None:
    """Each mouse is in each arm as often as the arm's size says, by chi-square per mouse."""
    times, count = arms.shape
    share = np.array(sizes) / sum(sizes)
    seen = np.stack([(arms == k).sum(axis=0) for k in range(len(sizes))], axis=1)
    assert seen.sum() == times * count
    statistic = ((seen - times * share) ** 2 / (times * share)).sum(axis=1)
    assert statistic.max() < chi2.isf(FALSE_ALARM / count, len(sizes) - 1)


@pytest.mark.parametrize("balance", [(), ("weight",), ("cage",), ("weight", "cage")])
@pytest.mark.parametrize(
    "sizes", [[6] * 4, [4, 8], [3, 6, 3], [10, 10, 7], [2, 9], [5, 8, 12], [1] * 5]
)
def test_every_mouse_is_equally_often_in_every_arm(
    balance: tuple[str, ...], sizes: list[int]
) -> None:
    animals = mice(sum(sizes), cage=4)
    # ties in weight, and cages that are not alike in size
    cages = np.array([int(animal.cage[1:]) for animal in animals]) // 2
    found = draw_blocks(
        generator(),
        sizes=sizes,
        weights=np.array([animal.weight for animal in animals]) if "weight" in balance else None,
        cages=cages if "cage" in balance else None,
        times=TIMES,
    )
    assert (np.sort(found.arm, axis=1) == np.repeat(np.arange(len(sizes)), sizes)).all()
    assert_fair(found.arm, sizes)


def test_pairs_of_mice_of_one_block_meet_all_pairs_of_arms_alike() -> None:
    # permuted blocks: the two lightest of 8 share a block of 4, so never an arm
    found = draw_blocks(generator(), sizes=[2] * 4, weights=np.arange(8.0), times=TIMES)
    pairs = Counter(zip(found.arm[:, 0].tolist(), found.arm[:, 1].tolist(), strict=True))
    assert len(pairs) == 12
    statistic = sum((seen - TIMES / 12) ** 2 / (TIMES / 12) for seen in pairs.values())
    assert statistic < chi2.isf(FALSE_ALARM, 11)
    assert (found.block == [1, 1, 1, 1, 2, 2, 2, 2]).all()


def test_two_thousand_allocations_of_64_mice_take_seconds() -> None:
    before = time.process_time()
    weights = generator(1).normal(20, 1.2, 64)
    draw_blocks(generator(), sizes=[8] * 8, weights=weights, cages=np.arange(64) // 5, times=2000)
    assert time.process_time() - before < 12  # 0.7 s on one idle core; never minutes


@pytest.mark.parametrize("n", [1, 3, 8])
def test_every_block_holds_one_animal_of_every_arm(n: int) -> None:
    found = allocate(kinetic_study(), n=n)
    blocks: dict[int, list[str]] = {}
    for animal in found.animals:
        blocks.setdefault(animal.block, []).append(animal.arm)
    assert sorted(blocks) == list(range(1, n + 1))
    arms = sorted(kinetic_study().design.arms)
    assert all(sorted(block) == arms for block in blocks.values())


def test_blocks_are_of_like_weight() -> None:
    found = allocate(kinetic_study(), n=6)
    spans = [
        sorted(animal.weight for animal in found.animals if animal.block == block)
        for block in range(1, 7)
    ]
    assert all(one[-1] <= two[0] for one, two in itertools.pairwise(spans))


def test_an_arm_of_ratio_2_has_two_in_every_block_and_a_fixed_one_its_number() -> None:
    arms = {
        "saline": {"role": "control"},
        "drug": {"role": "test", "ratio": 2},
        "pilot": {"role": "test", "n": 3},
    }
    found = allocate(fold_study(arms=arms, folds={"drug": 3}), n=5)
    assert Counter(one.arm for one in found.animals) == {"saline": 5, "drug": 10, "pilot": 3}
    whole = Counter((one.block, one.arm) for one in found.animals if one.arm != "pilot")
    assert {whole[block, "saline"] for block in range(1, 6)} == {1}
    assert {whole[block, "drug"] for block in range(1, 6)} == {2}


def cage_counts(found: Allocation) -> np.ndarray:
    cages = sorted({animal.cage for animal in found.animals})
    arms = sorted({animal.arm for animal in found.animals})
    counts = np.zeros((len(cages), len(arms)), dtype=int)
    for animal in found.animals:
        counts[cages.index(animal.cage), arms.index(animal.arm)] += 1
    return counts


def balanced(*what: str, **more: object) -> Scenario:
    return kinetic_study(design={"randomization": {"balance": list(what)}, **more})


def test_cages_of_five_hold_five_different_arms() -> None:
    # by hand: 13 cages of at most 5 mice and 8 arms: no cage need hold an arm twice
    assert cage_counts(allocate(balanced("weight", "cage"), n=8, animals=mice(64))).max() == 1
    # without balance a cage of 5 has no arm twice with probability 8 7 6 5 4 / 8^5 = 0.2
    assert cage_counts(allocate(balanced("weight"), n=8, animals=mice(64))).max() > 1


def test_blocks_of_like_weight_make_arms_of_like_weight() -> None:
    # the mean of 500 variances of 8 means: 4 standard errors
    rel = 4 * (2 / 7 / 500) ** 0.5

    def spread(*balance: str) -> float:
        found = draw_blocks(
            generator(),
            sizes=[8] * 8,
            weights=weights if balance else None,
            times=500,
        )
        means = [np.where(found.arm == k, weights, 0).sum(axis=1) / 8 for k in range(8)]
        return float(np.var(means, axis=0).mean())

    weights = np.sort(generator(5).normal(20, 1.2, 64))
    within = np.var(weights.reshape(8, 8), axis=1, ddof=1).mean()
    # by hand: the variance of an arm's mean is that of one mouse per block, over 8 blocks; arms
    # together have the mean of all, which takes nothing from the variance between them
    assert spread("weight") * 8 / 7 == pytest.approx(within / 8, rel=rel)
    assert spread() * 8 / 7 == pytest.approx(np.var(weights, ddof=1) / 8, rel=rel)


def test_the_seed_reproduces_everything_and_another_gives_another() -> None:
    one, two = (allocate(kinetic_study(), n=8, animals=mice(70)) for _ in range(2))
    assert one == two
    other = allocate(kinetic_study(seed=1), n=8, animals=mice(70))
    for part in ("animals", "syringes"):
        assert getattr(one, part) != getattr(other, part)
    assert {a.label for a in one.animals} != {a.label for a in other.animals}


def test_surplus_animals_furthest_from_the_median_are_the_reserve() -> None:
    grams = [20.0, 18.0, 22.0, 19.5, 20.5, 30.0, 10.0, 20.1]  # median 20.05
    listed = [ListedAnimal(f"m{k}", weight, "") for k, weight in enumerate(grams)]
    found = allocate(fold_study(), n=3, animals=listed)
    assert {one.animal for one in found.reserve} == {"m5", "m6"}
    assert found.notes == ("the list has no cages: the arms are not balanced over cages",)


def test_ties_for_the_reserve_are_broken_at_random() -> None:
    listed = [ListedAnimal(f"m{k}", 19.0 + 2 * (k % 2), "") for k in range(6)]
    spare = Counter(
        allocate(fold_study(seed=seed), n=2, animals=listed).reserve[0].animal
        for seed in range(300)
    )
    # every one of 6 is first among the two reserves of 6 by file order with 1/3, 4/15, ...
    chances = {f"m{k}": (5 - k) / 15 for k in range(5)}
    statistic = sum((spare[k] - 300 * p) ** 2 / (300 * p) for k, p in chances.items())
    assert statistic < chi2.isf(FALSE_ALARM, 4)


def test_too_few_animals_are_counted() -> None:
    with pytest.raises(DataError, match=r"has 60 animals, the study needs 64 \(8 arms\): 4 are"):
        allocate(kinetic_study(), n=8, animals=mice(60), source="list.csv")


def test_satellites_are_allocated_too() -> None:
    endpoints = {
        "afc": {"kind": "plaque_count", "day": 5},
        "late": {"kind": "titer", "day": 10, "satellite": True},
    }
    study = kinetic_study(design={"endpoints": endpoints})
    found = allocate(study, n=3)
    assert Counter(one.satellite_of for one in found.animals) == {"": 24, "late": 24}
    groups = Counter((one.block, one.arm, one.satellite_of) for one in found.animals)
    assert set(groups.values()) == {1}
    with pytest.raises(DataError, match="8 arms; 24 animals for satellite endpoints"):
        allocate(study, n=3, animals=mice(40))


def test_animals_enrolled_for_losses_are_allocated() -> None:
    study = fold_study(design={"attrition": {"loss": 0.2, "inflate": 0.9}})
    sizes = study.design.sizes(8)
    assert min(sizes.values()) > 8
    assert Counter(one.arm for one in allocate(study, n=8).animals) == sizes


# --- whole cages


def own_cages(**more: object) -> Scenario:
    return fold_study(
        arms={key: {"role": role} for key, role in
              (("saline", "control"), ("a", "test"), ("b", "test"), ("c", "test"))},
        folds={"a": 2},
        design={"animals": {"arms_share_cages": False, "per_cage": 5}, **more},
    )  # fmt: skip


def test_whole_cages_hold_one_arm_each() -> None:
    found = allocate(own_cages(), n=8)
    arms: dict[str, set[str]] = {}
    for animal in found.animals:
        arms.setdefault(animal.cage, set()).add(animal.arm)
    assert all(len(inside) == 1 for inside in arms.values())
    assert Counter(one.arm for one in found.animals) == dict.fromkeys(own_cages().design.arms, 8)
    assert {one.block for one in found.animals} == {0}
    assert len(found.reserve) == 0


def test_surplus_of_whole_cages_is_the_reserve_of_each_arm() -> None:
    animals = mice(40)
    found = allocate(own_cages(), n=8, animals=animals)
    assert (len(found.animals), len(found.reserve)) == (32, 8)
    median = float(np.median([animal.weight for animal in animals]))
    of_cage = {one.cage: one.arm for one in found.animals}
    for arm in own_cages().design.arms:
        kept = [abs(one.weight - median) for one in found.animals if one.arm == arm]
        spare = [abs(one.weight - median) for one in found.reserve if of_cage[one.cage] == arm]
        assert (len(kept), len(spare)) == (8, 2)
        assert max(kept) <= min(spare) + 1e-9


@pytest.mark.parametrize(
    ("held", "times"),
    # any division will do; and few will do, so that nearly all are mended
    [([4, 4, 4, 5, 5, 5], 4000), ([5, 5, 3, 3, 4, 4], 150)],
)
def test_each_cage_is_equally_often_in_each_arm_of_its_size(held: list[int], times: int) -> None:
    mates = np.array(held)
    grams = mates * np.array([19.0, 21.0, 20.0, 22.0, 18.0, 20.5])
    draw, found = generator(), []
    for _ in range(times):
        arms = divide_cages(draw, sizes=[8, 8, 8], held=mates, grams=grams)
        assert arms is not None
        assert np.bincount(arms, weights=mates).min() >= 8
        found.append(arms)
    assert_fair(np.array(found), [1, 1, 1])


def test_weights_of_whole_cages_are_made_alike() -> None:
    held = np.full(12, 5)
    grams = 5 * np.linspace(17, 23, 12)

    def spread(by: np.ndarray | None) -> float:
        draw, found = generator(), []
        for _ in range(50):
            arms = divide_cages(draw, sizes=[15] * 4, held=held, grams=by)
            assert arms is not None
            found.append(np.var(np.bincount(arms, weights=grams) / 15))
        return float(np.mean(found))

    assert spread(grams) < 0.3 * spread(None)


def test_cages_of_odd_sizes_are_mended_until_every_arm_has_enough() -> None:
    # by hand: 16 = 5+5+5+1, 8 = 5+3, and no other division has as many in each
    held = np.array([5, 5, 5, 1, 5, 3])
    for seed in range(20):
        arms = divide_cages(generator(seed), sizes=[16, 8], held=held)
        assert arms is not None
        assert np.bincount(arms, weights=held).tolist() == [16, 8]


def test_cages_that_cannot_hold_the_arms_are_refused() -> None:
    with pytest.raises(DataError, match="7 cages of 5 animals do not hold 4 arms of 8 in cages"):
        allocate(own_cages(), n=8, animals=mice(35))
    with pytest.raises(DataError, match="8 cages of 5 are needed, or design"):
        allocate(own_cages(), n=8, animals=mice(35))
    with pytest.raises(DataError, match="every animal needs its cage"):
        allocate(own_cages(), n=8, animals=mice(40, cage=None))


# --- codes


def test_labels_differ_in_two_characters_and_cannot_be_misread() -> None:
    for count in (1, 40, 150, 400):
        labels = draw_labels(generator(), count)
        assert len(set(labels)) == count
        assert {len(label) for label in labels} == {3 if count <= 150 else 4}
        assert not set("".join(labels)) & set("0O1IL2Z5S8BUVQAE")
        assert all(label[0].isalpha() for label in labels)
        nearest = min(
            sum(x != y for x, y in zip(one, two, strict=True))
            for k, one in enumerate(labels)
            for two in labels[:k]
        ) if count > 1 else 2  # fmt: skip
        assert nearest >= 2


def test_no_code_is_the_name_of_an_arm() -> None:
    for seed in range(50):
        assert not {"C", "D"} & set(draw_letters(generator(seed), 8, taken=("c", "D")))
    assert len(set(draw_letters(generator(), 200))) == 200
    taken = draw_labels(generator(), 20)
    assert not set(taken) & set(draw_labels(generator(), 20, taken=taken))


def test_labels_tell_nothing_of_the_arm() -> None:
    runs, first, early = 150, 0, 0
    for seed in range(runs):
        labels = sorted(allocate(fold_study(seed=seed), n=4).animals, key=lambda one: one.label)
        first += labels[0].arm == "saline"
        early += sum(one.arm == "saline" for one in labels[:4])
    # the first label by alphabet belongs to either arm with 1/2
    low, high = binom.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], runs, 0.5)
    assert low <= first <= high
    # of the first 4 of 8 labels as many as by lot: hypergeometric, mean 2, variance 4/7
    assert abs(early - 2 * runs) < norm.isf(FALSE_ALARM / 2) * (runs * 4 / 7) ** 0.5


def test_syringe_letters_are_not_in_the_order_of_the_arms() -> None:
    arms = list(kinetic_study().design.arms)
    ordered = 0
    for seed in range(100):
        codes = allocate(kinetic_study(seed=seed), n=1).syringes
        assert len(set(codes.values())) == len(arms)
        ordered += codes[arms[0], 0] < codes[arms[1], 0]
    low, high = binom.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], 100, 0.5)
    assert low <= ordered <= high


def test_a_rehearsal_names_no_arm() -> None:
    found = allocate(own_cages(), n=8)
    assert found.rehearsal
    for one in found.animals:
        assert one.animal.startswith("sim-")
        assert one.cage.startswith("cage-")
    assert not allocate(fold_study(), n=2, animals=mice(4)).rehearsal


def test_cages_are_in_natural_order() -> None:
    names = ["c10", "c2", "C1", "", "7", "12a", "a-1-2", "a-1-10"]
    assert sorted(names, key=natural) == ["", "7", "12a", "a-1-2", "a-1-10", "C1", "c2", "c10"]
