"""All traps, in the words of one scenario."""

from __future__ import annotations

from simulator.auditing.collect import check_comparisons
from simulator.auditing.traps.fixed_values import limits, odd_numbers, p_at_alpha, untestable
from simulator.auditing.traps.make import Make
from simulator.auditing.traps.trap import Trap
from simulator.auditing.traps.whole_tables import whole_tables
from simulator.scenario import Scenario


def battery(scenario: Scenario) -> tuple[Trap, ...]:
    """Return all traps in the words of a scenario.

    A trap is a small cohort of the scenario, the first of its seed, in which the arms of the
    plan's first comparison (or the first of a titer) have fixed values, or which is transformed
    as a whole. Every comparison of the plan is judged on it.

    Raises
    ------
    ScenarioError : the plan compares nothing.
    """
    check_comparisons(scenario)
    make = Make(scenario)
    return (
        *whole_tables(make),
        *untestable(make),
        *odd_numbers(make),
        *limits(make),
        p_at_alpha(make),
    )
