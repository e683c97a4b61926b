"""Where the formulas and the simulation disagree by more than either's error, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.sizing.closed_form import (
    happ_power,
    noether_power,
    placement_moments,
    shieh_moments,
    shieh_power,
)
from simulator.evaluation.sizing.cross_checks import Prior
from simulator.scenario import Comparison, Scenario
from simulator.scenario.enrolment import noticed_failures, planned_sizes

#: Error granted to the nearest formula: 0.4 over the animals of the smaller arm, and no less than
#: 0.05. These are large-sample approximations; from 5 animals per arm on the nearest is within
#: 0.05 of full enumeration, except with heavy ties, and at 4 it misses by up to 0.1.
MARGIN, MARGIN_PER_ANIMAL = 0.05, 0.4
#: Share of tied pairs from which ties are named as a reason, and animals below which "few" is.
TIED, FEW = 0.1, 10
#: Adjustments that hold the smallest p against alpha/k and relax from there.
_RELAXING = ("holm", "hochberg", "bh", "steel")


def disagreement(
    scenario: Scenario,
    prior: Prior,
    *,
    n: int,
    simulated: Probability,
    unadjusted: Probability,
) -> str | None:
    """Say that every formula is off the simulated power at n, with the likely reason, or None.

    Like is held against like: the formulas' power with the very animals of n, at the level the
    comparison is tested at. An adjustment that relaxes (Holm) tests between alpha/k and alpha,
    so only power outside what the formulas give for these two disagrees. The simulated power
    has its interval, the formulas their `margin`; one formula that agrees is enough.

    Parameters
    ----------
    simulated, unadjusted : power of the formulas' comparison at n, after adjustment, and of
        p <= alpha.
    """
    plan = scenario.analysis
    family = plan.families[prior.comparison.family]
    tests = len(plan.comparisons_of(prior.comparison.family))
    sizes = planned_sizes(scenario.design, n)  # what is enrolled beyond these makes up for losses
    m, other = sizes[prior.comparison.control], sizes[prior.comparison.treated]
    if min(m, other) < 2:
        return None
    least = family.alpha / tests if family.adjust in (*_RELAXING, "bonferroni") else family.alpha
    most = least if family.adjust == "bonferroni" else family.alpha
    low = _powers(scenario, prior, m, other, least)
    high = _powers(scenario, prior, m, other, most)
    confidence = scenario.decision.confidence
    if _agree(simulated.interval(confidence), low, high, margin(m, other)):
        return None
    named = f"{min(*low, *high):.2f} to {max(*low, *high):.2f}"
    reasons = _reasons(scenario, prior, m, other, unadjusted, _left(scenario, prior.comparison, n))
    return (
        f"at n = {n} the formulas give {prior.comparison.endpoint}, {prior.comparison.treated} v "
        f"{prior.comparison.control}, a power of {named}, the simulation {simulated}; trust the "
        f"simulation. Likely reason: {'; '.join(reasons)}"
    )


def _powers(scenario: Scenario, prior: Prior, m: int, n: int, alpha: float) -> tuple[float, ...]:
    """Return power by Noether, Happ and Shieh with m control and n treated animals."""
    if scenario.analysis.alternative != "two-sided":
        alpha = min(1.0, 2 * alpha)
    shieh = shieh_moments(prior.x, prior.y)
    happ = placement_moments(prior.x, prior.y, t=m / (m + n))
    return (
        noether_power(shieh.p1, m=m, n=n, alpha=alpha),
        happ_power(happ, m=m, n=n, alpha=alpha),
        shieh_power(shieh, m=m, n=n, alpha=alpha),
    )


def margin(m: int, n: int) -> float:
    """Return the error of power that the nearest formula is granted with m and n animals."""
    return max(MARGIN, MARGIN_PER_ANIMAL / min(m, n))


def _agree(
    interval: tuple[float, float], low: Sequence[float], high: Sequence[float], granted: float
) -> bool:
    """Return whether some formula lies within the margin of the interval."""
    return any(
        interval[1] >= below - granted and interval[0] <= above + granted
        for below, above in zip(low, high, strict=True)
    )


def _reasons(
    scenario: Scenario,
    prior: Prior,
    m: int,
    n: int,
    unadjusted: Probability,
    left: tuple[int, int],
) -> tuple[str, ...]:
    """Return what the formulas leave out and this study has, the decisive alone if one is."""
    family = scenario.analysis.families[prior.comparison.family]
    alone = _powers(scenario, prior, m, n, family.alpha)
    if _agree(unadjusted.interval(scenario.decision.confidence), alone, alone, margin(m, n)):
        return (f"multiplicity: without adjustment ({family.adjust}) they agree",)
    reasons = []
    if scenario.design.animals_may_be_lost:
        fewer = _powers(scenario, prior, *left, family.alpha)
        if _agree(unadjusted.interval(scenario.decision.confidence), fewer, fewer, margin(m, n)):
            return (
                f"losses: with the {left[0]} v {left[1]} animals expected to be left they agree",
            )
        reasons.append(f"losses: {left[0]} v {left[1]} of the animals are expected to be left")
    if scenario.design.conduct is not None:
        reasons.append("laboratory: realised times move the values, the formulas know of none")
    icc = scenario.truth.variability.icc_of(prior.comparison.endpoint)
    if icc:
        reasons.append(
            f"cages: mates are alike (ICC {icc:g}), the formulas take all as independent"
        )
    tied = tied_share(prior)
    if tied > TIED:
        reasons.append(f"ties: {tied:.0%} of the pairs of animals have equal values")
    if min(m, n) < FEW:
        reasons.append(f"few animals: {m} v {n} allow few p-values, and the formulas are for many")
    return tuple(reasons) or ("the large-sample laws of the formulas do not fit this study",)


def _left(scenario: Scenario, comparison: Comparison, n: int) -> tuple[int, int]:
    """Return the values expected of control and treated animals after losses, 2 at least."""
    design, enrolled = scenario.design, scenario.design.sizes(n)
    kept = 1 - noticed_failures(scenario)
    control, treated = (
        max(2, round(enrolled[arm] * kept * (1 - design.loss_of(arm, comparison.endpoint))))
        for arm in (comparison.control, comparison.treated)
    )
    return control, treated


def tied_share(prior: Prior) -> float:
    """Return how many of all pairs of two animals of the pooled prior samples are equal."""
    _, counts = np.unique(np.concatenate([prior.x, prior.y]), return_counts=True)
    return float(np.sum((counts / counts.sum()) ** 2))
