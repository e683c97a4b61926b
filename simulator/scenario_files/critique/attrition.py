"""Losses: what is stated for nothing, and deaths outside the study."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario.attrition import Attrition
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report

_LOSSES: Location = ("design", "attrition")
#: A probability that is wished for is above this; below it, a share of animals was meant.
_WISHED = 0.5


def unused_losses(scenario: Scenario, report: Report) -> None:
    """Parts of attrition that have nothing to act on."""
    attrition, design = scenario.design.attrition, scenario.design
    die = _anyone_dies(attrition)
    if attrition.with_response and not any(e.immune for e in design.endpoints.values()):
        report.warning(
            (*_LOSSES, "with_response"),
            "is not used: no endpoint (plaques, titer) follows the animal's responsiveness",
        )
    elif attrition.with_response and not die:
        report.warning((*_LOSSES, "with_response"), "is not used: no animal dies (loss is 0)")
    if attrition.days is not None and not die:
        report.warning((*_LOSSES, "days"), "is not used: no animal dies (loss is 0)")
    fails = scenario.truth.variability.immunization_failure.value > 0
    noticed = attrition.failed_immunization > 0
    if noticed and not fails:
        report.warning(
            (*_LOSSES, "failed_immunization"),
            "is not used: no immunization fails (truth.variability.immunization_failure is 0)",
        )
    if attrition.inflate is None:
        return
    if attrition.inflate < _WISHED:
        percent = f"{100 * attrition.inflate:.4g} %"
        report.warning(
            (*_LOSSES, "inflate"),
            f"means that every arm keeps its n with a probability of only {percent}; to enrol "
            f"{percent} more, write the losses (loss, samples, exclusions) and how surely to make "
            "up for them (inflate: 90 %)",
        )
    elif not design.animals_may_be_lost:
        report.warning((*_LOSSES, "inflate"), "does nothing: nothing is lost")


def days_of_death(scenario: Scenario, report: Report) -> None:
    """Deaths are between the first procedure and the last reading."""
    attrition, design = scenario.design.attrition, scenario.design
    if attrition.days is None or not _anyone_dies(attrition):
        return
    first = min(
        [design.immunization.day]
        + [
            day
            for arm in design.arms.values()
            for regimen in arm.regimens
            for day in design.schedules[regimen.schedule].times
        ]
    )
    last = max(endpoint.day for endpoint in design.endpoints.values())
    early, late = attrition.days
    if late <= first or early >= last:
        what = "nobody dies in the study"
    elif late > last:
        what = "the animals that die after the last reading are not lost to it"
    elif early < first:
        what = "animals die before anything is done to them (before: is the share not enrolled)"
    else:
        return
    report.warning(
        (*_LOSSES, "days"),
        f"days {early:g} to {late:g} are not within the study, day {first:g} to {last:g}: {what}",
    )


def _anyone_dies(attrition: Attrition) -> bool:
    return attrition.loss > 0 or any(attrition.by_arm.values())
