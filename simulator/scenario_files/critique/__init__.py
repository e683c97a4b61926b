"""What cannot work in a plan (errors) and what is unwise (warnings).

Every check says which parts of the file it looks at. Where one of these was refused before,
the check is left out: what it would say might only echo the first problem.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.scenario import Scenario
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.critique import (
    attrition,
    cages,
    conduct,
    counting,
    effects,
    laboratory,
    nature,
    plan,
    priors,
    rank_tests,
    volumes,
)
from simulator.scenario_files.critique.report import Report
from simulator.scenario_files.node import Node

_TRUTH = frozenset({"truth", "endpoints"})
_PLAN = frozenset({"analysis", "endpoints", "arms", "substances"})
_CONDUCT = frozenset({"conduct", "endpoints", "arms", "substances", "schedules", "immunization"})

_CHECKS: tuple[tuple[Callable[[Scenario, Report], None], frozenset[str]], ...] = (
    (laboratory.dose_views, frozenset()),
    (laboratory.doses_of_refused_arms, frozenset()),
    (laboratory.reading_after_kill, frozenset()),
    (laboratory.reading_before_immunization, frozenset({"immunization"})),
    (laboratory.dosing_after_last_reading, frozenset({"endpoints"})),
    (laboratory.fixed_and_ratio, frozenset()),
    (volumes.injected_volumes, frozenset({"animals"})),
    (nature.control_levels, frozenset({"endpoints"})),
    (nature.spreads, frozenset({"endpoints"})),
    (nature.percentages, _TRUTH),
    (nature.stated_responses, _TRUTH | _PLAN),
    (nature.stated_folds, _TRUTH),
    (priors.units_of_priors, _TRUTH),
    (priors.possible_priors, _TRUTH),
    (priors.percent_for_sd, _TRUTH),
    (counting.countable_plaques, _TRUTH | {"arms", "substances"}),
    (counting.titers_in_range, _TRUTH | {"arms", "substances"}),
    (effects.dose_curves, _TRUTH),
    (effects.kinetic_effects, _TRUTH),
    (effects.titer_exponents, _TRUTH),
    (plan.controls, _PLAN),
    (plan.families, _PLAN),
    (plan.trends, _PLAN),
    (rank_tests.steel, _PLAN),
    (rank_tests.unused_options, _PLAN),
    (rank_tests.suitable_sizes, _PLAN | {"decision"}),
    (rank_tests.losses, _PLAN | {"decision"}),
    (plan.power_target, _PLAN | {"decision"}),
    (plan.out_of_reach, _PLAN | {"decision"}),
    (plan.equal_arms, frozenset({"arms", "substances", "schedules"})),
    (plan.unlike_controls, _PLAN | {"schedules"}),
    (plan.animal_limit, _PLAN | {"decision", "attrition"}),
    (cages.enough_cages, _PLAN | {"animals", "attrition", "decision"}),
    (cages.cage_as_unit, frozenset({"analysis", "animals"})),
    (cages.pseudoreplication, _PLAN | _TRUTH | {"animals"}),
    (conduct.long_tasks, _CONDUCT),
    (conduct.hours_of_work, _CONDUCT),
    (conduct.days_and_arms, _CONDUCT),
    (conduct.order_of_arms, _CONDUCT),
    (conduct.responses_without_time, _CONDUCT | _TRUTH),
    (conduct.handling_without_conduct, frozenset({"conduct", "truth.handling"})),
    (attrition.unused_losses, _TRUTH | {"attrition"}),
    (attrition.days_of_death, _CONDUCT - {"conduct"} | {"attrition"}),
)


def criticise(scenario: Scenario, tree: Node, found: Collector, *, damaged: frozenset[str]) -> None:
    """Examine a resolved scenario; add what is wrong to the problems of the document.

    Parameters
    ----------
    scenario : resolved as far as possible.
    tree : the expanded document, which knows where everything was written.
    found : collects the problems.
    damaged : parts of the file (``arms``, ``truth``, ``truth.afc``, ...) of which something was
        cut out.
    """
    report = Report(tree, found, damaged)
    for check, needs in _CHECKS:
        if not needs & damaged:
            check(scenario, report)
