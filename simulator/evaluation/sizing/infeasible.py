"""Why no n of the range is enough from it on: what holds the power down at its top."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.power import least, target_shares
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.evaluation.sizing.certify import enough
from simulator.evaluation.sizing.crowding import crowded
from simulator.evaluation.sizing.search import Search, half
from simulator.evaluation.sizing.size_result import Cause
from simulator.evaluation.truth import ComparisonTruth
from simulator.scenario import Comparison, Scenario
from simulator.scenario.attainable import hopeless
from simulator.scenario.enrolment import noticed_failures
from simulator.streams import CONFIRM_BLOCK

#: Ties, and comparisons that drop out, can make smaller p-values than complete data can: the
#: smallest p is the cause only where the simulation finds no power either.
_NO_POWER = 0.01
#: More animals "do not help" where doubling them raises power by less than this.
WORTHWHILE = 0.05


def why_infeasible(
    search: Search, top_counts: Counts, *, truths: Sequence[ComparisonTruth]
) -> tuple[Cause | None, str]:
    """Return the cause and how to say it; ``None, ""`` where more animals would simply help.

    In this order: the smallest p is above the first threshold; the laboratory cannot do the
    work in time; without the losses the power would do; no test can be made too often; power no
    longer rises with n.

    Parameters
    ----------
    top_counts : of the fresh replicates at the top of the range.
    truths : of the layout's comparisons.
    """
    scenario, layout = search.scenario, search.layout
    family = layout.families[layout.decision_family]
    units = scenario.design.units(layout.arm_sizes[-1], unit=scenario.analysis.unit)
    why = hopeless(scenario.analysis, family, sizes=units)
    reached = least(search.shares_of(top_counts))
    if why is not None and (
        reached.count == 0 or reached.interval(search.confidence)[1] < _NO_POWER
    ):
        return "minimum p", why
    cause, text = (
        crowded(search, top_counts)
        or _losses(search, top_counts)
        or _no_test(search, top_counts)
        or _flat(search, top_counts, truths)
        or (None, "")
    )
    if why is not None and scenario.analysis.spec(family).method == "auto":
        # true of complete data without ties: it explains most of what is missing
        text = f"{why}; {text}" if text else why
    return cause, text


def _losses(search: Search, counts: Counts) -> tuple[Cause, str] | None:
    """Simulate the top of the range without losses: does that reach the target?"""
    scenario = search.scenario
    if not scenario.design.animals_may_be_lost:
        return None
    complete = without_losses(scenario)
    found, _ = simulate_counts(
        complete,
        layout_of(complete, [search.ns[-1]]),
        replicates=search.first,
        first_block=CONFIRM_BLOCK,
        threads=search.threads,
    )
    shares = target_shares(complete, search.layout, found, 0)
    if not enough(shares, target=search.target, confidence=search.confidence):
        return None
    often = _often_untestable(search, counts)
    text = (
        f"{_what_is_lost(search)}: without losses power at n = {search.ns[-1]} would be "
        f"{least(shares)}"
    )
    if often.count:
        text += f"; in {often.value:.2g} of the studies no test can be made"
    return "losses", text


def without_losses(scenario: Scenario) -> Scenario:
    """Return the study in which no value is lost, and n animals are enrolled for n.

    The failed immunizations that would be noticed and excluded do not happen; the others do.
    """
    nothing = {"loss": 0.0, "by_arm": {}, "samples": {}, "exclusions": 0.0}
    attrition = scenario.design.attrition.model_copy(
        update={**nothing, "failed_immunization": 0.0, "inflate": None}
    )
    variability = scenario.truth.variability
    failure = variability.immunization_failure
    unnoticed = failure.model_copy(update={"value": failure.value - noticed_failures(scenario)})
    changed = variability.model_copy(update={"immunization_failure": unnoticed})
    return scenario.model_copy(
        update={
            "design": scenario.design.model_copy(update={"attrition": attrition}),
            "truth": scenario.truth.model_copy(update={"variability": changed}),
        }
    )


def _what_is_lost(search: Search) -> str:
    """Return what is lost of the compared values, and how much: 10%, or 10% to 40%."""
    scenario = search.scenario
    design, attrition = scenario.design, scenario.design.attrition
    kept = 1 - noticed_failures(scenario)
    slots = search.layout.slots
    losses = [1 - kept * (1 - design.loss_of(arm, endpoint)) for endpoint, arm in slots]
    low, high = f"{min(losses):.0%}", f"{max(losses):.0%}"
    only_samples = all(
        loss == attrition.samples.get(endpoint)
        for (endpoint, _), loss in zip(slots, losses, strict=True)
    )
    what = "samples" if only_samples else "animals"
    return f"{what} are lost ({low if low == high else f'{low} to {high}'})"


def _no_test(search: Search, counts: Counts) -> tuple[Cause, str] | None:
    """Return whether tests that cannot be made alone keep the power below the target."""
    often = _often_untestable(search, counts)
    if search.scenario.decision.power.of == "any":
        return None  # another comparison may carry it
    if 1 - often.interval(search.confidence)[0] >= search.target:
        return None
    why = "all values equal"
    if search.scenario.design.animals_may_be_lost:
        why = f"fewer than 2 animals left in an arm, or {why}"
    return "no test", (
        f"no test can be made in {often} of the studies ({why}), and these count as not significant"
    )


def _often_untestable(search: Search, counts: Counts) -> Probability:
    """Return how often no test can be made, of the decision's comparison where it is most."""
    most = max(int(count) for count in counts.untestable[search.layout.target, 0])
    return Probability(most, counts.replicates)


