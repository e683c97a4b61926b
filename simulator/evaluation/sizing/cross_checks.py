"""Sample sizes by formula, beside the simulated one. Approximations, and labelled so."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.evaluation.decisions.layout import Layout
from simulator.evaluation.sizing.closed_form import (
    happ_total,
    noether_total,
    shieh_moments,
    shieh_size,
)
from simulator.evaluation.sizing.size_result import CrossCheck
from simulator.evaluation.truth import measured_samples
from simulator.model.response_table import respond
from simulator.scenario import AnalysisPlan, Comparison, Scenario
from simulator.scenario.attainable import first_threshold
from simulator.scenario.enrolment import planned_sizes

#: The formulas, and what is each one's own.
METHODS = {
    "Noether": "variance of no effect",
    "Happ": "large-sample variance, ties",
    "Shieh": "exact variance of U, normal law",
}


@dataclass(frozen=True)
class Prior:
    """What the formulas are about: one comparison and large samples of what it will see.

    Attributes
    ----------
    x, y : measured values of the control and of the treated arm, without losses.
    """

    comparison: Comparison
    x: Floats
    y: Floats


def prior_of(scenario: Scenario, layout: Layout) -> Prior:
    """Return the decision's hardest comparison (for ``any``: the easiest), with its samples."""
    compared = [c for c, wanted in zip(layout.comparisons, layout.target, strict=True) if wanted]
    responses = respond(scenario)
    candidates = [Prior(c, *measured_samples(scenario, c, responses=responses)) for c in compared]
    plan, wish = scenario.analysis, scenario.decision.power
    effects = [_towards(plan, shieh_moments(one.x, one.y).p1) for one in candidates]
    pick = np.argmax(effects) if wish.of == "any" else np.argmin(effects)
    return candidates[int(pick)]


def cross_checks(scenario: Scenario, prior: Prior) -> tuple[CrossCheck, ...]:
    """Return Noether's, Happ's and Shieh's n per arm, from simulated measured values.

    At the first threshold of the family; without losses, cages or exact tests. None of them
    where the test counts cages.
    """
    design, plan, comparison = scenario.design, scenario.analysis, prior.comparison
    if any(design.arms[arm].n is not None for arm in (comparison.treated, comparison.control)):
        return _answers("arms of fixed size: the formulas ask for a ratio")
    if plan.unit != "animal":
        return _answers("an analysis of cages: the formulas count animals")
    level, words = first_threshold(plan, comparison.family)
    alpha = level if plan.alternative == "two-sided" else min(1.0, 2 * level)
    return _checks(scenario, comparison, prior.x, prior.y, alpha=alpha, level=words)


def _towards(plan: AnalysisPlan, relative_effect: float) -> float:
    """Return how far a relative effect lies on the side that the test looks at."""
    shift = relative_effect - 0.5
    return {"greater": shift, "less": -shift, "two-sided": abs(shift)}[plan.alternative]


def _checks(
    scenario: Scenario, comparison: Comparison, x: Floats, y: Floats, *, alpha: float, level: str
) -> tuple[CrossCheck, ...]:
    design, plan, power = scenario.design, scenario.analysis, scenario.decision.power.target
    control, treated = comparison.control, comparison.treated
    ratio = design.arms[control].ratio, design.arms[treated].ratio
    share = ratio[0] / sum(ratio)
    moments = shieh_moments(x, y)
    basis = (
        f"{comparison.endpoint}, {treated} v {control} alone, relative effect "
        f"{moments.p1:.2f} of measured values, alpha {level}, no losses"
    )

    def sizes(n: int) -> tuple[int, int]:
        at = planned_sizes(design, n)
        return at[control], at[treated]

    # sampling error of the relative effect without an effect: sqrt((1/m + 1/n)/12)
    noise = math.sqrt((1 / x.size + 1 / y.size) / 12)
    if _towards(plan, moments.p1) < 4 * noise:
        side = "" if plan.alternative == "two-sided" else f' in the direction "{plan.alternative}"'
        return _answers(f"{basis}: no effect{side} that could be told from none, so no finite n")
    noether = noether_total(moments.p1, alpha=alpha, power=power, t=share)
    happ = happ_total(x, y, alpha=alpha, power=power, t=share)
    return _answers(
        basis,
        Noether=_per_arm(noether, sum(ratio)),
        Happ=_per_arm(happ, sum(ratio)),
        Shieh=shieh_size(moments, alpha=alpha, power=power, sizes=sizes),
    )


def _answers(basis: str, **found: int | None) -> tuple[CrossCheck, ...]:
    """Return every formula's n, None where it found none."""
    return tuple(
        CrossCheck(name, found.get(name), basis, method) for name, method in METHODS.items()
    )


def _per_arm(total: float, ratios: float) -> int | None:
    """Animals in an arm of ratio 1; None beyond any study."""
    per_arm = total / ratios
    return math.ceil(per_arm - 1e-9) if per_arm <= 1e6 else None
