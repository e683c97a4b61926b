"""The answer about sample size: a frozen record with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.power_result import PowerResult
from simulator.scenario.attrition import Headcount

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["certified", "unresolved", "infeasible"]
Cause = Literal[
    "minimum p",
    "laboratory",
    "losses",
    "no test",
    "flat power",
    "animal limit",
    "time",
    "replicates",
]


@dataclass(frozen=True)
class CrossCheck:
    """A sample size by formula: an approximation, never the answer.

    Attributes
    ----------
    n_per_arm : None where the formula has no answer.
    basis : what the number is of and what it leaves out, or why there is none; the same for all
        formulas.
    method : what is this formula's own.
    """

    name: str
    n_per_arm: int | None
    basis: str
    method: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "name": self.name,
            "n_per_arm": self.n_per_arm,
            "basis": self.basis,
            "method": self.method,
        }


@dataclass(frozen=True, repr=False)
class SampleSizeResult:
    """The number of animals, or why there is none.

    Attributes
    ----------
    status : certified; unresolved (the replicates or minutes allowed do not tell ``candidates``
        apart); or infeasible.
    cause : why there is no n, where it is known: smallest p too large, work that does not
        fit the shifts, animals lost, no test possible, power that more animals do not raise,
        limit of animals; or what ran out.
    n_per_arm : the certified n in an arm of ratio 1, else None.
    candidates : the n that were not told apart, else empty.
    sizes, animals, result : at the certified n; where there is none, at the largest candidate,
        at the n that the limit forbids, or at the top of the range.
    power, power_below : what the target is held against, at that n and one below: fresh
        replicates where certified.
    reason : in words.
    replicates_spent : simulated studies that speak about that n, search and confirmation.
    warnings : where the formulas and the simulation disagree, and why they may.
    """

    scenario_id: str
    digest: str
    seed: int
    status: Status
    target: float
    of: str
    confidence: float
    n_per_arm: int | None
    candidates: tuple[int, ...]
    sizes: Mapping[str, int]
    animals: Headcount
    power: Probability
    power_below: Probability | None
    reason: str
    cause: Cause | None
    replicates_spent: int
    cross_checks: tuple[CrossCheck, ...]
    warnings: tuple[str, ...]
    result: PowerResult

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "status": self.status,
            "target": {"power": self.target, "of": self.of, "confidence": self.confidence},
            "n_per_arm": self.n_per_arm,
            "candidates": list(self.candidates),
            "sizes": dict(self.sizes),
            "animals": self.animals.to_dict(),
            "power": self.power.to_dict(),
            "power_below": None if self.power_below is None else self.power_below.to_dict(),
            "reason": self.reason,
            "cause": self.cause,
            "replicates_spent": self.replicates_spent,
            "cross_checks": [check.to_dict() for check in self.cross_checks],
            "warnings": list(self.warnings),
            "result": self.result.to_dict(),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return the curve, one row per n.

        Examples
        --------
        >>> from simulator import find_sample_size, load_scenario
        >>> answer = find_sample_size(load_scenario("quick-start"), replicates=2000)
        >>> answer.to_frame()["n"].min()
        np.int64(3)
        """
        import pandas as pd

        rows = []
        for point in self.result.curve:
            low, high = point.target.ci
            rows.append(
                {
                    "n": point.n,
                    "power": point.target.value,
                    "power_mcse": point.target.known_mcse,
                    "power_low": low,
                    "power_high": high,
                    "replicates": point.target.replicates,
                    "any": point.any.value,
                    "all": point.all.value,
                    "fwer": point.fwer.value,
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        headline = f"Sample size of {self.scenario_id}: {self.status}"
        if self.n_per_arm is not None:
            headline += (
                f", n = {self.n_per_arm} per arm, {self.animals.enrolled} animals enrolled, "
                f"{self.animals.purchased} purchased"
            )
            if self.animals.kept is not None:
                headline += (
                    ", every arm keeps its n (in its worst endpoint) with probability "
                    f"{self.animals.kept:.3g}"
                )
        checks = [
            f"  {check.name} (approximation): "
            f"{check.n_per_arm if check.n_per_arm is not None else 'no answer'}; "
            f"{check.basis}; {check.method}"
            for check in self.cross_checks
        ]
        warnings = [f"  warning: {warning}" for warning in self.warnings]
        return "\n".join([headline, f"  {self.reason}", *checks, *warnings])
