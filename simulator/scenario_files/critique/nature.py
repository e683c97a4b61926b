"""The truth: levels, spreads and effects that the models need or cannot use."""

from __future__ import annotations

import math
from collections.abc import Callable

from simulator.scenario import Endpoint, Scenario
from simulator.scenario.levels import beside, control_level, own_unit, without_unit
from simulator.scenario.noun import Parameter
from simulator.scenario.numerals import thousands_advice
from simulator.scenario.suggestion import nearest
from simulator.scenario.truth import EmaxResponse, FoldResponse
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report, response_place
from simulator.scenario_files.node import find
from simulator.scenario_files.schema_keys import TRUTH_FIELDS

_EXAMPLE = {
    "plaque_count": "5e4 /spleen",
    "titer": "200",
    "phagocytic_percentage": "55 %",
    "phagocytic_number": "5",
}


def _intact(report: Report, endpoint: str, also: str) -> bool:
    """Whether nothing was cut out that could be what the truth of an endpoint lacks."""
    if report.damaged & {"truth.", f"truth.{endpoint}", also}:
        return False
    if "truth" not in report.tree and any(nearest(d, ["truth"]) for d in report.damaged):
        return False  # truth: itself is misspelled
    declared = report.tree.get("design", "endpoints")
    known = (*TRUTH_FIELDS, *(declared.keys() if declared is not None else ()))
    misspelled = any(
        part.startswith("truth.") and part.removeprefix("truth.") not in known
        for part in report.damaged
    )
    return not misspelled or report.tree.get("truth", endpoint) is not None


def control_levels(scenario: Scenario, report: Report) -> None:
    """Every endpoint needs the level of control animals, unless the kinetic model has it."""
    for key, endpoint in scenario.design.endpoints.items():
        if not _intact(report, key, "truth.response"):
            _level_as_written(report, ("truth", key, "control"), endpoint)
            continue
        stated = scenario.truth.endpoints.get(key)
        control = stated.control if stated is not None else None
        kinetic = scenario.truth.response_of(key).model == "kinetic"
        if kinetic and not endpoint.immune:
            report.error(
                ("truth", key, "response"),
                "the kinetic model gives AFC and titer only: use fold or emax here",
            )
            continue
        if kinetic:
            if control is not None:
                report.error(
                    ("truth", key, "control"),
                    "the kinetic model computes the level of control animals: leave it out, or "
                    "give this endpoint a fold response",
                )
            continue
        where = ("truth", key, "control")
        if control is None:
            example = _EXAMPLE.get(endpoint.kind, f"100 {endpoint.unit}")
            report.error(
                where,
                f"is missing: the level of control animals on day {endpoint.day:g}, "
                f"e.g. control: {example}",
            )
            continue
        _amount(report, where, control, endpoint, control_level)


def _level_as_written(report: Report, where: Location, endpoint: Endpoint) -> None:
    """Examine a level whose neighbour was refused, so that one answer names both."""
    node, rest = find(report.tree, where)
    stated = None if rest else node.get("value") if node.is_map else node
    if stated is None or any(stated.path == p.path for p in report.found.problems):
        return
    if isinstance(stated.value, str | int | float) and not isinstance(stated.value, bool):
        # only the text in the tree is examined; the value here just has to be one
        _amount(report, where, Parameter[float](value=1.0), endpoint, control_level)


def _amount(
    report: Report,
    where: Location,
    amount: Parameter[float],
    endpoint: Endpoint,
    read: Callable[[float | str, Endpoint], float],
) -> None:
    """Examine a level or an sd: as written, because a resolved number has lost its unit."""
    node, rest = find(report.tree, where)
    stated = None if rest else node.get("value") if node.is_map else node
    try:
        message = without_unit(stated.value, endpoint) if stated is not None else None
        counted = endpoint.kind == "titer" and read is control_level
        if counted and stated is not None and stated.text is not None:
            message = thousands_advice(stated.text)
        # What the tree does not hold was filled in, and is sound.
        read(amount.value if stated is None else stated.value, endpoint)
        for other in beside(amount):
            own_unit(other, endpoint)
    except ValueError as error:
        message = message or str(error)
    if message is not None:
        report.error(where, message)


