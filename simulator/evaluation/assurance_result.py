"""What assurance says: at every n, over the draws of the priors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.staying import stays_from
from simulator.streams import BLOCK_SIZE

#: Shares of the draws whose power is reported.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: With fewer draws nothing is said of single draws, and the interval is too narrow.
ENOUGH_DRAWS = 30


@dataclass(frozen=True)
class Averaged:
    """A probability averaged over the draws of the priors, with its 95 % interval."""

    value: float
    mcse: float
    ci: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers; no error where a single draw has none."""
        return {
            "value": self.value,
            "mcse": self.mcse if math.isfinite(self.mcse) else None,
            "ci": list(self.ci),
        }


@dataclass(frozen=True)
class AssurancePoint:
    """Assurance at one n.

    Attributes
    ----------
    assurance : of what the decision asks; for ``each`` that of the comparison that has least.
    planned_way : the same, without the draws whose true effect is opposite to the planned one;
        None where the test is one-sided, or of any of several comparisons: which is not known.
    least : mean of what the decision asks in each draw, for ``each`` of the comparison that has
        least in this draw: at most the assurance.
    reached : share of the draws in which this reaches the target; None of fewer draws than 30.
    quantiles : what this is below in the shares ``QUANTILES`` of the draws; None likewise.
    """

    n: int
    assurance: Averaged
    planned_way: Averaged | None
    least: Averaged
    reached: Averaged | None
    quantiles: tuple[float, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "n": self.n,
            "assurance": self.assurance.to_dict(),
            "planned_direction": None if self.planned_way is None else self.planned_way.to_dict(),
            "least_in_a_draw": self.least.to_dict(),
            "reaches_target": None if self.reached is None else self.reached.to_dict(),
            "power_quantiles": None
            if self.quantiles is None
            else dict(zip(map(str, QUANTILES), self.quantiles, strict=True)),
        }


@dataclass(frozen=True)
class ComparisonAssurance:
    """Assurance of one comparison at n."""

    family: str
    endpoint: str
    treated: str
    control: str
    assurance: Averaged

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {**vars(self), "assurance": self.assurance.to_dict()}


@dataclass(frozen=True)
class Assurance:
    """What a study shows on average over its priors.

    Attributes
    ----------
    priors : the distributions, by the path of their number.
    target, of : what the decision wants.
    asked : number of comparisons that the decision asks about.
    other_way : share of the draws in which one of them has a true effect opposite to the planned
        one; None where the test is one-sided.
    way_planned : False where one of them is planned without an effect: then the likelier direction
        stands for the planned one.
    comparisons : at n, in the plan's order.
    still_rising : whether the assurance is shown to rise over the last third of the range.
    powers : power of each draw at n as seen in its studies, with their noise.
    curve : over the decision's range of n.
    """

    n_per_arm: int
    draws: int
    priors: Mapping[str, str]
    target: float
    of: str
    asked: int
    other_way: Probability | None
    way_planned: bool
    comparisons: tuple[ComparisonAssurance, ...]
    still_rising: bool
    powers: tuple[float, ...]
    curve: tuple[AssurancePoint, ...]

    @property
    def point(self) -> AssurancePoint:
        """The curve at n."""
        return next(point for point in self.curve if point.n == self.n_per_arm)

    @property
    def n_reaching(self) -> int | None:
        """The smallest n from which on assurance reaches the target, None beyond the range."""
        return self._reaching([point.assurance.value for point in self.curve])

    @property
    def n_reaching_ci(self) -> tuple[int | None, int | None]:
        """The same by the upper and by the lower limits of the assurance."""
        limits = [point.assurance.ci for point in self.curve]
        lows, highs = zip(*limits, strict=True)
        return self._reaching(highs), self._reaching(lows)

    def _reaching(self, values: Sequence[float]) -> int | None:
        return stays_from([p.n for p in self.curve], [value >= self.target for value in values])

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "n_per_arm": self.n_per_arm,
            "draws": self.draws,
            "replicates_per_draw": BLOCK_SIZE,
            "priors": dict(self.priors),
            "target": self.target,
            "of": self.of,
            "comparisons_asked": self.asked,
            "direction": "planned" if self.way_planned else "likelier",
            "draws_opposite_to_plan": None if self.other_way is None else self.other_way.to_dict(),
            **{key: value for key, value in self.point.to_dict().items() if key != "n"},
            "n_reaching_target": {"estimate": self.n_reaching, "ci": list(self.n_reaching_ci)},
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "still_rising": self.still_rising,
            "powers": list(self.powers),
            "curve": [point.to_dict() for point in self.curve],
        }
