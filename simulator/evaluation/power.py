"""Power of a planned study, with the attained type I error and the truth beside it."""

from __future__ import annotations

from simulator.engine.local import Progress
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.power_result import (
    ComparisonPower,
    CurvePoint,
    FamilyPower,
    PowerResult,
    TrendPower,
)
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.evaluation.truth import ComparisonTruth, simulated_truth
from simulator.scenario import Scenario


def power(
    scenario: Scenario,
    *,
    n: int | None = None,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> PowerResult:
    """Simulate the study many times and return its operating characteristics.

    One pass gives the whole curve over the decision's range of n. Every replicate is also
    simulated under the null twin (same noise, cages and losses, no effects), from the same
    streams. The numbers depend on the scenario, its seed and ``replicates`` only.

    Parameters
    ----------
    scenario : resolved scenario, see ``load_scenario``.
    n : animals in an arm of ratio 1; default: the top of the decision's range.
    replicates : simulated studies; default: the decision's.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (blocks done, blocks in all).

    Raises
    ------
    ValueError : n or replicates below 1.
    ScenarioError : nothing is compared, or the method cannot test so many animals.

    Examples
    --------
    >>> from simulator import load_scenario, power
    >>> result = power(load_scenario("quick-start"), n=8, replicates=500)
    >>> result.comparisons[0].treated, result.comparisons[0].power.replicates
    ('drug', 500)
    """
    count = scenario.decision.replicates if replicates is None else replicates
    chosen = scenario.decision.n.stop if n is None else n
    if chosen < 1:
        raise ValueError(f"n must be at least 1, not {chosen}")
    if count < 1:
        raise ValueError(f"replicates must be at least 1, not {count}")
    searched = range(scenario.decision.n.start, scenario.decision.n.stop + 1)
    layout = layout_of(scenario, sorted({*searched, chosen}))
    true, null = simulate_counts(
        scenario, layout, replicates=count, null=True, threads=threads, progress=progress
    )
    assert null is not None  # asked for above
    truths = simulated_truth(scenario, layout.comparisons, threads=threads)
    return assemble(scenario, layout, true, null, truths, n=chosen)


def assemble(
    scenario: Scenario,
    layout: Layout,
    true: Counts,
    null: Counts,
    truths: tuple[ComparisonTruth, ...],
    *,
    n: int,
) -> PowerResult:
    """Return the result at one n of a simulated curve."""
    k = layout.ns.index(n)

    def share(counts: Counts, number: object) -> Probability:
        return Probability(int(number), counts.replicates)  # type: ignore[call-overload]

    comparisons = tuple(
        ComparisonPower(
            family=c.family,
            endpoint=c.endpoint,
            treated=c.treated,
            control=c.control,
            power=share(true, true.adjusted[i, k]),
            type_i=share(null, null.adjusted[i, k]),
            type_i_per_test=share(null, null.unadjusted[i, k]),
            untestable=share(true, true.untestable[i, k]),
            relative_effect=truths[i].relative_effect,
            fold_of_medians=truths[i].fold_of_medians,
        )
        for i, c in enumerate(layout.comparisons)
    )
    families = tuple(
        FamilyPower(
            family=family,
            any=share(true, true.any_family[f, k]),
            all=share(true, true.all_family[f, k]),
            fwer=share(null, null.any_family[f, k]),
        )
        for f, family in enumerate(layout.families)
    )
    plan = scenario.analysis.trends
    trends = tuple(
        TrendPower(
            name=name,
            endpoint=plan[name].endpoint,
            arms=tuple(plan[name].arms),
            power=share(true, true.trends[t, k]),
            type_i=share(null, null.trends[t, k]),
        )
        for t, name in enumerate(layout.trends)
    )
    return PowerResult(
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        n_per_arm=n,
        sizes=dict(layout.arm_sizes[k]),
        replicates=true.replicates,
        comparisons=comparisons,
        families=families,
        trends=trends,
        curve=tuple(_point(scenario, layout, true, null, i) for i in range(len(layout.ns))),
        decision_family=layout.families[layout.decision_family],
    )


def _point(scenario: Scenario, layout: Layout, true: Counts, null: Counts, k: int) -> CurvePoint:
    family = layout.decision_family
    total = true.replicates
    return CurvePoint(
        n=layout.ns[k],
        sizes=dict(layout.arm_sizes[k]),
        comparisons=tuple(
            Probability(int(count), total) for count in true.adjusted[layout.members(family), k]
        ),
        any=Probability(int(true.any_family[family, k]), total),
        all=Probability(int(true.all_family[family, k]), total),
        fwer=Probability(int(null.any_family[family, k]), null.replicates),
        target=least(target_shares(scenario, layout, true, k)),
    )


def target_shares(
    scenario: Scenario, layout: Layout, counts: Counts, k: int
) -> tuple[Probability, ...]:
    """Return the probabilities that must all clear the target at the k-th n.

    ``each``: the power of every comparison of the decision; ``any`` and ``all``: one number.
    """
    wish = scenario.decision.power.of
    if wish == "any":
        chosen = [counts.any_target[k]]
    elif wish == "all":
        chosen = [counts.all_target[k]]
    else:
        chosen = list(counts.adjusted[layout.target, k])
    return tuple(Probability(int(count), counts.replicates) for count in chosen)


def least(shares: tuple[Probability, ...]) -> Probability:
    """Return the smallest of some probabilities."""
    return min(shares, key=lambda probability: probability.value)
