"""The ends between which each assumption is varied, and the study at either end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulator.evaluation.sensitivity.used import Used
from simulator.scenario import Scenario
from simulator.scenario.noun import Parameter
from simulator.scenario.priors import Place, Prior, parameters, priors, with_values
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.node import located
from simulator.scenario_files.resolution import resolve

#: A number without a range goes so far either way.
EITHER_WAY = 0.20
#: Losses where none are planned.
LOST = 0.10
#: A number with a distribution goes between these quantiles of it.
QUANTILES = (0.05, 0.95)
LOSS: Place = ("design", "attrition", "loss")

#: Where the ends are from.
Basis = Literal[
    "its range",
    "range of the default",
    "5 % to 95 % of its distribution",
    "20 % either way, assumed",
    "up to 10 %, assumed",
]
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Varied:
    """One assumption and its ends.

    Attributes
    ----------
    place, path : where it stands in the resolved scenario; a path as in ``decision.worlds``.
    value, low, high : as planned, and the ends, in the units of the resolved scenario.
    """

    place: Place
    value: float
    low: float
    high: float
    basis: Basis

    @property
    def path(self) -> str:
        """The place as a path of the file."""
        return ".".join(self.place)


@dataclass(frozen=True)
class Changed:
    """The study with one number changed.

    Attributes
    ----------
    scenario : None where the number cannot be so.
    shown : the number as a file would write it, in few digits.
    problem : why it cannot be so; empty where it can.
    """

    scenario: Scenario | None
    shown: str
    problem: str


def varied(scenario: Scenario) -> tuple[list[Varied], dict[str, str]]:
    """Return the assumptions with their ends, and by path why others are left as they are.

    Ends are, in this order: the range that comes with it; the 5 % and 95 % quantiles of its
    distribution; the range of the program's default for this number, if the value lies in it;
    20 % either way. Where no losses are planned, up to 10 % are tried.

    Parameters
    ----------
    scenario : resolved, with the decision's family alone (``decision_only``).
    """
    used, beliefs = Used(scenario), priors(scenario)
    found: list[Varied] = []
    left: dict[str, str] = {}
    for place, parameter in parameters(scenario):
        if not used(place):
            continue
        ends = _ends(scenario, place, parameter, beliefs)
        if isinstance(ends, str):
            left[".".join(place)] = ends
        else:
            found.append(Varied(place, float(parameter.value), *ends))
    loss = scenario.design.attrition.loss
    low, high = ((1 - EITHER_WAY) * loss, (1 + EITHER_WAY) * loss) if loss else (0.0, LOST)
    basis: Basis = "20 % either way, assumed" if loss else "up to 10 %, assumed"
    found.append(Varied(LOSS, loss, low, high, basis))
    return found, left


def _ends(
    scenario: Scenario, place: Place, parameter: Parameter[Any], beliefs: Mapping[Place, Prior]
) -> tuple[float, float, Basis] | str:
    value = float(parameter.value)
    default = _default(scenario, place)
    if parameter.range is not None:
        low, high = map(float, parameter.range)
        return low, high, "range of the default" if parameter == default else "its range"
    if place in beliefs:
        low, high = (beliefs[place].quantile(share) for share in QUANTILES)
        return low, high, "5 % to 95 % of its distribution"
    if default is not None and default.range is not None:
        low, high = map(float, default.range)
        if low <= value <= high:
            return low, high, "range of the default"
    if value == 0.0:
        return "0, and no range is stated"
    if value == 1.0 and place[-2] == "response":  # a fold
        return "no effect, and no range is stated"
    low, high = sorted(((1 - EITHER_WAY) * value, (1 + EITHER_WAY) * value))
    return low, high, "20 % either way, assumed"


def _default(scenario: Scenario, place: Place) -> Parameter[Any] | None:
    """Return what would stand at a place if the file did not say; None where nothing would."""
    holder: Any = scenario
    for key in place[:-1]:
        extra = getattr(holder, "__pydantic_extra__", None) or {}
        if isinstance(holder, Mapping):
            holder = holder[key]
        else:
            holder = extra[key] if key in extra else getattr(holder, key)
    field = type(holder).model_fields.get(place[-1])
    return field.default if field is not None and isinstance(field.default, Parameter) else None


def at(scenario: Scenario, one: Varied, value: float) -> Changed:
    """Return the study with one number changed, loaded like a file, so that it is criticised."""
    if one.place == LOSS:
        attrition = scenario.design.attrition.model_copy(update={"loss": value})
        design = scenario.design.model_copy(update={"attrition": attrition})
        other = scenario.model_copy(update={"design": design})
    else:
        other = with_values(scenario, {one.place: value})
    document = other.canonical()
    document["decision"]["worlds"] = {}
    shown = _shown(_written(document, one.place))
    found = Collector()
    try:
        resolved = resolve(located(document), found).scenario
    except ValueError as error:  # an arm that cannot be enrolled, say
        return Changed(None, shown, str(error))
    if found.errors or resolved is None:
        return Changed(None, shown, found.errors[0].message if found.errors else "refused")
    return Changed(resolved, shown, "")


def _written(document: Any, place: Place) -> str:
    """Return the number at a place as a file writes it."""
    for key in place:
        document = document[key]
    written = document["value"] if isinstance(document, dict) else document
    return str(written)


def _shown(written: str) -> str:
    """Return a written number with three digits."""

    def short(match: re.Match[str]) -> str:
        text = f"{float(match[0]):.3g}"
        return text if "e" not in text else f"{float(text):g}"

    return _NUMBER.sub(short, written, count=1)
