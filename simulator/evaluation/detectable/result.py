"""The smallest detectable effect: frozen records, a table, JSON-ready numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.detectable.one_effect import Direction

if TYPE_CHECKING:
    import pandas as pd

#: ``found``: there is such an effect; ``none needed``: the target is met without any effect;
#: ``out of reach``: no effect that can be tried reaches the target.
Status = Literal["found", "none needed", "out of reach"]
#: How a planner says the effect on an endpoint: in folds, two-fold steps, or its unit.
Scale = Literal["fold", "steps", "difference"]
#: Why effects were looked for in this direction: it was asked for; the test knows no other; every
#: planned effect goes down; or nothing of that, so that rises were.
Chosen = Literal["asked for", "one-sided test", "planned effects", "default"]
Verdict = Literal["larger", "smaller", "not told apart", "other direction", "none planned"]


@dataclass(frozen=True)
class Fold:
    """A fold over control with its 95 % interval of the simulation.

    Attributes
    ----------
    low, high : ends of the interval, low < high; None where it does not end within what can be
        tried.
    """

    value: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fold, and the same in percent and in two-fold steps."""
        ends = (self.low, self.high)
        return {
            "value": self.value,
            "ci": list(ends),
            "percent": 100 * (self.value - 1),
            "percent_ci": [None if end is None else 100 * (end - 1) for end in ends],
            "steps": _log2(self.value),
            "steps_ci": [None if end is None else _log2(end) for end in ends],
        }


@dataclass(frozen=True)
class EndpointEffect:
    """The detectable effect on one endpoint.

    Attributes
    ----------
    scale, unit : how it is said; the unit of a difference.
    control : planned level of the control, the mean where the scale is a difference.
    fold : the effect.
    relative_effect : P(treated > control) + P(equal)/2 of true values at that fold, with its
        own error; ``relative_ci`` the same at the ends of the fold's interval.
    """

    endpoint: str
    scale: Scale
    unit: str
    control: float
    fold: Fold
    relative_effect: Estimate
    relative_ci: tuple[float | None, float | None]

    def difference(self, fold: float | None) -> float | None:
        """Return a fold as a difference in the endpoint's unit."""
        return None if fold is None else self.control * (fold - 1)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        ends = (self.fold.low, self.fold.high)
        return {
            "endpoint": self.endpoint,
            "scale": self.scale,
            "unit": self.unit,
            "control": self.control,
            "fold": self.fold.to_dict(),
            "difference": {
                "value": self.difference(self.fold.value),
                "ci": [self.difference(end) for end in ends],
            },
            "relative_effect": {
                **self.relative_effect.to_dict(),
                "ci": list(self.relative_ci),
            },
        }


@dataclass(frozen=True)
class DetectableAt:
    """The answer at one n.

    Attributes
    ----------
    power : what the decision asks of the plan, at the effect found; at the largest that was
        tried where none was found; without effect where none is needed.
    without : the same where there is no effect: what of the power is false alarms.
    effects : per endpoint of the decision; empty unless found.
    tried : fold that was the largest (or smallest) to be tried.
    reason : why there is no such effect; empty where there is.
    """

    n: int
    sizes: Mapping[str, int]
    animals: int
    status: Status
    power: Probability
    without: Probability
    effects: tuple[EndpointEffect, ...]
    tried: float
    reason: str

    @property
    def fold(self) -> Fold | None:
        """The effect, the same on every endpoint."""
        return self.effects[0].fold if self.effects else None

    def verdict(self, planned: float) -> Verdict | None:
        """Return how a planned fold compares with the detectable one; None where there is none.

        Larger or smaller in the direction that is asked for, beyond the interval.
        """
        if self.fold is None:
            return None
        sign = 1.0 if self.fold.value >= 1 else -1.0
        if planned == 1.0:
            return "none planned"
        if sign * math.log(planned) < 0:
            return "other direction"
        ends = [self.fold.low, self.fold.high]
        logs = [math.inf if end is None else sign * math.log(end) for end in ends]
        if sign * math.log(planned) > max(logs):
            return "larger"
        return "smaller" if sign * math.log(planned) < min(logs) else "not told apart"

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "n": self.n,
            "sizes": dict(self.sizes),
            "animals": self.animals,
            "status": self.status,
            "fold": None if self.fold is None else self.fold.to_dict(),
            "power": self.power.to_dict(),
            "without_effect": self.without.to_dict(),
            "endpoints": [effect.to_dict() for effect in self.effects],
            "tried": self.tried,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class PlannedEffect:
    """What the file plans for one comparison of the decision: fold of the typical animal."""

    endpoint: str
    treated: str
    control: str
    fold: float


