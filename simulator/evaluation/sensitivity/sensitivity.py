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
    numbers, each over the whole range of n.

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
    steps = _Steps(alone, count, threads, progress, total=1 + 2 * len(found))
    planned = steps.curve(alone)
    reached = reached_by(steps.ns, planned, target=steps.target)
    n = steps.ns[-1] if reached.n is None else reached.n
    rows = [_row(alone, one, planned, n, steps) for one in found]
    rows.sort(key=lambda row: (-row.swing, -row.power_swing))
    return Sensitivity(
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        family=next(iter(alone.analysis.families)),
        target=steps.target,
        of=scenario.decision.power.of,
        replicates=count,
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


def _row(scenario: Scenario, one: Varied, planned: Curve, n: int, steps: _Steps) -> Row:
    ends = []
    for value in (one.low, one.high):
        changed = at(scenario, one, value)
        if changed.scenario is None:
            steps.count()
            ends.append(AtEnd(changed.shown, None, None, changed.problem))
            continue
        curve = planned
        if value == one.value:
            steps.count()
        else:
            try:
                curve = steps.curve(changed.scenario)
            except (ValueError, ScenarioError) as error:  # refused by what simulates, not loads
                steps.count()
                ends.append(AtEnd(changed.shown, None, None, refusal(error)))
                continue
        reached = reached_by(steps.ns, curve, target=steps.target)
        ends.append(AtEnd(changed.shown, reached, least(curve[steps.ns.index(n)])))
    low, high = ends
    beyond = steps.ns[-1] + 1
    as_planned = reached_by(steps.ns, planned, target=steps.target)
    found = [r for r in (as_planned, low.reached, high.reached) if r is not None]
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
        at_least=max(sizes) == beyond and min(sizes) < beyond,
        told_apart=max(r.low or beyond for r in found) > min(r.high or beyond for r in found),
        power_swing=max(shares) - min(shares),
    )


def path_as_written(path: str, scenario: Scenario) -> str:
    """Return a path as planners write it: the spread of an endpoint with its control."""
    for name in scenario.design.endpoints:
        head = f"truth.variability.{name}."
        if path.startswith(head):
            return f"truth.{name}.{path.removeprefix(head)}"
    return path.replace(".any_route.", ".")
