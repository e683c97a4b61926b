"""What the estimates of an analysis may be held against, and its true value in a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.effect import (
    LARGEST_PAIRS,
    fold_of_medians,
    is_ratio_scale,
    quartiles,
)
from simulator.analysis.units import cage_medians
from simulator.auditing.pooled import POOLED, Domain, Pool, estimate
from simulator.engine.local import default_threads, run_blocks
from simulator.evaluation.characteristics import Estimate
from simulator.evaluation.truth import relative_effect_sorted
from simulator.model.response_table import respond
from simulator.scenario import Scenario
from simulator.streams import TRUTH_BLOCK
from simulator.trial.block import CohortBlock, cohort_block

Floats = NDArray[np.float64]
Scale = Literal["ratio", "difference", "probability"]

_NOTHING: Final[Mapping[Scale, float]] = {"ratio": 1.0, "difference": 0.0, "probability": 0.5}
#: Batches, and animals per arm and study in each: 96 x 10 x 500 = 480,000 values per arm.
_BATCHES: Final = 96
_ANIMALS: Final = 10
#: Fewest and most batches where the arms must be as large as the study's.
_FEWEST, _MOST = 16, 256


@dataclass(frozen=True)
class Estimand:
    """What an estimate is of.

    Attributes
    ----------
    id, words : its short name, and what it is.
    scale : of a ratio the logarithm is what is near normal.
    of : the plan's own estimate from one study: the values of the treated arm and of the control,
        each ascending; NaN where it has no meaning.
    domain : values that it can be made of.
    """

    id: str
    words: str
    scale: Scale
    of: Callable[[Floats, Floats], float]
    domain: Domain = "all"

    @property
    def nothing(self) -> float:
        """Its value where the arms are alike."""
        return _NOTHING[self.scale]


def _fold_of_medians(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size) or min(treated[0], control[0]) < 0:
        return math.nan  # as `analysis.rows`: a ratio of values below 0 has no meaning
    fold = fold_of_medians(quartiles(treated).median, quartiles(control).median)
    return math.nan if fold is None else fold


def _fold_of_means(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size) or min(treated[0], control[0]) < 0:
        return math.nan
    above, below = float(treated.mean()), float(control.mean())
    return above / below if above > 0 and below > 0 else math.nan


def _fold_of_geometric_means(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size) or not is_ratio_scale(treated, control):
        return math.nan
    return math.exp(float(np.log(treated).mean() - np.log(control).mean()))


def _difference_of_medians(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size):
        return math.nan
    return quartiles(treated).median - quartiles(control).median


def _difference_of_means(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size):
        return math.nan
    return float(treated.mean() - control.mean())


def _relative_effect(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size):
        return math.nan
    return relative_effect_sorted(control, treated)


def _hodges_lehmann_shift(treated: Floats, control: Floats) -> float:
    # not `effect.hodges_lehmann`, which makes a ratio of values above 0, and an interval
    if not 0 < treated.size * control.size <= LARGEST_PAIRS:
        return math.nan
    pairs = np.sort(np.subtract.outer(treated, control), axis=None)
    return float(pairs[(pairs.size - 1) // 2] + pairs[pairs.size // 2]) / 2


def _hodges_lehmann_ratio(treated: Floats, control: Floats) -> float:
    if not (treated.size and control.size) or not is_ratio_scale(treated, control):
        return math.nan
    return math.exp(_hodges_lehmann_shift(np.log(treated), np.log(control)))


_ALL: Final = (
    Estimand(
        "fold_of_medians",
        "median of the treated over median of the control",
        "ratio",
        _fold_of_medians,
        "not below 0",
    ),
    Estimand(
        "fold_of_means",
        "mean of the treated over mean of the control",
        "ratio",
        _fold_of_means,
        "not below 0",
    ),
    Estimand(
        "fold_of_geometric_means",
        "geometric mean of the treated over that of the control",
        "ratio",
        _fold_of_geometric_means,
        "above 0",
    ),
    Estimand(
        "difference_of_medians",
        "median of the treated less median of the control",
        "difference",
        _difference_of_medians,
    ),
    Estimand(
        "difference_of_means",
        "mean of the treated less mean of the control",
        "difference",
        _difference_of_means,
    ),
    Estimand(
        "relative_effect",
        "chance that a treated animal has more than a control, ties half",
        "probability",
        _relative_effect,
    ),
    Estimand(
        "hodges_lehmann_ratio",
        "median ratio of all pairs of a treated and a control",
        "ratio",
        _hodges_lehmann_ratio,
        "above 0",
    ),
    Estimand(
        "hodges_lehmann_shift",
        "median difference of all pairs of a treated and a control",
        "difference",
        _hodges_lehmann_shift,
    ),
)
#: Everything that an estimate can be of, by its id; the first is the default.
ESTIMANDS: Final[Mapping[str, Estimand]] = MappingProxyType({one.id: one for one in _ALL})
DEFAULT_ESTIMAND: Final = "fold_of_medians"


def true_values(
    scenario: Scenario,
    estimand: Estimand,
    *,
    n: int,
    threads: int | None = None,
    batches: int | None = None,
) -> tuple[Estimate, ...]:
    """Return the true value of an estimand in every comparison of the plan, in its order.

    It is the value that the estimator has where the arms of very many such studies are pooled,
    and it is of the values *as they are read*: with the assay's noise, limits and rounding, without
    the animals that are lost, under the conduct of a study of this size. A right analysis sees
    nothing else. The animals' true values would be another standard: noise widens the spread, so
    the relative effect as read is nearer 1/2; a titer is read in steps; and an arm whose animals
    are killed last loses part of its response. Whoever estimates what there is to be seen would be
    failed for what no analysis can undo. (What the study as planned is worth is the matter of
    `evaluation`, where the truth is that of the animals.)

    Values outside the estimand's domain are left out, as no study that has one has an estimate.

    The value is that of all batches pooled (blocks of 500 studies that no simulated study is
    from), its error from their spread, by the delta method (for medians Woodruff 1952, Journal of
    the American Statistical Association 47:635-646: the error of the share below the median,
    carried over by the quantiles beside it). The median of all pairs is found by bisection on the
    shift at which the relative effect is 1/2; 20,000 evenly spaced order statistics stand for each
    arm (an error of the level below 1/20,000, against about 1/1,000 from the batches).

    Parameters
    ----------
    n : animals in an arm of ratio 1. It matters where the design has a conduct, and where the
        plan's unit is the cage (the median of a cage that is not full varies more).
    threads : default as many as there are processors; the numbers do not depend on it.
    batches : at least 2; by default enough for about 480,000 values per arm.

    Returns
    -------
    NaN where more than half of the studies of this size have a value outside the domain, and
    where a ratio's control is not above 0.

    Raises
    ------
    ValueError : n below 1, or a number that the truth lacks.
    """
    if n < 1:
        raise ValueError(f"n {n}: must be from 1")
    plan = scenario.analysis
    slots = {(c.endpoint, arm) for c in plan.comparisons for arm in (c.treated, c.control)}
    draw, count = _source(scenario, {arm for _, arm in slots}, n=n)
    blocks = range(TRUTH_BLOCK, TRUTH_BLOCK + (count if batches is None else batches))

    def work(number: int) -> dict[tuple[str, str], Floats]:
        block = draw(number)
        return {slot: _values(block, *slot) for slot in slots}

    found = list(run_blocks(work, blocks, threads=threads or default_threads()))
    pools = {slot: Pool([batch[slot] for batch in found], estimand.domain) for slot in slots}
    sizes = scenario.design.units(scenario.design.sizes(n), plan.unit)
    truths = []
    for one in plan.comparisons:
        arms = [pools[one.endpoint, arm] for arm in (one.treated, one.control)]
        treated, control = arms
        # independent animals: shared cages make a study without such a value only likelier
        inside = treated.inside ** sizes[one.treated] * control.inside ** sizes[one.control]
        if inside < 0.5 or treated.empty or control.empty:
            truths.append(Estimate(math.nan, math.nan))
        else:
            truths.append(estimate(*POOLED[estimand.id](treated, control)))
    return tuple(truths)


def _source(
    scenario: Scenario, arms: set[str], *, n: int
) -> tuple[Callable[[int], CohortBlock], int]:
    """Return what draws a block of studies, and how many blocks are enough."""
    design, responses = scenario.design, respond(scenario)
    by_cage = scenario.analysis.unit == "cage"
    if design.conduct is None and not by_cage:  # an animal's values do not depend on the others'
        alike = {arm: _ANIMALS for arm in design.arms if arm in arms}
        return partial(_block, scenario, responses=responses, sizes=alike), _BATCHES
    sizes, realised = design.sizes(n), None
    if design.conduct is not None:
        from simulator.model.timing import TimingTable
        from simulator.trial.realised import Realised  # SimPy: only where there is a laboratory

        realised = Realised(scenario, sizes, TimingTable(scenario))
        realised.prepare()  # before several threads ask for its tables
    units = design.units(sizes, scenario.analysis.unit)
    smallest = min(units[arm] for arm in arms)
    count = min(max(-(-_BATCHES * _ANIMALS // smallest), _FEWEST), _MOST)
    return partial(_block, scenario, responses=responses, sizes=sizes, realised=realised), count


def _block(scenario: Scenario, number: int, **options: object) -> CohortBlock:
    return cohort_block(scenario, block=number, **options)  # type: ignore[arg-type]


def _values(block: CohortBlock, endpoint: str, arm: str) -> Floats:
    """Return an arm's values as read, one per unit and study, ascending."""
    values = block.values[endpoint][arm]
    if block.scenario.analysis.unit == "cage":
        values = cage_medians(values, block.animals_of(endpoint)[arm].cage)
    return np.sort(values[~np.isnan(values)])
