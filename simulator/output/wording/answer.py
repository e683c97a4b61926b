"""The answers about power and sample size, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.output.wording.laboratory import cages_text
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.scenario import Scenario

#: Of what the power is wanted.
OF: Final = {"each": "each comparison", "any": "any comparison", "all": "all comparisons"}


def certified(found: SampleSizeResult, scenario: Scenario) -> str:
    """Say in one sentence how many mice are certified, and why."""
    n = found.n_per_arm
    cages = in_cages(scenario, found.result.n_per_arm)
    equal = len(set(found.sizes.values())) == 1
    unequal = "" if equal else f" ({_sizes(found)})"
    if found.animals.kept is not None:
        each = f"{max(found.sizes.values())} enrolled per arm"
        unequal = f" after losses ({each if equal else f'{_sizes(found)} enrolled'})"
    return f"{n} mice per arm{cages}{unequal}, certified: {certified_power(found, scenario)}"


def certified_power(found: SampleSizeResult, scenario: Scenario) -> str:
    """Say of what the power was shown to be enough at the certified number, and how surely."""
    n, target = found.n_per_arm, stated(found.target)
    arms = scenario.decision.power.arms
    meant = "" if arms is None else f" ({', '.join(arms)})"
    if found.power_below is None:
        below = f" (n = {n} is the start of the range: smaller n were not looked at)"
    else:
        below = f", with {(n or 0) - 1} it is not ({share(found.power_below)})"
    family = found.result.decision_family
    return (
        f"power of {OF[found.of]} of {family}{meant} is at least {target} "
        f"({share(found.power)}){below}; confirmed on {found.power.replicates:,} fresh simulated "
        f"studies at {100 * found.confidence:.6g}% confidence"
    )


def stated(share: float) -> str:
    """Return a share that somebody stated, with two decimals or as many as it has."""
    text = f"{share:.2f}"
    return text if float(text) == share else f"{share:g}"


def _sizes(found: SampleSizeResult) -> str:
    return ", ".join(f"{arm} {count}" for arm, count in found.sizes.items())


def in_cages(scenario: Scenario, n: int) -> str:
    cages = cages_text(scenario, n)
    return f" ({cages})" if cages else ""
