"""What is believed of a number of nature that is not known: its prior, within what is possible.

A prior's numbers are independent of each other. A number that several endpoints take from the
study's own response is one number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from simulator.scenario.completion import with_extra
from simulator.scenario.fields import Unit
from simulator.scenario.noun import PRIORS, Noun, Parameter
from simulator.scenario.study import Scenario

#: Where a number stands: keys from ``truth`` on.
Place = tuple[str, ...]


@dataclass(frozen=True)
class Prior:
    """A distribution cut off at the bounds of what its number may be.

    Attributes
    ----------
    kind : ``normal`` (mean, sd), ``lognormal`` (median, sd of the logarithm) or ``uniform``
        (lowest, highest); ``first`` and ``second`` are these two numbers.
    low, high : bounds of the number; infinite where there are none.
    """

    kind: str
    first: float
    second: float
    low: float = -math.inf
    high: float = math.inf

    @property
    def outside(self) -> float:
        """Probability that the distribution, were it not cut off, gives to what cannot be."""
        return 1.0 - (self._cdf(self.high) - self._cdf(self.low))

    def quantile(self, share: float) -> float:
        """Return the number that lies above a share (0 to 1) of the distribution as cut off."""
        below, above = self._cdf(self.low), self._cdf(self.high)
        whole = below + share * (above - below)
        return min(max(self._inverse(whole), self.low), self.high)

    def __str__(self) -> str:
        one, two = f"{self.first:.6g}", f"{self.second:.6g}"
        return {
            "normal": f"normal, mean {one}, sd {two}",
            "lognormal": f"lognormal, median {one}, sd of the logarithm {two}",
            "uniform": f"uniform, {one} to {two}",
        }[self.kind]

    def _cdf(self, x: float) -> float:
        if math.isinf(x):
            return float(x > 0)
        if self.kind == "uniform":
            return min(max((x - self.first) / (self.second - self.first), 0.0), 1.0)
        if self.kind == "normal":
            return NormalDist(self.first, self.second).cdf(x)
        return 0.0 if x <= 0 else NormalDist(math.log(self.first), self.second).cdf(math.log(x))

    def _inverse(self, share: float) -> float:
        if self.kind == "uniform":
            return self.first + share * (self.second - self.first)
        if not 0 < share < 1:
            return self.low if share <= 0 else self.high
        if self.kind == "normal":
            return NormalDist(self.first, self.second).inv_cdf(share)
        return math.exp(NormalDist(math.log(self.first), self.second).inv_cdf(share))


def parameters(scenario: Scenario) -> Iterator[tuple[Place, Parameter[Any]]]:
    """Yield every number of nature of a resolved scenario with its place."""
    yield from _within(scenario.truth, ("truth",))


def priors(scenario: Scenario) -> dict[Place, Prior]:
    """Return the priors of a resolved scenario, each number once."""
    found: dict[Place, Prior] = {}
    for place, parameter in parameters(scenario):
        kind = parameter.prior
        if kind is not None and _source(scenario, place) == place:
            first, second = getattr(parameter, kind)
            found[place] = Prior(kind, first, second, *_bounds(scenario, place, parameter))
    return found


def believed(scenario: Scenario) -> dict[str, str]:
    """Return the priors in words, by the path of their number."""
    return {".".join(place): told(prior) for place, prior in priors(scenario).items()}


def told(prior: Prior) -> str:
    """Return a prior in words, with what it means: its 5 % to 95 %."""
    return f"{prior}, 5 % to 95 %: {prior.quantile(0.05):.3g} to {prior.quantile(0.95):.3g}"


def with_values(scenario: Scenario, values: Mapping[Place, float]) -> Scenario:
    """Return the scenario with other numbers of nature, which are then taken as known.

    Parameters
    ----------
    values : by place, in the units of the resolved scenario; endpoints that take a number from
        the study's own response follow it.
    """
    given = {
        place: values[_source(scenario, place)]
        for place, _ in parameters(scenario)
        if _source(scenario, place) in values
    }
    truth = _replaced(scenario.truth, ("truth",), given)
    return scenario.model_copy(update={"truth": truth})


def _within(holder: Any, place: Place) -> Iterator[tuple[Place, Parameter[Any]]]:
    if isinstance(holder, Parameter):
        yield place, holder
    else:
        for key, child in _children(holder):
            yield from _within(child, (*place, key))


def _children(holder: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(holder, Noun):
        yield from ((key, getattr(holder, key)) for key in type(holder).model_fields)
        yield from (holder.__pydantic_extra__ or {}).items()
    elif isinstance(holder, Mapping):
        yield from holder.items()


def _replaced(holder: Any, place: Place, values: Mapping[Place, float]) -> Any:
    if not any(known[: len(place)] == place for known in values):
        return holder
    if isinstance(holder, Parameter):
        free = dict.fromkeys(PRIORS)
        return holder.model_copy(update={**free, "value": values[place]})
    inner = {key: _replaced(child, (*place, key), values) for key, child in _children(holder)}
    if not isinstance(holder, Noun):
        return inner
    own = {key: child for key, child in inner.items() if key in type(holder).model_fields}
    changed = holder.model_copy(update=own)
    extra = {key: child for key, child in inner.items() if key not in own}
    return with_extra(changed, extra) if extra else changed


def _source(scenario: Scenario, place: Place) -> Place:
    """Return where a number comes from: the study's response, where an endpoint follows it."""
    truth = scenario.truth
    if len(place) > 3 and place[1] in truth.endpoints and place[2] == "response":
        own = truth.endpoints[place[1]].response
        if own == truth.response:
            return ("truth", *place[2:])
    return place


def _bounds(scenario: Scenario, place: Place, parameter: Parameter[Any]) -> tuple[float, float]:
    for unit in type(parameter).model_fields["value"].metadata:
        if isinstance(unit, Unit):
            low = -math.inf if unit.ge is None else unit.ge
            if unit.gt is not None:
                low = math.nextafter(unit.gt, math.inf)
            return low, math.inf if unit.le is None else unit.le
    # a level or sd of an endpoint, in its own unit
    if place[-1] == "control":
        share = scenario.design.endpoints[place[1]].kind == "phagocytic_percentage"
        return math.nextafter(0.0, 1.0), math.nextafter(100.0, 0.0) if share else math.inf
    return 0.0, math.inf
