"""Power of a planned study by enumeration: exact, where a small discrete design allows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scipy.stats import binom

from simulator.analysis.mann_whitney import LARGEST_EXACT
from simulator.errors import Problem, ScenarioError
from simulator.evaluation.exact.power_of_categories import (
    MOST_PATTERNS,
    enumerate_power,
    pattern_count,
)
from simulator.evaluation.exact.reading_probabilities import reading_probabilities
from simulator.model.response_table import Responses, respond
from simulator.scenario import Comparison, Scenario
from simulator.scenario.analysis_plan import SMALLEST_ARM
from simulator.scenario.enrolment import death_of, noticed_failures

#: What stands in every output beside these numbers.
NOTE: Final = "enumerated, no Monte Carlo error"
#: Most memory for the law of U along one tie pattern.
MOST_BYTES = 500_000_000
#: Bonferroni divides by the tests that can be made; more doubt than this is too much.
MOST_DOUBT = 1e-6


@dataclass(frozen=True)
class EnumeratedComparison:
    """One comparison.

    Attributes
    ----------
    power, type_i : of the adjusted decision, under the scenario and under its null twin.
    untestable : probability that no test can be made under the scenario.
    error : most by which power or type I error can be too small: outcomes left out as
        negligible, and other tests of a Bonferroni family that could not be made.
    """

    family: str
    endpoint: str
    treated: str
    control: str
    power: float
    type_i: float
    untestable: float
    error: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, shaped as those of a simulation, with an error of 0."""
        return {
            "family": self.family,
            "endpoint": self.endpoint,
            "treated": self.treated,
            "control": self.control,
            "power": _certain(self.power),
            "type_i": _certain(self.type_i),
            "untestable": _certain(self.untestable),
            "error": self.error,
        }


@dataclass(frozen=True)
class EnumeratedPower:
    """Power and type I error of the decision's comparisons at one n, without Monte Carlo error."""

    scenario_id: str
    digest: str
    n_per_arm: int
    sizes: Mapping[str, int]
    decision_family: str
    comparisons: tuple[EnumeratedComparison, ...]
    note: str = NOTE

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "n_per_arm": self.n_per_arm,
            "sizes": dict(self.sizes),
            "method": self.note,
            "replicates": None,
            "decision_family": self.decision_family,
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
        }


def power_by_enumeration(scenario: Scenario, *, n: int | None = None) -> EnumeratedPower:
    """Return the exact power and type I error of the decision's family at one n.

    Every pair of samples that two arms can show is weighed by its probability and tested as on
    the bench. Feasible for titers of up to 12 wells (or a phagocytic percentage of up to 12
    cells) in small arms of independent animals, where each test has a threshold of its own: one
    comparison, or ``none`` or ``bonferroni``. Lost animals are a binomial mixture of sizes.

    Parameters
    ----------
    n : animals in an arm of ratio 1; default: the top of the decision's range.

    Raises
    ------
    ValueError : n below 1.
    ScenarioError : the study cannot be enumerated; it says why, and what can be done.
    """
    chosen = scenario.decision.n.stop if n is None else n
    if chosen < 1:
        raise ValueError(f"n must be at least 1, not {chosen}")
    family = scenario.decision.power.family or next(iter(scenario.analysis.families), None)
    if family is None:
        text = "nothing is compared, so there is no power"
        raise ScenarioError(scenario.id, [Problem("analysis.families", text)])
    _check_plan(scenario, family)
    compared = scenario.analysis.comparisons_of(family)
    truth = respond(scenario)
    laws = {
        (c.endpoint, arm): reading_probabilities(scenario, truth, endpoint=c.endpoint, arm=arm)
        for c in compared
        for arm in (c.control, c.treated)
    }
    most = max(int((law > 0).sum()) for law in laws.values())
    _check_size(scenario, compared, most, chosen)
    twin = scenario.null_twin()
    silent = respond(twin)
    found = [_compare(scenario, twin, truth, silent, c, chosen, len(compared)) for c in compared]
    return EnumeratedPower(
        scenario_id=scenario.id,
        digest=scenario.digest,
        n_per_arm=chosen,
        sizes=scenario.design.sizes(chosen),
        decision_family=family,
        comparisons=_with_doubt(scenario, family, found),
    )


def _compare(
    scenario: Scenario,
    twin: Scenario,
    truth: Responses,
    silent: Responses,
    comparison: Comparison,
    n: int,
    tests: int,
) -> EnumeratedComparison:
    plan, family = scenario.analysis, scenario.analysis.families[comparison.family]
    spec = plan.spec(comparison.family)
    sizes = scenario.design.sizes(n)
    arms = (comparison.control, comparison.treated)
    losses = [scenario.design.loss_of(arm, comparison.endpoint) for arm in arms]
    results = []
    for world, responses in ((scenario, truth), (twin, silent)):
        px, py = (
            reading_probabilities(world, responses, endpoint=comparison.endpoint, arm=arm)
            for arm in arms
        )
        power = untestable = error = 0.0
        for left_x, chance_x in _left(sizes[arms[0]], losses[0]):
            for left_y, chance_y in _left(sizes[arms[1]], losses[1]):
                chance = chance_x * chance_y
                if min(left_x, left_y) < SMALLEST_ARM:
                    untestable += chance
                    continue
                part = enumerate_power(
                    px,
                    py,
                    m=left_x,
                    n=left_y,
                    method=spec.method,
                    convention=spec.convention,
                    alternative=spec.alternative,
                    continuity=spec.continuity,
                    alpha=family.alpha / (tests if family.adjust == "bonferroni" else 1),
                )
                power += chance * part.power
                untestable += chance * part.untestable
                error += chance * part.error
        results.append((power, untestable, error))
    (power, untestable, error), (type_i, _, null_error) = results
    return EnumeratedComparison(
        family=comparison.family,
        endpoint=comparison.endpoint,
        treated=comparison.treated,
        control=comparison.control,
        power=power,
        type_i=type_i,
        untestable=untestable,
        error=max(error, null_error),
    )