def _flat(
    search: Search, counts: Counts, truths: Sequence[ComparisonTruth]
) -> tuple[Cause, str] | None:
    """Compare power at the top of the range with that at half of it.

    Flat: the difference is within its error at ``decision.confidence``, and even its upper
    limit is below ``WORTHWHILE``. The replicates at the two n are taken as independent, which
    they are (the top is fresh).
    """
    low, top = half(search.ns), search.ns[-1]
    if top < 1.5 * low:
        return None
    after = search.shares_of(counts)
    which = min(range(len(after)), key=lambda i: after[i].value)
    before, reached = search.shares(low)[which], after[which]
    # Newcombe (1998), method 10: the interval of a difference from two Wilson intervals
    (l1, u1), (l2, u2) = (p.interval(search.confidence) for p in (before, reached))
    gain = reached.value - before.value
    lower = gain - ((reached.value - l2) ** 2 + (u1 - before.value) ** 2) ** 0.5
    upper = gain + ((u2 - reached.value) ** 2 + (before.value - l1) ** 2) ** 0.5
    if lower > 0 or upper >= WORTHWHILE:
        return None
    text = f"more animals do not help: power is {before} at n = {low} and {reached} at n = {top}"
    compared = [
        (c, truth)
        for c, truth, wanted in zip(
            search.layout.comparisons, truths, search.layout.target, strict=True
        )
        if wanted
    ]
    if len(after) == len(compared):
        text += _why_flat(search.scenario, *compared[which])
    elif all(_nothing(truth) for _, truth in compared):
        text += ", because none of the comparisons has an effect"
    return "flat power", text


def _nothing(truth: ComparisonTruth) -> bool:
    """Return whether the relative effect cannot be told from 1/2."""
    effect = truth.relative_effect
    return abs(effect.value - 0.5) <= 4 * effect.mcse


def _why_flat(scenario: Scenario, compared: Comparison, truth: ComparisonTruth) -> str:
    name = f"{compared.endpoint}, {compared.treated} v {compared.control},"
    if _nothing(truth):
        return f", because {name} has no effect (true P(X>Y) {truth.relative_effect})"
    fixed = [
        a for a in (compared.treated, compared.control) if scenario.design.arms[a].n is not None
    ]
    if fixed:
        return f"; {' and '.join(fixed)} keep{'' if fixed[1:] else 's'} a fixed number of animals"
    return f"; the effect of {name} is too small (true P(X>Y) {truth.relative_effect})"
