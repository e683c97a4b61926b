"""The plan as written, and the same plan with one thing done otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from simulator.scenario import Scenario
from simulator.scenario.analysis_plan import ExperimentalUnit

Kind = Literal["written", "mended", "all mended", "otherwise"]


@dataclass(frozen=True)
class Variant:
    """One way to do the study.

    Attributes
    ----------
    name : in a few words what is done otherwise.
    flaw : what is wrong in the plan as written that this mends; empty where nothing is.
    """

    name: str
    kind: Kind
    flaw: str
    scenario: Scenario


def variants(scenario: Scenario) -> tuple[Variant, ...]:
    """Return the plan as written and every variant of it that differs.

    Each flaw is mended alone, then all of them together where there are several. Mixed cages are
    tried wherever cages are counted, one more technician wherever a laboratory is described.
    """
    mended = list(_mended(scenario))
    found = [Variant("as written", "written", "", scenario), *mended]
    if len({variant.flaw for variant in mended}) > 1:
        found.append(Variant("all of these", "all mended", "", _all_mended(scenario)))
    conduct = scenario.design.conduct
    if scenario.analysis.unit == "cage":
        mixed = mend_cages(mend_unit(scenario, unit="animal"))
        found.append(Variant("mixed cages, mice counted", "otherwise", "", mixed))
    if conduct is not None:
        more = with_conduct(scenario, staff=conduct.staff + 1)
        found.append(Variant("one more technician", "otherwise", "", more))
    return tuple(found)


def _mended(scenario: Scenario) -> Iterator[Variant]:
    design, conduct = scenario.design, scenario.design.conduct
    if conduct is not None and conduct.order in ("by-arm", "by-cage"):
        flaw = f"taking the animals {conduct.order.replace('-', ' ')}"
        yield Variant("randomized order", "mended", flaw, mend_order(scenario))
        yield Variant(
            "blocks of every arm", "mended", flaw, with_conduct(scenario, order="by-block")
        )
    if conduct is not None and conduct.plating == "after-all":
        flaw = "letting spleens wait for the last kill"
        yield Variant("plated at once", "mended", flaw, mend_plating(scenario))
    if conduct is not None and conduct.days > 1 and conduct.split == "by-arm":
        flaw = f"spreading whole arms over {conduct.days} days"
        yield Variant("every arm on every day", "mended", flaw, mend_split(scenario))
    whole_cages = not design.animals.arms_share_cages and design.animals.per_cage > 1
    if whole_cages and scenario.analysis.unit == "animal":
        flaw = "counting mice of whole-cage arms"
        yield Variant("mixed cages", "mended", flaw, mend_cages(scenario))
        yield Variant("cages as units", "mended", flaw, mend_unit(scenario))


def _all_mended(scenario: Scenario) -> Scenario:
    conduct = scenario.design.conduct
    if conduct is not None:
        if conduct.order in ("by-arm", "by-cage"):
            scenario = mend_order(scenario)
        scenario = mend_split(mend_plating(scenario))
    return scenario if scenario.analysis.unit == "cage" else mend_cages(scenario)


def mend_order(scenario: Scenario) -> Scenario:
    """Return the study with all its animals in random order."""
    return with_conduct(scenario, order="randomized")


def mend_plating(scenario: Scenario) -> Scenario:
    """Return the study with every spleen plated at once."""
    return with_conduct(scenario, plating="at-once")


def mend_split(scenario: Scenario) -> Scenario:
    """Return the study with every arm on every day."""
    return with_conduct(scenario, split="balanced")


def mend_cages(scenario: Scenario) -> Scenario:
    """Return the study with every arm in every cage."""
    animals = scenario.design.animals.model_copy(update={"arms_share_cages": True})
    design = scenario.design.model_copy(update={"animals": animals})
    return scenario.model_copy(update={"design": design})


def mend_unit(scenario: Scenario, *, unit: ExperimentalUnit = "cage") -> Scenario:
    """Return the study with the median of a cage as one value, or with every animal as one."""
    plan = scenario.analysis.model_copy(update={"unit": unit, "acknowledge": ()})
    return scenario.model_copy(update={"analysis": plan})


def with_conduct(scenario: Scenario, **update: Any) -> Scenario:
    """Return the study with something of its conduct changed; as it is without a conduct."""
    if scenario.design.conduct is None:
        return scenario
    conduct = scenario.design.conduct.model_copy(update=update)
    design = scenario.design.model_copy(update={"conduct": conduct})
    return scenario.model_copy(update={"design": design})
