"""Which values of a scenario a planner turns at: a label, a path, what stands there now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from simulator.output.statement.analysis import ADJUSTMENTS
from simulator.output.wording.rank_test_names import TEST_NAMES
from simulator.scenario import Scenario
from simulator.scenario.analysis_plan import Adjustment

Kind = Literal["text", "number", "choice", "several", "list"]

_OF: Final = {
    "each": "each comparison",
    "any": "at least one comparison",
    "all": "all comparisons at once",
}
_NAMES: Final = {
    "emax": "greatest effect (Emax)",
    "ec50": "dose of half effect (EC50)",
    "ed50": "dose of half effect (ED50)",
    "hill": "steepness (Hill)",
    "rise": "rise of the division rate",
}
_SPREADS: Final = {
    "cv": "coefficient of variation",
    "sd_ln": "SD of the natural logarithms",
    "sd_log2": "SD in two-fold steps",
    "sd": "SD",
}
_ORDERS: Final = {
    "by-block": "by block: arms mixed",
    "randomized": "randomized: over all arms",
    "by-arm": "by arm: one after the other",
    "by-cage": "by cage",
}


@dataclass(frozen=True)
class Field:
    """One value that can be changed.

    Attributes
    ----------
    path : of the change.
    label : for people.
    value : as a file would write it.
    kind : what it is entered with; a ``list`` is a text without the brackets of the file.
    choices : value and what is shown for it, for ``choice`` and ``several``.
    step : of a number.
    """

    path: str
    label: str
    value: str
    kind: Kind = "text"
    choices: Mapping[str, str] | None = None
    step: float | None = None


@dataclass(frozen=True)
class FieldSet:
    """Fields under one heading."""

    heading: str
    fields: Sequence[Field]


def field_sets(scenario: Scenario) -> tuple[FieldSet, ...]:
    """Return the fields of a scenario, what planners change most first."""
    data = scenario.canonical()
    found = {
        "What you want": _wanted(scenario),
        "Doses": _doses(scenario),
        "Days of dosing and reading": _days(scenario),
        "Effect": _effects(scenario, data),
        "How much mice differ": _spread(scenario, data),
        "Test": _test(scenario),
        "Animals, cages, losses": _animals(scenario),
        "Laboratory": _laboratory(scenario),
        "Simulation": _simulation(scenario),
    }
    whole = {heading: tuple(fields) for heading, fields in found.items()}
    return tuple(FieldSet(heading, fields) for heading, fields in whole.items() if fields)


def _wanted(scenario: Scenario) -> Iterator[Field]:
    decision = scenario.decision
    yield _plain_field("decision.power.target", "Target power", decision.power.target)
    yield Field("decision.power.of", "Power of", decision.power.of, "choice", _OF)
    yield _number("decision.n.from", "Mice per arm: from", decision.n.start, 1)
    yield _number("decision.n.to", "Mice per arm: to", decision.n.stop, 1)


def _doses(scenario: Scenario) -> Iterator[Field]:
    for name, arm in scenario.design.arms.items():
        for k, regimen in enumerate(arm.regimens):
            single = len(arm.regimens) == 1
            path = f"design.arms.{name}.{'dose' if single else f'regimens.{k}.dose'}"
            label = f"{name}: {regimen.substance} {regimen.route}"
            dose = regimen.dose.model_dump(mode="json", exclude_none=True)
            shown = dose.get("volume") or dose.get("mass")
            if shown is not None:
                yield Field(path, label, str(shown))


def _days(scenario: Scenario) -> Iterator[Field]:
    for name, schedule in scenario.design.schedules.items():
        days = ", ".join(f"{day:g}" for day in schedule.times)
        label = f"Schedule {name}: days of dosing"
        yield Field(f"design.schedules.{name}.days", label, f"[{days}]", "list")
    for name, endpoint in scenario.design.endpoints.items():
        yield _number(f"design.endpoints.{name}.day", f"{name}: read on day", endpoint.day, 1)


def _effects(scenario: Scenario, data: Mapping[str, Any]) -> Iterator[Field]:
    truth = data["truth"]
    for name in scenario.design.endpoints:
        response = scenario.truth.response_of(name)
        own = truth.get(name, {}).get("response")
        place = f"truth.{name}.response" if own is not None else "truth.response"
        shown = own if own is not None else truth["response"]
        if "control" in truth.get(name, {}):
            level = truth[name]["control"]["value"]
            yield Field(f"truth.{name}.control", f"{name}: control level", _plain(level))
        if response.model == "fold":
            for arm in scenario.design.arms:
                if arm in shown:
                    fold = _plain(shown[arm]["value"])
                    yield Field(f"{place}.{arm}", f"{name}: fold in {arm}", fold)
        elif response.model == "emax":
            yield from _parameters(shown, place, f"{name}: ", ("emax", "ed50", "hill"))
    yield from _parameters(truth["effects"], "truth.effects", "", ("emax", "ec50", "rise"))


def _parameters(node: Any, path: str, label: str, names: tuple[str, ...]) -> Iterator[Field]:
    """Yield the named numbers below a place, labelled by the keys that lead to them."""
    for key, child in node.items():
        if not isinstance(child, Mapping):
            continue
        if "value" in child and "status" in child:
            if key in names:
                words = (
                    f"{label.replace(' any_route', '').strip().removesuffix(':')}: {_NAMES[key]}"
                )
                yield Field(f"{path}.{key}", words, _plain(child["value"]))
            continue
        yield from _parameters(child, f"{path}.{key}", f"{label}{key} ", names)


def _spread(scenario: Scenario, data: Mapping[str, Any]) -> Iterator[Field]:
    spreads = data["truth"]["variability"]
    for name in scenario.design.endpoints:
        for form, words in _SPREADS.items():
            if form in spreads.get(name, {}):
                value = spreads[name][form]["value"]
                path = f"truth.variability.{name}.{form}"
                yield Field(path, f"{name}: {words}", _plain(value))
    for path, words in (
        ("sensitivity.sd_ln", "Drug sensitivity: SD of the natural logarithms"),
        ("cage_icc", "Share of the variance between cages (ICC)"),
    ):
        node: Any = spreads
        for part in path.split("."):
            node = node.get(part, {})
        if "value" in node:
            yield Field(f"truth.variability.{path}", words, _plain(node["value"]))


def _test(scenario: Scenario) -> Iterator[Field]:
    plan, family = scenario.analysis, scenario.decision.power.family
    yield Field("analysis.test", "Test", plan.test, "choice", TEST_NAMES)
    sides = {"two-sided": "two-sided", "greater": "one-sided, greater", "less": "one-sided, less"}
    yield Field("analysis.alternative", "Direction", plan.alternative, "choice", sides)
    if family is None or family not in plan.families:
        return
    chosen = plan.families[family]
    place = f"analysis.families.{family}"
    yield _plain_field(f"{place}.alpha", "Alpha", chosen.alpha)
    adjusts = {one: ADJUSTMENTS[one] for one in get_args(Adjustment)}
    label = "Adjustment for several comparisons"
    yield Field(f"{place}.adjust", label, chosen.adjust, "choice", adjusts)
    compared = {name: name for name in scenario.design.arms if name != chosen.against}
    if len(compared) > 1:
        arms = names_list(chosen.arms)
        yield Field(f"{place}.arms", f"Compared with {chosen.against}", arms, "several", compared)


def _animals(scenario: Scenario) -> Iterator[Field]:
    design = scenario.design
    yield _number("design.animals.per_cage", "Mice per cage", design.animals.per_cage, 1)
    shared = "true" if design.animals.arms_share_cages else "false"
    mixed = {"true": "arms mixed in every cage", "false": "every cage holds one arm"}
    yield Field("design.animals.arms_share_cages", "Cages", shared, "choice", mixed)
    units = {"animal": "animals", "cage": "cages (median of each)"}
    yield Field("analysis.unit", "The test counts", scenario.analysis.unit, "choice", units)
    loss = _share(design.attrition.loss)
    yield Field("design.attrition.loss", "Mice that die before the reading", loss)


def _laboratory(scenario: Scenario) -> Iterator[Field]:
    conduct = scenario.design.conduct
    if conduct is None:
        return
    yield _number("design.conduct.staff", "Technicians", conduct.staff, 1)
    yield _number("design.conduct.days", "Days of the study", conduct.days, 1)
    yield Field("design.conduct.order", "Order of the animals", conduct.order, "choice", _ORDERS)


def _simulation(scenario: Scenario) -> Iterator[Field]:
    decision = scenario.decision
    if decision.mcse is None:
        yield _number("decision.replicates", "Simulated studies", decision.replicates, 1000)
    yield Field("seed", "Seed of the random numbers", str(scenario.seed))


def names_list(names: Iterable[str]) -> str:
    """Return names as a file would write a list of them."""
    return json.dumps(list(names), ensure_ascii=False)


def _plain_field(path: str, label: str, value: float) -> Field:
    """Return a share to be written as 0.8 or as 80 %, which no number input takes."""
    return Field(path, label, f"{value:.12g}")


def _number(path: str, label: str, value: float, step: float) -> Field:
    return Field(path, label, f"{value:.12g}", "number", step=step)


def _plain(value: object) -> str:
    """Return a value as a file would write it."""
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _share(value: float) -> str:
    return f"{100 * value:.6g} %"