def _left(animals: int, loss: float) -> list[tuple[int, float]]:
    """Return how many animals may be left, each lost independently, and how probable that is."""
    if loss == 0.0:
        return [(animals, 1.0)]
    return [(left, float(binom.pmf(left, animals, 1 - loss))) for left in range(animals + 1)]


def _with_doubt(
    scenario: Scenario, family: str, found: list[EnumeratedComparison]
) -> tuple[EnumeratedComparison, ...]:
    """Add to the error that Bonferroni divides by the tests that can be made only."""
    if scenario.analysis.families[family].adjust != "bonferroni" or len(found) == 1:
        return tuple(found)
    total = sum(one.untestable for one in found)
    if total > MOST_DOUBT:
        text = (
            f"in {total:.2g} of the studies some test cannot be made (lost animals, or all values "
            "equal), and bonferroni then divides by fewer tests; this cannot be enumerated: "
            "simulate it, or choose adjust none"
        )
        raise ScenarioError(scenario.id, [Problem(f"analysis.families.{family}.adjust", text)])
    return tuple(replace(one, error=one.error + total - one.untestable) for one in found)


def _check_plan(scenario: Scenario, family: str) -> None:
    """Refuse what does not come down to independent animals and one threshold per test."""
    plan = scenario.analysis.families[family]
    where, problems = f"analysis.families.{family}", []
    test = scenario.analysis.spec(family).test
    if test != "mann_whitney":
        problems.append(Problem(f"{where}.test", f"{test} is not enumerated, only mann_whitney"))
    several = len(scenario.analysis.comparisons_of(family)) > 1
    if plan.adjust == "steel" or (several and plan.adjust not in ("none", "bonferroni")):
        text = (
            f"{plan.adjust} looks at several comparisons together, which share the control "
            "animals; only none and bonferroni are enumerated, or a single comparison"
        )
        problems.append(Problem(f"{where}.adjust", text))
    problems += _unlike(scenario, family)
    if problems:
        text = "power cannot be enumerated here; simulate it (leave out --method)"
        raise ScenarioError(scenario.id, [*problems, Problem("analysis", text)])


def _unlike(scenario: Scenario, family: str) -> Iterator[Problem]:
    """Yield what makes values depend on each other, on time, or on who is lost."""
    design, variability = scenario.design, scenario.truth.variability
    attrition = design.attrition
    for endpoint in scenario.analysis.families[family].endpoint:
        icc = variability.icc_of(endpoint)
        if icc:
            own = variability.endpoints.get(endpoint)
            stated = f"{endpoint}." if own is not None and own.cage_icc is not None else ""
            yield Problem(
                f"truth.variability.{stated}cage_icc",
                f"cage-mates are alike (ICC {icc:g}), and only independent animals are enumerated",
            )
    if scenario.analysis.unit != "animal":
        yield Problem("analysis.unit", "medians of cages are not enumerated, only single animals")
    if design.conduct is not None:
        yield Problem(
            "design.conduct",
            "realised times make animals differ by their place in the line, and only animals that "
            "are alike are enumerated",
        )
    if attrition.with_response and any(death_of(design, arm) > 0 for arm in design.arms):
        yield Problem(
            "design.attrition.with_response",
            "who dies has other readings than who lives, and only losses at random are enumerated",
        )
    if noticed_failures(scenario):
        yield Problem(
            "design.attrition.failed_immunization",
            "excluded failures leave other readings than were made, and only losses at random are "
            "enumerated",
        )


def _check_size(
    scenario: Scenario, compared: tuple[Comparison, ...], readings: int, n: int
) -> None:
    exact = scenario.analysis.spec(compared[0].family).method in ("exact", "mid-p")

    def feasible(size: int) -> bool:
        at = scenario.design.sizes(size)
        animals = max(at[c.treated] + at[c.control] for c in compared)
        if exact and animals > LARGEST_EXACT:
            return False
        pairs = max(at[c.treated] * at[c.control] for c in compared)
        law = (readings + 1) ** 2 * (max(at.values()) + 1) * (2 * pairs + 1) * 8
        return pattern_count(readings, animals) <= MOST_PATTERNS and law <= MOST_BYTES

    if feasible(n):
        return
    largest = next((size for size in range(n - 1, 0, -1) if feasible(size)), None)
    text = f"n = {n} has too many outcomes to enumerate with {readings} readings per animal; "
    text += f"n = {largest} is feasible" if largest is not None else "no n is feasible"
    raise ScenarioError(scenario.id, [Problem("n", f"{text}, or simulate (leave out --method)")])


def _certain(value: float) -> dict[str, Any]:
    return {"value": value, "mcse": 0.0, "ci": [value, value], "replicates": None}
