"""An assertion for a test suite: an analysis keeps its promises on simulated studies.

The tolerance is nobody's choice: it follows from the Monte Carlo error of what is counted, and from
the stated chance of failing an analysis that keeps every promise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from simulator.auditing.collect import Collected, Data, check_comparisons, collect
from simulator.auditing.estimands import DEFAULT_ESTIMAND, ESTIMANDS
from simulator.auditing.functions import Analysis, analyst_of, name_of
from simulator.auditing.lines.agreement import agreement as agreement_lines
from simulator.auditing.lines.agreement import decisions as decision_lines
from simulator.auditing.lines.decisions import failures
from simulator.auditing.result import Finding
from simulator.auditing.testing.promises import (
    TEETH,
    Powers,
    Promise,
    on_coverage,
    on_fwer,
    on_power,
    on_type_i,
)
from simulator.evaluation.characteristics import Probability
from simulator.scenario import Scenario

#: Most replicates that are worth recommending.
_MOST: Final = 10_000_000


def assert_operating_characteristics(
    analysis: Analysis,
    *,
    scenario: Scenario | str | Path,
    type_i_at_most: float | None = None,
    fwer_at_most: float | None = None,
    power_at_least: float | Powers | None = None,
    coverage_at_least: float | None = None,
    agreement: bool | None = None,
    no_failures: bool = True,
    replicates: int = 500,
    n: int = 10,
    false_alarm: float = 1e-3,
    estimand: str = DEFAULT_ESTIMAND,
) -> None:
    """Assert what an analysis does on simulated studies, whose truth is known.

    A limit is broken where the exact binomial test rejects it at ``false_alarm`` divided by the
    number of limits, so an analysis that is just at every limit fails with no more than that
    chance. (Once: the studies are those of the scenario's seed, the next run has the same.)

    Parameters
    ----------
    analysis : a table of observations in, one of results out, as for `audit`.
    scenario : resolved, or a file or name to load; its analysis plan says what is compared.
    type_i_at_most : share of studies without effects in which p is at or below alpha, before any
        adjustment; of every comparison.
    fwer_at_most : share of them in which anything is rejected; of every family.
    power_at_least : share of studies in which an effect is found. One number is for every
        comparison that has an effect; a mapping names endpoints, or (endpoint, treated arm).
    coverage_at_least : share of intervals that have the true value of the estimand.
    agreement : True: the p-values and decisions are the plan's, or those of another right choice.
    no_failures : whether every run must give a result.
    replicates : studies with the effects, and as many without.
    n : animals in an arm of ratio 1.
    false_alarm : chance of failing an analysis that is at every limit.
    estimand : what the intervals are about, one of `estimands.ESTIMANDS`.

    Raises
    ------
    AssertionError : something is not as asserted; with the figures, their Monte Carlo error and
        the counts that would pass.
    ValueError : nothing is asserted, a number is out of range, or there are so few replicates that
        the test could hardly fail: twice the limit (of coverage: twice the misses; of power: 0.1
        less) would be found with a chance below 1/2.
    ScenarioError : the scenario cannot be loaded.

    Examples
    --------
    >>> from simulator import analyse, assert_operating_characteristics, load_scenario
    >>> scenario = load_scenario("quick-start")
    >>> def by_the_plan(observations):
    ...     return analyse(observations, scenario.analysis).to_frame()
    >>> assert_operating_characteristics(
    ...     by_the_plan, scenario=scenario, type_i_at_most=0.05, replicates=400)
    """
    __tracebackhide__ = True  # pytest shows the test that asserts, not this
    shares = {
        "type_i_at_most": type_i_at_most,
        "fwer_at_most": fwer_at_most,
        "coverage_at_least": coverage_at_least,
        "false_alarm": false_alarm,
    }
    if isinstance(power_at_least, Mapping):
        shares |= {f"power_at_least of {name}": one for name, one in power_at_least.items()}
    else:
        shares["power_at_least"] = power_at_least
    _check(shares, {"replicates": replicates, "n": n}, estimand)
    study = _loaded(scenario)
    promises: list[Promise] = []
    if type_i_at_most is not None:
        promises += on_type_i(study, type_i_at_most)
    if fwer_at_most is not None:
        promises += on_fwer(study, fwer_at_most)
    if power_at_least is not None:
        promises += on_power(study, power_at_least)
    if coverage_at_least is not None:
        promises += on_coverage(study, coverage_at_least, ESTIMANDS[estimand], n=n)
    check_comparisons(study)
    if not (promises or agreement or no_failures):
        raise ValueError("nothing is asserted: give a limit")
    level = false_alarm / max(1, len(promises))
    _refuse_too_few(promises, replicates, level)
    data = Data(study, n=n)
    found = collect(
        data,
        data.given_to(analyst_of(analysis, study.analysis)),
        replicates=replicates,
        estimand=ESTIMANDS[estimand],
    )
    problems = [*_failed(found)] if no_failures or found.stopped else []
    if not found.stopped:
        problems += [text for one in promises if (text := one.broken(found.runs, level))]
    findings: Sequence[Finding] = ()
    if (problems or agreement) and not found.stopped:
        from simulator.auditing.recognise import recognise

        findings = recognise(found.runs, data.frame, study.analysis)
    if agreement and not found.stopped:
        problems += _disagreement(found, findings)
    if problems:
        about = f"{name_of(analysis)} on {study.id}, n = {n}, seed {study.seed}"
        rows = [f"{about}: {replicates} studies with the effects, {replicates} without"]
        rows += [f"  {text}" for text in problems]
        rows += [f"  recognised: {one.sentence}" for one in findings]
        if promises:
            limits = f"these {len(promises)} limits" if len(promises) > 1 else "this limit"
            rows.append(
                f"  An analysis just at {limits} fails with a chance of at most {false_alarm:g}."
            )
        raise AssertionError("\n".join(rows))


def _check(shares: Mapping[str, float | None], numbers: Mapping[str, int], estimand: str) -> None:
    problems = [
        f"{name} must be between 0 and 1, not {value}"
        for name, value in shares.items()
        if value is not None and not 0 < value < 1
    ]
    problems += [f"{name} {value}: must be from 1" for name, value in numbers.items() if value < 1]
    if estimand not in ESTIMANDS:
        problems.append(f'unknown estimand "{estimand}"; allowed: {", ".join(ESTIMANDS)}')
    if problems:
        raise ValueError("; ".join(problems))


def _loaded(scenario: Scenario | str | Path) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    from simulator.scenario_files import load_scenario

    return load_scenario(scenario)


def _refuse_too_few(promises: Sequence[Promise], replicates: int, level: float) -> None:
    """Refuse a test that passes whatever the analysis does."""
    chances = [one.chance_found(replicates, level) for one in promises]
    if not chances or min(chances) >= TEETH:
        return
    chance, one = min(zip(chances, promises, strict=True), key=lambda pair: pair[0])
    needed, times = replicates, 1.0
    while needed < _MOST and one.chance_found(needed, level) < TEETH:
        times *= 1.05
        unit = 10 ** max(0, len(str(int(replicates * times))) - 2)
        needed = math.ceil(replicates * times / unit) * unit
    raise ValueError(
        f"replicates {replicates}: too few for a test that can fail: a {one.measure} of "
        f"{one.wrong:g} in place of {one.limit:g} ({one.of}) would be found with a chance of "
        f"{chance:.2g}; in {needed} replicates it is found in every second test"
    )


def _failed(found: Collected) -> Iterator[str]:
    line = failures(found.runs)
    assert isinstance(line.value, Probability)
    if line.value.count:
        first = next(one for run in found.runs.values() for one in run.failed)
        where = "without effects" if first.world == "null" else "with the effects"
        more = f"; {found.stopped}" if found.stopped else ""
        yield (
            f"{line.value.count} of {line.value.replicates} runs without a result ({line.note})"
            f"{more}; first study {first.replicate} {where}: {first.message}"
        )


def _disagreement(found: Collected, findings: Sequence[Finding]) -> Iterator[str]:
    for line in agreement_lines(found.runs, findings, own_test=False):
        if line.verdict == "fail":
            value = line.value
            assert isinstance(value, Probability)
            yield (
                f"agreement on {line.endpoint}: {value.count} of {value.replicates} p-values are "
                f"the plan's; {line.note}"
            )
    for line in decision_lines(found.runs, findings, own_test=False):
        if line.verdict == "fail":
            yield f"decisions of family {line.family} are not the plan's: {line.note}"
