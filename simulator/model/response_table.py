"""Arm + endpoint + sensitivity -> expected log response, for the three response models.

The kinetic model is solved once per distinct exposure over a grid of sensitivities and
interpolated per animal by a cubic spline of ln AFC: as exact as solving every animal (proven in
``tests/verification/test_kinetics.py``) at the price of a table look-up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.model.exposure import ActiveRegimen
from simulator.model.kinetic_table import AfcCurve, ExposureTables
from simulator.model.regimens import active_regimens, known_mass
from simulator.scenario import Arm, Endpoint, Scenario
from simulator.scenario.truth import EmaxResponse

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Constant:
    """The same response whatever the sensitivity."""

    level: float
    graded = False

    def __call__(self, shift: Floats, *, exact: bool) -> Floats:  # noqa: ARG002
        return np.full(np.shape(shift), self.level)


@dataclass(frozen=True)
class _Curves:
    """A level and the saturating curves of one arm: (emax, ed50, hill, dose)."""

    level: float
    terms: tuple[tuple[float, float, float, float], ...]

    @property
    def graded(self) -> bool:
        return any(emax != 0.0 and dose > 0 for emax, _, _, dose in self.terms)

    def __call__(self, shift: Floats, *, exact: bool) -> Floats:  # noqa: ARG002
        total = np.full(np.shape(shift), self.level)
        for emax, ed50, hill, dose in self.terms:
            if dose > 0:
                total += emax / (1.0 + np.exp(hill * (math.log(ed50) + shift - math.log(dose))))
        return total


@dataclass(frozen=True)
class _Kinetic:
    """level + exponent * ln AFC."""

    level: float
    exponent: float
    afc: AfcCurve

    @property
    def graded(self) -> bool:
        return self.exponent != 0.0 and self.afc.spline is not None

    def __call__(self, shift: Floats, *, exact: bool) -> Floats:
        if self.exponent == 0.0:
            return np.full(np.shape(shift), self.level)
        found = self.afc.ln_afc(shift, exact=exact)
        found *= self.exponent
        found += self.level
        return found


_Entry = _Constant | _Curves | _Kinetic


@dataclass(frozen=True)
class Responses:
    """Expected response of every arm and endpoint.

    Attributes
    ----------
    entries : by arm and endpoint.
    background : ln of the response of an animal whose immunization failed, by immune endpoint.
    """

    entries: Mapping[tuple[str, str], _Entry]
    background: Mapping[str, float]

    def graded(self, arm: str, endpoint: str) -> bool:
        """Return whether an animal's sensitivity changes its response.

        Where it does not, one ``shift`` of 0 stands for every animal's.
        """
        return self.entries[arm, endpoint].graded

    def same(self, other: Responses, arm: str, endpoint: str) -> bool:
        """Return whether every animal responds alike in both: two constants that are equal."""
        if self.graded(arm, endpoint) or other.graded(arm, endpoint):
            return False
        typical = np.zeros(1)
        levels = [table.entries[arm, endpoint](typical, exact=False) for table in (self, other)]
        backgrounds = [table.background.get(endpoint) for table in (self, other)]
        return bool(levels[0] == levels[1]) and backgrounds[0] == backgrounds[1]

    def log_response(
        self,
        arm: str,
        endpoint: str,
        shift: Floats,
        immunized: NDArray[np.bool_] | None = None,
        *,
        exact: bool = False,
    ) -> Floats:
        """Return ln of the expected response in the endpoint's unit.

        Median for log-normal endpoints, mean for the others.

        Parameters
        ----------
        arm, endpoint : ids.
        shift : any shape, each animal's shift of ln EC50 (0 for the typical animal).
        immunized : same shape; animals whose immunization failed give the background.
        exact : solve the kinetic model for every animal instead of interpolating.
        """
        found = self.entries[arm, endpoint](np.asarray(shift, dtype=np.float64), exact=exact)
        if immunized is not None and endpoint in self.background:
            found = np.where(immunized, found, self.background[endpoint])
        return found


def respond(scenario: Scenario) -> Responses:
    """Build the response table of a resolved scenario.

    Raises
    ------
    ValueError : the scenario lacks a number that a response needs, or an arm's substances have
        different titer exponents. The loader reports these with their place in the file.
    """
    tables = ExposureTables(scenario)
    entries: dict[tuple[str, str], _Entry] = {}
    for endpoint_id, endpoint in scenario.design.endpoints.items():
        response = scenario.truth.response_of(endpoint_id)
        for arm_id, arm in scenario.design.arms.items():
            if response.model == "kinetic":
                if not endpoint.immune:
                    raise ValueError(f"{endpoint_id}: the kinetic model gives AFC and titer only")
                entries[arm_id, endpoint_id] = _kinetic(scenario, tables, arm_id, endpoint)
                continue
            level = math.log(_control(scenario, endpoint_id))
            if response.model == "emax":
                entries[arm_id, endpoint_id] = _curves(response, arm, level)
            else:
                fold = response.folds.get(arm_id)
                ln_fold = 0.0 if fold is None else math.log(fold.value)
                entries[arm_id, endpoint_id] = _Constant(level + ln_fold)
    rates = scenario.truth.kinetics
    background = {
        key: math.log(rates.Pbg.value if endpoint.kind == "plaque_count" else rates.Mnat.value)
        for key, endpoint in scenario.design.endpoints.items()
        if endpoint.immune
    }
    return Responses(entries, background)


def _control(scenario: Scenario, endpoint_id: str) -> float:
    """Return the control level of an endpoint in its own unit."""
    stated = scenario.truth.endpoints.get(endpoint_id)
    if stated is None or stated.control is None:
        raise ValueError(f"truth.{endpoint_id}.control: the level of control animals is missing")
    return stated.control.value


def _curves(response: EmaxResponse, arm: Arm, level: float) -> _Entry:
    terms = []
    for regimen in arm.regimens:
        routes = response.curves.get(regimen.substance)
        curve = getattr(routes, regimen.route) if routes is not None else None
        if curve is None:
            continue
        mass = known_mass(regimen.dose.mass, regimen.substance)
        terms.append((curve.emax.value, curve.ed50.value, curve.hill.value, mass))
    return _Curves(level, tuple(terms)) if terms else _Constant(level)


def _kinetic(scenario: Scenario, tables: ExposureTables, arm_id: str, endpoint: Endpoint) -> _Entry:
    regimens = active_regimens(scenario, arm_id)
    curve = tables.curve(regimens, day=endpoint.day)
    level, exponent = 0.0, 1.0
    if endpoint.kind == "titer":
        # titer = titer without drugs * (AFC fold of the same day) ^ exponent
        exponent = titer_exponent(scenario, regimens)
        plain = tables.curve((), day=endpoint.day).at_zero
        level = math.log(tables.plain_titer(endpoint.day)) - exponent * plain
    if curve.spline is None:
        return _Constant(level + exponent * curve.at_zero)
    return _Kinetic(level, exponent, curve)


def titer_exponent(scenario: Scenario, regimens: Sequence[ActiveRegimen]) -> float:
    """Return the power of the AFC fold that titer follows in an arm; 0 without drugs.

    Raises
    ------
    ValueError : the arm's substances have different exponents.
    """
    effects = scenario.truth.effects
    exponents = {effects[regimen.substance].titer_exponent.value for regimen in regimens}
    if len(exponents) > 1:
        names = " and ".join(sorted({regimen.substance for regimen in regimens}))
        raise ValueError(f"{names} are given together but differ in titer_exponent")
    return exponents.pop() if exponents else 0.0
