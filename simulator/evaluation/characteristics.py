"""Numbers that carry their own simulation error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any


@dataclass(frozen=True)
class Probability:
    """Share of replicates in which something happened.

    Attributes
    ----------
    count : replicates in which it happened.
    replicates : replicates in all, at least 1.
    """

    count: int
    replicates: int

    def __post_init__(self) -> None:
        if self.replicates < 1 or not 0 <= self.count <= self.replicates:
            raise ValueError(f"{self.count} of {self.replicates} is not a share of replicates")

    @property
    def value(self) -> float:
        """The share itself, 0 to 1."""
        return self.count / self.replicates

    @property
    def mcse(self) -> float:
        """Monte Carlo standard error sqrt(p(1-p)/R) (Morris, White & Crowther 2019)."""
        return math.sqrt(self.value * (1 - self.value) / self.replicates)

    @property
    def known_mcse(self) -> float | None:
        """The Monte Carlo standard error to print; None where it happened never or always.

        There its formula gives 0, though the share is not known for certain: the interval alone
        says how far it is.
        """
        return self.mcse if 0 < self.count < self.replicates else None

    @property
    def ci(self) -> tuple[float, float]:
        """Wilson interval at 95 %."""
        return self.interval(0.95)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the Wilson score interval (Wilson 1927), which never leaves [0, 1].

        Parameters
        ----------
        confidence : two-sided level, between 0 and 1.
        """
        if not 0 < confidence < 1:
            raise ValueError(f"confidence must be between 0 and 1, not {confidence}")
        z = NormalDist().inv_cdf(0.5 + confidence / 2)
        total, share = self.replicates, self.value
        centre = (share + z * z / (2 * total)) / (1 + z * z / total)
        half = (
            z
            / (1 + z * z / total)
            * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
        )
        # at 0 and R events one limit is exactly 0 or 1; rounding must not move it
        low = 0.0 if self.count == 0 else max(0.0, centre - half)
        high = 1.0 if self.count == total else min(1.0, centre + half)
        return low, high

    def __add__(self, other: Probability) -> Probability:
        """Pool with disjoint replicates of the same probability."""
        return Probability(self.count + other.count, self.replicates + other.replicates)

    def to_dict(self) -> dict[str, Any]:
        """Return value, mcse (see ``known_mcse``), ci and replicates as plain numbers."""
        return {
            "value": self.value,
            "mcse": self.known_mcse,
            "ci": list(self.ci),
            "replicates": self.replicates,
        }

    def __str__(self) -> str:
        low, high = self.ci
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}]"


@dataclass(frozen=True)
class Estimate:
    """A simulated mean or quantile with its Monte Carlo standard error."""

    value: float
    mcse: float

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the normal interval; no numbers where the error is not known.

        Parameters
        ----------
        confidence : two-sided level, between 0 and 1.
        """
        reach = NormalDist().inv_cdf(0.5 + confidence / 2) * self.mcse
        return self.value - reach, self.value + reach

    def to_dict(self) -> dict[str, float | None]:
        """Return value and mcse; None where there is no number, which JSON can hold."""
        return {"value": _number(self.value), "mcse": _number(self.mcse)}

    def __str__(self) -> str:
        return f"{self.value:.4g} ± {self.mcse:.2g}"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