def spreads(scenario: Scenario, report: Report) -> None:
    """The form of a spread must fit the kind of endpoint."""
    for key, endpoint in scenario.design.endpoints.items():
        if not _intact(report, key, "truth.variability"):
            continue
        spread = scenario.truth.variability.endpoints.get(key)
        where: Location = ("truth", "variability", key)
        if spread is None:
            report.error(
                ("truth", key),
                "how much animals differ is missing: write e.g. "
                + ("sd: 5" if getattr(endpoint, "distribution", "") == "normal" else "cv: 30 %"),
            )
            continue
        log_normal = endpoint.kind in ("plaque_count", "titer") or (
            endpoint.kind == "continuous" and endpoint.distribution == "lognormal"
        )
        if log_normal and spread.sd is not None:
            report.error(
                (*where, "sd"),
                f"{key} is log-normal: state its spread as cv, sd_ln or sd_log2",
            )
        elif not log_normal and spread.sd is None and spread.cv is None:
            form = "sd_ln" if spread.sd_ln is not None else "sd_log2"
            report.error((*where, form), f"{key} is not log-normal: state its spread as sd or cv")
        elif spread.sd is not None:
            _amount(report, (*where, "sd"), spread.sd, endpoint, _spread)


def _spread(written: float | str, endpoint: Endpoint) -> float:
    sd = own_unit(written, endpoint)
    if sd < 0:
        raise ValueError(f"{sd:g} must be at least 0")
    return sd


def percentages(scenario: Scenario, report: Report) -> None:
    """A share of cells stays between 0 and 100 % in every arm, and so does its spread.

    No share of mean m (of 100) can have a standard deviation of sqrt(m*(100 - m)) or more.
    """
    for key, endpoint in scenario.design.endpoints.items():
        stated = scenario.truth.endpoints.get(key)
        if endpoint.kind != "phagocytic_percentage" or stated is None or stated.control is None:
            continue
        mean = stated.control.value
        if isinstance(mean, str) or not 0 < mean < 100:
            continue  # said of the level itself
        response = scenario.truth.response_of(key)
        largest, arm = 1.0, ""
        if isinstance(response, FoldResponse):
            folds = ((fold.value, name) for name, fold in response.folds.items())
            largest, arm = max([*folds, (1.0, "")])
        elif isinstance(response, EmaxResponse):
            curves = (c for r in response.curves.values() for c in (r.IM, r.SC, r.IP, r.IV) if c)
            largest = math.exp(max([0.0, *(min(c.emax.value, 700.0) for c in curves)]))
        if mean * largest >= 100:
            named = (*response_place(report, key), arm) if arm else response_place(report, key)
            report.error(named, f"{largest:.3g} fold of {mean:g} % is not below 100 %")
        spread = scenario.truth.variability.endpoints.get(key)
        if spread is None or (spread.sd is None and spread.cv is None):
            continue
        if spread.sd is not None and isinstance(spread.sd.value, str):
            continue  # said of the sd itself
        sd = spread.sd.value if spread.sd is not None else 0.0
        if spread.cv is not None:
            sd = mean * spread.cv.value
        limit = math.sqrt(mean * (100 - mean))
        if sd >= limit:
            form = "sd" if spread.sd is not None else "cv"
            report.error(
                ("truth", "variability", key, form),
                f"a spread of {sd:.3g} % around {mean:g} % is impossible: it must be below "
                f"{limit:.3g} %",
            )


def stated_responses(scenario: Scenario, report: Report) -> None:
    """What the drug does to a compared immune endpoint is said, and be it that it does nothing."""
    if report.tree.get("truth", "response") is not None:
        return
    design, plan = scenario.design, scenario.analysis
    tested = [key for key, arm in design.arms.items() if arm.role == "test"]
    compared = {c.endpoint for c in plan.comparisons} | {t.endpoint for t in plan.trends.values()}
    for key, endpoint in design.endpoints.items():
        if not tested or not endpoint.immune or not (endpoint.primary or key in compared):
            continue
        if not _intact(report, key, "truth.response"):
            continue
        control = report.tree.get("truth", key, "control")
        if control is not None and report.tree.get("truth", key, "response") is None:
            report.error(
                ("truth", key, "response"),
                f"is missing: what {tested[0]} does to {key}; write e.g. response: "
                f"{{model: fold, {tested[0]}: 3}}, and {tested[0]}: 1 for no effect",
            )


def stated_folds(scenario: Scenario, report: Report) -> None:
    """Where some folds are stated, every test arm has one."""
    for key in scenario.design.endpoints:
        response = scenario.truth.response_of(key)
        if not isinstance(response, FoldResponse) or not response.folds:
            continue
        where = response_place(report, key)
        for arm, plan in scenario.design.arms.items():
            if plan.role == "test" and arm not in response.folds:
                report.error(
                    where, f"no fold is stated for the test arm {arm}: write {arm}: 1 for no effect"
                )
            stated = response.folds.get(arm)
            if plan.role == "control" and stated is not None and stated.value != 1:
                report.error(
                    (*where, arm),
                    f"{arm} is the control, which the folds are relative to: leave it out",
                )
