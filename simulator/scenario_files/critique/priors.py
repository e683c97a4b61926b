"""Priors: what they say must be possible, and written with its unit."""

from __future__ import annotations

import math

from simulator.scenario import Scenario
from simulator.scenario.levels import without_unit
from simulator.scenario.noun import PRIORS
from simulator.scenario.priors import Place, Prior, parameters, priors
from simulator.scenario_files.critique.report import Report
from simulator.scenario_files.node import find

#: Shares of a prior outside of what its number may be: said, and refused.
_SAID, _REFUSED = 0.01, 0.5
#: Standard deviation of a logarithm above which a prior is rather a slip: 5 % to 95 % is 27 fold.
_WIDE = 1.0


def possible_priors(scenario: Scenario, report: Report) -> None:
    """A prior lies within the bounds of its number, for the most part."""
    for place, prior in priors(scenario).items():
        where = (*place, prior.kind)
        if not all(isinstance(number, float) for number in (prior.first, prior.second)):
            continue  # said of the level itself
        if prior.kind == "uniform" and not prior.first < prior.second:
            report.error(where, "write the lowest value first, then the highest")
        elif prior.kind != "uniform" and prior.second <= 0:
            report.error(where, "the standard deviation must be above 0")
        elif prior.kind == "lognormal" and prior.first <= 0:
            report.error(where, "the median must be above 0")
        elif prior.outside > _SAID:
            share = f"{100 * prior.outside:.2g} % of this distribution is not possible for the "
            share += f"number ({_possible(prior)})"
            if prior.outside > _REFUSED:
                report.error(where, share)
            else:
                report.warning(
                    where, f"{share}; it is drawn from the rest{_middle(scenario, place)}"
                )
        elif prior.kind == "lognormal" and prior.second > _WIDE:
            report.warning(
                where,
                f"{prior.second:g} is the standard deviation of the natural logarithm: 90 % of "
                f"this distribution is {_span(prior)}, {_times(prior):.3g} times from end to end",
            )


def _middle(scenario: Scenario, place: Place) -> str:
    """Say where the median of what is drawn is not the number that is planned with."""
    planned = float(dict(parameters(scenario))[place].value)
    median = priors(scenario)[place].quantile(0.5)
    if math.isclose(planned, median, rel_tol=0.01):
        return ""
    return f", whose median is {median:.3g}, not the planned {planned:.3g} (change it by value)"


def _span(prior: Prior) -> str:
    return f"{prior.quantile(0.05):.3g} to {prior.quantile(0.95):.3g}"


def _times(prior: Prior) -> float:
    return prior.quantile(0.95) / prior.quantile(0.05)


def percent_for_sd(scenario: Scenario, report: Report) -> None:
    """A standard deviation in percent beside a plain mean may be meant as percent of it."""
    for place, prior in priors(scenario).items():
        node, rest = find(report.tree, (*place, "normal"))
        if prior.kind != "normal" or rest or not node.is_list or len(node.value) != 2:
            continue
        mean, sd = (str(item.value) for item in node.value)
        if (
            "%" in sd
            and "%" not in mean
            and all(isinstance(x, float) for x in (prior.first, prior.second))
        ):
            meant = abs(prior.first) * prior.second
            report.error(
                (*place, "normal"),
                f"{sd} may be meant as {sd} of {mean} or as {prior.second:g}: write {meant:g}, or "
                f"{prior.second:g}",
            )


def _possible(prior: Prior) -> str:
    low = "" if math.isinf(prior.low) else f"from {prior.low:.4g} "
    if 0 < prior.low < 1e-300:
        low = "above 0 "
    return "possible: " + (low + ("" if math.isinf(prior.high) else f"to {prior.high:.4g}")).strip()


def units_of_priors(scenario: Scenario, report: Report) -> None:
    """A prior of a level says its unit, as a level does."""
    for key, endpoint in scenario.design.endpoints.items():
        for place in (("truth", key, "control"), ("truth", "variability", key, "sd")):
            for kind in PRIORS:
                node, rest = find(report.tree, (*place, kind))
                if rest or not node.is_list:
                    continue
                for item in node.value[: 1 if kind == "lognormal" else 2]:
                    message = without_unit(item.value, endpoint)
                    if message is not None:
                        report.error((*place, kind), message)
                        break
