"""Find the effect at which a study of given size has the power that the decision asks for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from simulator.engine.local import Progress
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.detectable.one_effect import (
    Direction,
    OneEffect,
    decision_only,
    family_endpoints_only,
)
from simulator.evaluation.detectable.result import (
    Chosen,
    Detectable,
    DetectableAt,
    EndpointEffect,
    Fold,
    PlannedEffect,
    Scale,
    Status,
)
from simulator.evaluation.detectable.search import Crossing, crossing
from simulator.evaluation.power import target_shares
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.evaluation.truth import simulated_truth
from simulator.scenario import Comparison, Endpoint, Scenario
from simulator.scenario.attainable import hopeless
from simulator.scenario.enrolment import study_headcount

#: Effects that are tried at one n, about: what the progress is measured by.
_TRIED = 20
#: A share of untestable studies from which they are named as what holds the power down.
_OFTEN = 0.01


def smallest_detectable_effect(
    scenario: Scenario,
    *,
    n: int | Sequence[int] | None = None,
    direction: Direction | None = None,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Detectable:
    """Return the smallest effect that a study detects with the power its decision asks for.

    The effect is one fold over control, the same in every treated arm of the decision's
    comparisons on the comparison's endpoint; all else is as planned. Its interval (95 %) holds
    the effects whose power interval contains the target.

    Parameters
    ----------
    scenario : resolved scenario.
    n : animals in an arm of ratio 1, one or several; default: the top of the decision's range.
    direction : ``up`` for a rise, ``down`` for suppression; default: what the plan tests for;
        where it tests for both, ``down`` if every planned effect goes down, else ``up``.
    replicates : simulated studies of every effect that is tried; default: the decision's.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (effects tried, about how many there will be).

    Raises
    ------
    ValueError : n or replicates below 1, or no such direction.
    ScenarioError : nothing is compared, or the method cannot test so many animals.

    Examples
    --------
    >>> from simulator import load_scenario, smallest_detectable_effect
    >>> found = smallest_detectable_effect(load_scenario("quick-start"), n=8, replicates=500)
    >>> 1.7 < found.points[0].fold.value < 2.3
    True
    """
    count = scenario.decision.replicates if replicates is None else replicates
    ns = _wanted(scenario, n)
    if count < 1:
        raise ValueError(f"replicates must be at least 1, not {count}")
    if direction not in (None, "up", "down"):
        raise ValueError(f"direction must be up or down, not {direction}")
    layout_of(scenario, ns)  # what cannot be tested is said before anything is simulated
    effect = OneEffect(family_endpoints_only(decision_only(scenario)))
    planned = tuple(
        PlannedEffect(c.endpoint, c.treated, c.control, effect.planned_fold(c))
        for c in effect.comparisons
    )
    way, chosen = _way(scenario, direction, planned)
    points = []
    for k, size in enumerate(ns):

        def tried(done: int, before: int = k * _TRIED) -> None:
            if progress is not None:
                progress(before + min(done, _TRIED), len(ns) * _TRIED)

        points.append(_At(effect, size, way, count, threads, tried).point(scenario))
    wish = scenario.decision.power
    return Detectable(
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        family=effect.comparisons[0].family,
        target=wish.target,
        of=wish.of,
        direction=way,
        chosen=chosen,
        replicates=count,
        planned=planned,
        points=tuple(points),
        simplified=effect.simplified(),
    )


def _way(
    scenario: Scenario, asked: Direction | None, planned: Sequence[PlannedEffect]
) -> tuple[Direction, Chosen]:
    """Return the direction of the effects that are tried, and why."""
    if asked is not None:
        return asked, "asked for"
    if scenario.analysis.alternative != "two-sided":
        return ("down" if scenario.analysis.alternative == "less" else "up"), "one-sided test"
    if all(one.fold < 1 for one in planned):
        return "down", "planned effects"
    return "up", "default"


def _wanted(scenario: Scenario, n: int | Sequence[int] | None) -> list[int]:
    if n is None:
        return [scenario.decision.n.stop]
    ns = sorted({n} if isinstance(n, int) else set(n))
    if not ns or ns[0] < 1:
        raise ValueError(f"n must be at least 1, not {ns[0] if ns else 'nothing'}")
    return ns


class _At:
    """The search at one n."""

    def __init__(
        self,
        effect: OneEffect,
        n: int,
        direction: Direction,
        replicates: int,
        threads: int | None,
        tried: Callable[[int], None],
    ) -> None:
        self._effect, self._n, self._direction = effect, n, direction
        self._tell, self._tried = tried, 0
        self._replicates, self._threads = replicates, threads
        self._scenario = effect.scenario
        self._sign = 1.0 if direction == "up" else -1.0
        self._layout: Layout = layout_of(self._scenario, [n])

    def point(self, study: Scenario) -> DetectableAt:
        """Search, and say what was found; the study as it is counts its animals."""
        furthest = self._effect.furthest(self._direction)
        wish = self._scenario.decision.power
        if furthest > 0:
            met = crossing(
                self._powers, target=wish.target, replicates=self._replicates, furthest=furthest
            )
        else:
            none = min(self._powers(0.0, self._replicates), key=lambda share: share.value)
            met = Crossing(None, None, None, none, none)
        status: Status = "found"
        reason = ""
        if met.at is None:
            status, reason = "out of reach", self._why_not(furthest, met.power)
        elif met.at == 0.0:
            status = "none needed"
            reason = (
                f"the plan claims an effect in {met.power} of the studies where there is none: "
            )
            shown = met.power.ci[0] >= wish.target
            reason += (
                "mend that first (afcsim diagnose)"
                if shown
                else "these are too few to tell, ask for more (--replicates)"
            )
        return DetectableAt(
            n=self._n,
            sizes=dict(self._layout.arm_sizes[0]),
            animals=study_headcount(study, self._n).purchased,
            status=status,
            power=met.power,
            without=met.without,
            effects=self._effects(met) if status == "found" else (),
            tried=math.exp(self._sign * furthest),
            reason=reason,
        )

    def _counts(self, x: float, replicates: int) -> Counts:
        self._tried += 1
        self._tell(self._tried)
        changed = self._effect.put_in(math.exp(self._sign * x))
        counts, _ = simulate_counts(
            changed, self._layout, replicates=replicates, threads=self._threads
        )
        return counts

    def _powers(self, x: float, replicates: int) -> tuple[Probability, ...]:
        return target_shares(self._scenario, self._layout, self._counts(x, replicates), 0)

    def _effects(self, met: Crossing) -> tuple[EndpointEffect, ...]:
        assert met.at is not None
        near, far = (None if x is None else math.exp(self._sign * x) for x in (met.low, met.high))
        low, high = (near, far) if self._direction == "up" else (far, near)
        fold = Fold(math.exp(self._sign * met.at), low, high)
        first = {c.endpoint: c for c in reversed(self._effect.comparisons)}
        compared = [first[e] for e in dict.fromkeys(c.endpoint for c in self._effect.comparisons)]
        middle, *ends = (self._relative(value, compared) for value in (fold.value, low, high))
        found = []
        for k, c in enumerate(compared):
            endpoint = self._scenario.design.endpoints[c.endpoint]
            relative = middle[k]
            assert relative is not None
            found.append(
                EndpointEffect(
                    endpoint=c.endpoint,
                    scale=scale_of(endpoint),
                    unit=endpoint.unit,
                    control=self._effect.control_level(c),
                    fold=fold,
                    relative_effect=relative,
                    relative_ci=(_value(ends[0][k]), _value(ends[1][k])),
                )
            )
        return tuple(found)

    def _relative(
        self, fold: float | None, compared: Sequence[Comparison]
    ) -> list[Estimate] | list[None]:
        if fold is None:
            return [None] * len(compared)
        changed = self._effect.put_in(fold)
        truths = simulated_truth(changed, compared, threads=self._threads)
        return [truth.relative_effect for truth in truths]

    def _why_not(self, furthest: float, power: Probability) -> str:
        """Say why no effect reaches the target; power is that of the furthest effect."""
        scenario, layout = self._scenario, self._layout
        plan, family = scenario.analysis, self._effect.comparisons[0].family
        units = scenario.design.units(layout.arm_sizes[0], unit=plan.unit)
        least_p = hopeless(plan, family, sizes=units)
        if least_p is not None:
            return least_p
        if plan.alternative == {"up": "less", "down": "greater"}[self._direction]:
            other = "--down" if self._direction == "up" else "--up"
            return f"the plan tests only for the other direction ({plan.alternative}): ask {other}"
        end = self._effect.assay_end(self._direction)
        if furthest <= 0:
            return str(end)
        counts = self._counts(furthest, self._replicates)
        often = max(int(count) for count in counts.untestable[layout.target, 0])
        said = f"power levels off at {power}, however large the effect"
        tried = math.exp(self._sign * furthest)
        said += (
            f" ({tried:,.4g} fold was tried)" if tried < 1000 else f" ({tried:,.0f} fold was tried)"
        )
        if often > _OFTEN * self._replicates:
            said += f"; in {often / self._replicates:.2g} of the studies no test can be made"
        failing = scenario.truth.variability.immunization_failure.value
        if failing and any(
            scenario.design.endpoints[c.endpoint].immune for c in self._effect.comparisons
        ):
            said += f"; the immunization of {failing:.0%} of the animals fails"
        if scenario.design.animals_may_be_lost:
            said += "; animals or samples are lost"
        if end is not None:
            said += f"; {end}"
        return said


def scale_of(endpoint: Endpoint) -> Scale:
    """Return how planners say an effect on this endpoint."""
    if endpoint.kind == "titer":
        return "steps"
    normal = endpoint.kind == "continuous" and endpoint.distribution == "normal"
    if normal or endpoint.kind in ("phagocytic_percentage", "phagocytic_number"):
        return "difference"
    return "fold"


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value
