"""Simulate the plan and its variants side by side: power, errors, and how far the fold is off."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.engine.local import Progress, default_threads, run_blocks
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.decisions.decide import decide
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.diagnosis.result import (
    ComparisonDiagnosis,
    Diagnosis,
    VariantDiagnosis,
)
from simulator.evaluation.diagnosis.variants import Variant, variants
from simulator.evaluation.diagnosis.verdict import verdict
from simulator.evaluation.power import least, target_shares
from simulator.evaluation.replicates import Counts, counts_of
from simulator.evaluation.shifts import fits_shifts
from simulator.evaluation.studies import Studies
from simulator.evaluation.truth import ComparisonTruth, simulated_truth
from simulator.scenario import Scenario
from simulator.scenario.attainable import hopeless
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK


def diagnose(
    scenario: Scenario,
    *,
    n: int | None = None,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Diagnosis:
    """Return what each flaw of a plan costs.

    Every variant is simulated with and without its effects on the same animals, so variants
    differ by what is done otherwise and hardly by chance.

    Parameters
    ----------
    scenario : resolved scenario.
    n : animals in an arm of ratio 1; default: the top of the decision's range.
    replicates : simulated studies of every variant; default: the decision's.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (blocks done, blocks in all) over all variants.

    Raises
    ------
    ValueError : n or replicates below 1.
    ScenarioError : nothing is compared, or the method cannot test so many animals.

    Examples
    --------
    >>> from simulator import diagnose, load_scenario
    >>> found = diagnose(load_scenario("whole-cage-arms"), replicates=500)
    >>> [variant.name for variant in found.variants]
    ['as written', 'mixed cages', 'cages as units']
    """
    count = scenario.decision.replicates if replicates is None else replicates
    size = scenario.decision.n.stop if n is None else n
    if size < 1 or count < 1:
        raise ValueError(f"n and replicates must be at least 1, not {size} and {count}")
    tried = variants(scenario)
    layout = layout_of(scenario, [size])
    truths = simulated_truth(scenario, layout.comparisons, threads=threads)
    blocks = -(-count // BLOCK_SIZE)
    done: list[VariantDiagnosis] = []
    for k, variant in enumerate(tried):

        def step(finished: int, _total: int, before: int = k * blocks) -> None:
            if progress is not None:
                progress(before + finished, len(tried) * blocks)

        seen = _simulated(variant.scenario, size, count, threads=threads, progress=step)
        found = _diagnosed(variant, seen, truths, size)
        done.append(verdict(found, done[0] if done else None, scenario=scenario))
    family = layout.families[layout.decision_family]
    return Diagnosis(
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        n_per_arm=size,
        replicates=count,
        family=family,
        alpha=scenario.analysis.families[family].alpha,
        variants=tuple(done),
    )


@dataclass(frozen=True)
class _Seen:
    """Rejections and folds with the effects (first) and without.

    Attributes
    ----------
    ln_folds : per twin, (C, replicates) ln of the estimated fold of medians.
    """

    layout: Layout
    counts: list[Counts]
    ln_folds: list[Floats]


def _simulated(
    scenario: Scenario, n: int, replicates: int, *, threads: int | None, progress: Progress
) -> _Seen:
    layout = layout_of(scenario, [n])
    studies = Studies(scenario, layout, null=True)

    def work(block: int) -> list[tuple[Counts, Floats]]:
        used = min(BLOCK_SIZE, replicates - (block - SEARCH_BLOCK) * BLOCK_SIZE)
        return [
            (counts_of(layout, decide(layout, values)), _ln_folds(layout, values))
            for values, _ in studies.values(block, used)
        ]

    blocks = range(SEARCH_BLOCK, SEARCH_BLOCK + -(-replicates // BLOCK_SIZE))
    parts = list(run_blocks(work, blocks, threads=threads or default_threads(), progress=progress))
    counts = [parts[0][twin][0] for twin in range(2)]
    for part in parts[1:]:
        counts = [total + part[twin][0] for twin, total in enumerate(counts)]
    folds = [np.concatenate([part[twin][1] for part in parts], axis=1) for twin in range(2)]
    return _Seen(layout, counts, folds)


def _ln_folds(layout: Layout, values: Floats) -> Floats:
    """Return ln of the fold of medians of every comparison and replicate; NaN where there is none.

    Parameters
    ----------
    values : (slots, animals, R), NaN where an animal is missing.
    """
    ordered = np.sort(values, axis=1)  # missing values go last
    present = (~np.isnan(values)).sum(axis=1)
    low, high = np.maximum(present - 1, 0) // 2, present // 2
    low, high = (np.minimum(k, values.shape[1] - 1)[:, None] for k in (low, high))
    pairs = [np.take_along_axis(ordered, k, axis=1)[:, 0] for k in (low, high)]
    middle = 0.5 * (pairs[0] + pairs[1])
    logs = np.full(middle.shape, np.nan)
    np.log(middle, out=logs, where=(present > 0) & (middle > 0))
    return logs[layout.treated] - logs[layout.control]


def _diagnosed(
    variant: Variant, seen: _Seen, truths: tuple[ComparisonTruth, ...], n: int
) -> VariantDiagnosis:
    layout, (true, null) = seen.layout, seen.counts
    family = layout.decision_family
    name = layout.families[family]
    members = range(*layout.members(family).indices(len(layout.comparisons)))
    scenario = variant.scenario
    units = scenario.design.units(layout.arm_sizes[0], unit=scenario.analysis.unit)
    comparisons = tuple(
        ComparisonDiagnosis(
            endpoint=layout.comparisons[c].endpoint,
            treated=layout.comparisons[c].treated,
            control=layout.comparisons[c].control,
            power=Probability(int(true.adjusted[c, 0]), true.replicates),
            type_i=Probability(int(null.unadjusted[c, 0]), null.replicates),
            bias=_bias(seen.ln_folds[0][c], truths[c]),
            bias_without_effect=_mean(seen.ln_folds[1][c]),
            no_fold=Probability(int(np.isnan(seen.ln_folds[0][c]).sum()), true.replicates),
        )
        for c in members
    )
    return VariantDiagnosis(
        name=variant.name,
        kind=variant.kind,
        flaw=variant.flaw,
        power=least(target_shares(scenario, layout, true, 0)),
        fwer=Probability(int(null.any_family[family, 0]), null.replicates),
        comparisons=comparisons,
        out_of_reach=hopeless(scenario.analysis, name, sizes=units),
        fits=fits_shifts(scenario, n),
        verdict="",
    )


def _mean(ln_folds: Floats) -> Estimate:
    """Return the mean ln fold of the studies that have one."""
    known = ln_folds[~np.isnan(ln_folds)]
    if known.size < 2:
        return Estimate(float(known.mean()) if known.size else math.nan, math.nan)
    return Estimate(float(known.mean()), float(known.std(ddof=1) / math.sqrt(known.size)))


def _bias(ln_folds: Floats, truth: ComparisonTruth) -> Estimate:
    """Return the mean ln fold less the true one; the errors of both, by the delta method."""
    found, fold = _mean(ln_folds), truth.fold_of_medians
    if not fold.value > 0:
        return Estimate(math.nan, math.nan)
    error = math.hypot(found.mcse, fold.mcse / fold.value)
    return Estimate(found.value - math.log(fold.value), error)
