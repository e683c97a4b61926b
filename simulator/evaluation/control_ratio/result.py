"""The answer about the shared control: frozen records, a table, JSON-ready numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.control_ratio.families import FamilyAt
from simulator.evaluation.control_ratio.removal import Removal
from simulator.scenario.attrition import Headcount

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["certified", "unresolved", "infeasible"]


@dataclass(frozen=True)
class Allocation:
    """One pair of sizes.

    Attributes
    ----------
    n_control, n_treated : animals of the control, and of a treated arm.
    sizes : animals enrolled per arm.
    power : what the target is held against there.
    """

    n_control: int
    n_treated: int
    sizes: Mapping[str, int]
    animals: Headcount
    power: Probability

    @property
    def ratio(self) -> float:
        """Control animals for each treated one."""
        return self.n_control / self.n_treated

    @property
    def total(self) -> int:
        """Animals purchased for the whole study."""
        return self.animals.purchased

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "n_control": self.n_control,
            "n_treated": self.n_treated,
            "ratio": self.ratio,
            "sizes": dict(self.sizes),
            "animals": self.animals.to_dict(),
            "power": self.power.to_dict(),
        }

    def __str__(self) -> str:
        return f"{self.n_control} control and {self.n_treated} per treated arm"


@dataclass(frozen=True)
class RatioRow:
    """A ratio, and the fewest animals that are enough at it.

    Attributes
    ----------
    name : what the ratio is: equal, square-root rule, ...
    ratio : the one asked for; that of whole animals is the allocation's.
    allocation : None where no pair that was looked at is shown to be enough.
    seen : whether any pair of this ratio was looked at.
    """

    name: str
    ratio: float
    allocation: Allocation | None
    seen: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        found = None if self.allocation is None else self.allocation.to_dict()
        return {"name": self.name, "ratio": self.ratio, "seen": self.seen, "allocation": found}


@dataclass(frozen=True)
class Line:
    """What is enough with one number of controls.

    Attributes
    ----------
    enough : the fewest treated animals shown to be enough; None where none are.
    lowest : the fewest that are not shown to be too few.
    """

    enough: Allocation | None
    lowest: Allocation | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        pairs = {"enough": self.enough, "lowest": self.lowest}
        return {key: None if one is None else one.to_dict() for key, one in pairs.items()}


@dataclass(frozen=True)
class Saving:
    """Animals that the best pair saves against equal arms.

    Attributes
    ----------
    value : between the two that were shown to be enough.
    low, high : as far as the simulation tells: fewer if equal arms of fewer animals are enough
        that were not told, more if such pairs are.
    """

    value: int
    low: int
    high: int

    def to_dict(self) -> dict[str, int]:
        """Return plain numbers."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, repr=False)
class ControlRatioResult:
    """How many animals for the control, and what that saves.

    Attributes
    ----------
    status : certified: no pair of fewer animals is left open; unresolved: those in ``open`` are,
        or none was shown to be enough; infeasible: no pair looked at is enough.
    control, treated : the arms.
    target, of, confidence : of the decision.
    rule : the square-root rule, sqrt(k) of k treated arms.
    best : the pair of fewest animals; ``ties`` others of as few.
    open : pairs of fewer animals that were not told to be too small.
    equal : equal arms of the fewest animals; ``equal_open`` the smaller ones not told.
    below : the smallest arm that was looked at, where smaller ones may be enough for fewer
        animals; None where they cannot.
    rows : several ratios with the fewest animals of each.
    lines : what is enough with each number of controls, ascending; for the figure.
    removals : power that an animal less costs.
    families : power and false alarms of every family at the best pair and with equal arms.
    grid : every pair looked at, for the figure.
    n : the file's n that gives the treated arms of the best pair; None where none does.
    as_planned : whether the file as it stands gives the best pair at that n.
    replicates : studies of the pairs in question in the first look; as many fresh ones after it.
    reason : in words.
    notes : what a planner must know besides.
    """

    scenario_id: str
    digest: str
    seed: int
    status: Status
    control: str
    treated: tuple[str, ...]
    family: str
    target: float
    of: str
    confidence: float
    rule: float
    best: Allocation | None
    ties: tuple[Allocation, ...]
    open: tuple[Allocation, ...]
    equal: Allocation | None
    equal_open: tuple[Allocation, ...]
    below: int | None
    saving: Saving | None
    rows: tuple[RatioRow, ...]
    lines: tuple[Line, ...]
    removals: tuple[Removal, ...]
    families: tuple[FamilyAt, ...]
    grid: tuple[Allocation, ...]
    step: int
    n: int | None
    as_planned: bool
    replicates: int
    reason: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers; the grid is in the run folder's table."""

        def plain(found: Allocation | None) -> dict[str, Any] | None:
            return None if found is None else found.to_dict()

        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "status": self.status,
            "control": self.control,
            "treated": list(self.treated),
            "family": self.family,
            "target": {"power": self.target, "of": self.of, "confidence": self.confidence},
            "square_root_rule": self.rule,
            "best": plain(self.best),
            "ties": [one.to_dict() for one in self.ties],
            "open": [one.to_dict() for one in self.open],
            "equal": plain(self.equal),
            "equal_open": [one.to_dict() for one in self.equal_open],
            "smaller_arms_not_looked_at_below": self.below,
            "animals_saved": None if self.saving is None else self.saving.to_dict(),
            "ratios": [row.to_dict() for row in self.rows],
            "by_control": [line.to_dict() for line in self.lines],
            "removals": [removal.to_dict() for removal in self.removals],
            "families": [one.to_dict() for one in self.families],
            "step": self.step,
            "n": self.n,
            "as_planned": self.as_planned,
            "replicates": self.replicates,
            "reason": self.reason,
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a row per pair looked at: sizes, animals, power with its interval."""
        import pandas as pd

        rows = []
        for one in self.grid:
            low, high = one.power.ci
            rows.append(
                {
                    "n_control": one.n_control,
                    "n_treated": one.n_treated,
                    "ratio": one.ratio,
                    "animals": one.total,
                    "power": one.power.value,
                    "power_mcse": one.power.mcse,
                    "power_low": low,
                    "power_high": high,
                    "replicates": one.power.replicates,
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        lines = [f"Control ratio of {self.scenario_id}: {self.status}", f"  {self.reason}"]
        for row in self.rows:
            found = row.allocation
            missing = "not reached" if row.seen else "not looked at"
            told = missing if found is None else f"{found}, {found.total} animals"
            lines.append(f"  {row.ratio:.3g} : 1{row.name and f' ({row.name})'}: {told}")
        return "\n".join(lines)