@dataclass(frozen=True, repr=False)
class Detectable:
    """The smallest detectable effect at one n or several.

    Attributes
    ----------
    of : whose power is to reach the target: each, any or all of the planned comparisons.
    direction, chosen : of the effects that were tried, and why.
    points : ascending in n.
    simplified : what a stated fold cannot carry of the planned response, or None.
    """

    scenario_id: str
    digest: str
    seed: int
    family: str
    target: float
    of: str
    direction: Direction
    chosen: Chosen
    replicates: int
    planned: tuple[PlannedEffect, ...]
    points: tuple[DetectableAt, ...]
    simplified: str | None

    @property
    def errs_upwards(self) -> bool:
        """Whether the effect is that of the least of several simulated powers.

        The least of several estimates lies below the least of the true powers, by part of their
        error, so the effect is a little too large; the interval allows for it.
        """
        return self.of == "each" and len(self.planned) > 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "family": self.family,
            "target": self.target,
            "of": self.of,
            "direction": self.direction,
            "direction_chosen": self.chosen,
            "replicates": self.replicates,
            "simplified": self.simplified,
            "points": [point.to_dict() for point in self.points],
            "planned": [
                {
                    "endpoint": one.endpoint,
                    "treated": one.treated,
                    "control": one.control,
                    "fold": one.fold,
                    "against_detectable": [
                        {"n": point.n, "verdict": point.verdict(one.fold)} for point in self.points
                    ],
                }
                for one in self.planned
            ],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a row per n and endpoint; missing numbers where there is no such effect."""
        import pandas as pd

        return pd.DataFrame([row for point in self.points for row in self._rows(point)])

    def _rows(self, point: DetectableAt) -> list[dict[str, Any]]:
        common = {
            "n": point.n,
            "animals": point.animals,
            "family": self.family,
            "target": self.target,
            "of": self.of,
            "direction": self.direction,
            "status": point.status,
            "power": point.power.value,
            "power_low": point.power.ci[0],
            "power_high": point.power.ci[1],
            "replicates": point.power.replicates,
        }
        if not point.effects:
            endpoints = dict.fromkeys(one.endpoint for one in self.planned)
            return [{**common, "endpoint": endpoint} for endpoint in endpoints]
        return [
            {
                **common,
                "endpoint": effect.endpoint,
                "fold": effect.fold.value,
                "fold_low": effect.fold.low,
                "fold_high": effect.fold.high,
                "steps": _log2(effect.fold.value),
                "difference": effect.difference(effect.fold.value),
                "unit": effect.unit,
                "relative_effect": effect.relative_effect.value,
                "relative_effect_mcse": effect.relative_effect.mcse,
            }
            for effect in point.effects
        ]

    def __repr__(self) -> str:
        lines = [
            f"Smallest detectable effect of {self.scenario_id}: power {self.target:g} of "
            f"{self.of}, {self.replicates:,} simulated studies of every effect, seed {self.seed}"
        ]
        for point in self.points:
            said = point.reason
            if point.fold is not None:
                ends = [
                    f"{e:.3g}" if e is not None else "?" for e in (point.fold.low, point.fold.high)
                ]
                said = f"{point.fold.value:.3g} fold [{', '.join(ends)}]"
            lines.append(f"  n = {point.n}: {said}")
        return "\n".join(lines)


def _log2(fold: float) -> float:
    return math.log2(fold)
