"""Move every number of nature to its ends, one at a time, and see where n goes."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.local import Progress
from simulator.errors import ScenarioError, refusal
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.detectable.one_effect import decision_only
from simulator.evaluation.power import least, target_shares
from simulator.evaluation.replicates import simulate_counts
from simulator.evaluation.sensitivity.no_effect import (
    acts_on_effects,
    effects_at,
    turned_round,
    without_effect,
)
from simulator.evaluation.sensitivity.result import AtEnd, Reached, Row, Sensitivity
from simulator.evaluation.sensitivity.varied import Varied, at, varied
from simulator.evaluation.sizing.certify import verdict
from simulator.evaluation.staying import stays_from
from simulator.scenario import Scenario

#: Level of the limits between which n is reported.
CONFIDENCE = 0.95

Curve = Sequence[tuple[Probability, ...]]


def sensitivity(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Return which assumption about nature moves the sample size most.

    Every number that the decision's family uses goes to the low and to the high end of its
    range, the others as planned; so do the losses. All values are simulated on the same random
    numbers, each over the whole range of n. Where the ends of a number lie on both sides of no
    effect, the study without that effect is simulated too: between the ends n is largest there.

    Parameters
    ----------
    scenario : resolved scenario.
    replicates : simulated studies of every value; default: the decision's.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (values done, values in all).

    Raises
    ------
    ValueError : replicates below 1.
    ScenarioError : nothing is compared, or the method cannot test so many animals.

    Examples
    --------
    >>> from simulator import load_scenario, sensitivity
    >>> found = sensitivity(load_scenario("quick-start"), replicates=500)
    >>> sorted(row.path for row in found.rows[:2])
    ['truth.afc.cv', 'truth.afc.response.drug']
    """
    count = scenario.decision.replicates if replicates is None else replicates
    if count < 1:
        raise ValueError(f"replicates must be at least 1, not {count}")
    alone = decision_only(scenario)
    found, left = varied(alone)
    none = {one.place: without_effect(alone, one) for one in found}
    total = 1 + 2 * len(found) + sum(map(len, none.values()))
    steps = _Steps(alone, count, threads, progress, total=total)
    planned = steps.curve(alone)
    reached = reached_by(steps.ns, planned, target=steps.target)
    n = steps.ns[-1] if reached.n is None else reached.n
    rows = [_row(alone, one, none[one.place], planned, n, steps) for one in found]
    rows.sort(key=lambda row: (-row.swing, -row.power_swing))
    return Sensitivity(
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        family=next(iter(alone.analysis.families)),
        target=steps.target,
        of=scenario.decision.power.of,
        replicates=count,
        smallest=steps.ns[0],
        largest=steps.ns[-1],
        planned=reached,
        n=n,
        power=least(planned[steps.ns.index(n)]),
        rows=tuple(rows),
        left={path_as_written(path, alone): why for path, why in left.items()},
    )


class _Steps:
    """Simulates one value after the other, and counts them."""

    def __init__(
        self,
        scenario: Scenario,
        replicates: int,
        threads: int | None,
        progress: Progress | None,
        total: int,
    ) -> None:
        decision = scenario.decision
        self.ns = list(range(decision.n.start, decision.n.stop + 1))
        self.target = decision.power.target
        self._replicates, self._threads = replicates, threads
        self._progress, self._done, self._total = progress, 0, total

    def curve(self, scenario: Scenario) -> Curve:
        """Return what must clear the target at every n."""
        layout = layout_of(scenario, self.ns)
        counts, _ = simulate_counts(
            scenario, layout, replicates=self._replicates, threads=self._threads
        )
        self.count()
        return [target_shares(scenario, layout, counts, k) for k in range(len(self.ns))]

    def count(self) -> None:
        """Tell that a value is done."""
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)


def reached_by(ns: Sequence[int], curve: Curve, *, target: float) -> Reached:
    """Return where a curve reaches the target and stays there, by estimate and by limits."""
    judged = verdict(ns, curve, target=target, confidence=CONFIDENCE)
    return Reached(
        n=stays_from(ns, [least(shares).value >= target for shares in curve]),
        low=judged.lowest if judged.lowest <= ns[-1] else None,
        high=judged.highest,
    )


def _row(
    scenario: Scenario, one: Varied, none: Sequence[float], planned: Curve, n: int, steps: _Steps
) -> Row:
    low, high = (_end(scenario, one, value, planned, n, steps) for value in (one.low, one.high))
    inside = [_end(scenario, one, value, planned, n, steps) for value in none]
    between = max(inside, key=lambda end: _need(end, steps), default=None)
    ends = [low, high] if between is None else [low, high, between]
    first, beyond = steps.ns[0], steps.ns[-1] + 1
    as_planned = reached_by(steps.ns, planned, target=steps.target)
    found = [as_planned, *(end.reached for end in ends if end.reached is not None)]
    sizes = [r.n or beyond for r in found]
    powers = [least(planned[steps.ns.index(n)])]
    powers += [end.power for end in ends if end.power is not None]
    shares = [power.value for power in powers]
    return Row(
        path=path_as_written(one.path, scenario),
        value=at(scenario, one, one.value).shown,
        basis=one.basis,
        low=low,
        high=high,
        swing=max(sizes) - min(sizes),
        at_least=max(sizes) == beyond or min(sizes) == first > 1,
        told_apart=max(r.low or beyond for r in found) > min(r.high or beyond for r in found),
        power_swing=max(shares) - min(shares),
        between=between,
        place=one.path,
    )


def _end(
    scenario: Scenario, one: Varied, value: float, planned: Curve, n: int, steps: _Steps
) -> AtEnd:
    """Return the study with one number at a value."""
    changed = at(scenario, one, value)
    if changed.scenario is None:
        steps.count()
        return AtEnd(changed.shown, None, None, changed.problem)
    curve = planned
    if value == one.value:
        steps.count()
    else:
        try:
            curve = steps.curve(changed.scenario)
        except (ValueError, ScenarioError) as error:  # refused by what simulates, not loads
            steps.count()
            return AtEnd(changed.shown, None, None, refusal(error))
    turned = acts_on_effects(one) and turned_round(
        effects_at(scenario, one, one.value), effects_at(scenario, one, value)
    )
    reached = reached_by(steps.ns, curve, target=steps.target)
    return AtEnd(changed.shown, reached, least(curve[steps.ns.index(n)]), turned=turned)


def _need(end: AtEnd, steps: _Steps) -> tuple[int, float]:
    """Return by which one end takes more animals than another: n, then what power lacks."""
    n = None if end.reached is None else end.reached.n
    return n or steps.ns[-1] + 1, 0.0 if end.power is None else -end.power.value


def path_as_written(path: str, scenario: Scenario) -> str:
    """Return a path as planners write it: the spread of an endpoint with its control."""
    for name in scenario.design.endpoints:
        head = f"truth.variability.{name}."
        if path.startswith(head):
            return f"truth.{name}.{path.removeprefix(head)}"
    return path.replace(".any_route.", ".")
