"""What each assumption does to the sample size: frozen records, a table, JSON-ready numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.sensitivity.varied import Basis

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reached:
    """Where a simulated curve reaches the target and stays there; None beyond the range of n.

    Attributes
    ----------
    n : smallest n from which on the estimated power is at the target or above.
    low, high : by the 95 % limits: smallest n that is not shown to be too small, and smallest
        from which on power is shown to be enough.
    """

    n: int | None
    low: int | None
    high: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {"n": self.n, "ci": [self.low, self.high]}


@dataclass(frozen=True)
class AtEnd:
    """The study with one number at one end.

    Attributes
    ----------
    value : as a file would write it.
    reached, power : where the target is reached, and what the decision asks at the planned n;
        None where the number cannot be so, which ``problem`` explains.
    turned : whether an effect there goes in the other direction than planned.
    """

    value: str
    reached: Reached | None
    power: Probability | None
    problem: str = ""
    turned: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "value": self.value,
            "reached": None if self.reached is None else self.reached.to_dict(),
            "power": None if self.power is None else self.power.to_dict(),
            "problem": self.problem,
            "other_direction": self.turned,
        }


@dataclass(frozen=True)
class Row:
    """One assumption.

    Attributes
    ----------
    path : of the number, as in ``decision.worlds``.
    value : as planned, as a file would write it.
    basis : where its ends are from.
    swing : largest n less smallest n of planned, low and high end, and between; where an n is
        beyond the range it counts as one more than the range, and ``at_least`` is true, as where
        one is at the start of the range.
    told_apart : whether the intervals of two of these n do not meet. Where they do, the values
        still share their random numbers: the error of a difference is smaller than it looks.
    power_swing : as the swing, of the powers at the planned n.
    between : where the ends lie on both sides of no effect, the study without that effect, the
        one that takes most animals; None elsewhere.
    place : the path in the resolved scenario, by which the number has a name in words.
    """

    path: str
    value: str
    basis: Basis
    low: AtEnd
    high: AtEnd
    swing: int
    at_least: bool
    told_apart: bool
    power_swing: float
    between: AtEnd | None = None
    place: str = ""

    @property
    def assumed(self) -> bool:
        """Whether the ends are assumed here, as neither the file nor a default has them."""
        return self.basis.endswith("assumed")

    @property
    def ends(self) -> dict[str, AtEnd]:
        """All that was simulated, by name."""
        found = {"low": self.low, "high": self.high}
        return found if self.between is None else {**found, "between": self.between}

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "path": self.path,
            "value": self.value,
            "basis": self.basis,
            "low": self.low.to_dict(),
            "high": self.high.to_dict(),
            "between": None if self.between is None else self.between.to_dict(),
            "swing": self.swing,
            "swing_at_least": self.at_least,
            "told_apart": self.told_apart,
            "power_swing": self.power_swing,
        }


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """Assumptions by how far they move n, the furthest first.

    Attributes
    ----------
    smallest, largest : start and end of the decision's range of n.
    planned : where the study as planned reaches the target.
    n : at which the powers are: that of ``planned``, or ``largest`` where it has none.
    power : of the study as planned, at ``n``.
    left : paths of numbers that are left as they are, with the reason.
    """

    scenario_id: str
    digest: str
    seed: int
    family: str
    target: float
    of: str
    replicates: int
    smallest: int
    largest: int
    planned: Reached
    n: int
    power: Probability
    rows: tuple[Row, ...]
    left: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "family": self.family,
            "target": self.target,
            "of": self.of,
            "replicates": self.replicates,
            "smallest_n": self.smallest,
            "largest_n": self.largest,
            "planned": self.planned.to_dict(),
            "n": self.n,
            "power": self.power.to_dict(),
            "rows": [row.to_dict() for row in self.rows],
            "left": dict(self.left),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a row per assumption and end; a missing n is beyond the range."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "path": row.path,
                    "planned_value": row.value,
                    "basis": row.basis,
                    "end": name,
                    "value": end.value,
                    "n": end.reached.n if end.reached else None,
                    "n_low": end.reached.low if end.reached else None,
                    "n_high": end.reached.high if end.reached else None,
                    "power_at_n": self.n,
                    "power": end.power.value if end.power else None,
                    "power_low": end.power.ci[0] if end.power else None,
                    "power_high": end.power.ci[1] if end.power else None,
                    "replicates": self.replicates,
                    "swing": row.swing,
                    "swing_at_least": row.at_least,
                    "told_apart": row.told_apart,
                    "other_direction": end.turned,
                    "problem": end.problem,
                }
                for row in self.rows
                for name, end in row.ends.items()
            ]
        )

    def __repr__(self) -> str:
        lines = [
            f"Sensitivity of {self.scenario_id}: planned n {self.words(self.planned)}, "
            f"{self.replicates:,} simulated studies of every value, seed {self.seed}"
        ]
        for row in self.rows:
            ends = (f"{end.value}: {self.words(end.reached)}" for end in row.ends.values())
            lines.append(f"  {row.path}: {', '.join(ends)}")
        return "\n".join(lines)

    def words(self, reached: Reached | None) -> str:
        """Return ``8 [8, 9]``, ``≤ 3``, ``> 30``, or ``-`` where there is none.

        At the start of the range fewer may do: they were not looked at.
        """
        if reached is None:
            return "-"
        n, low, high = (
            f"> {self.largest}" if end is None else f"{end}"
            for end in (reached.n, reached.low, reached.high)
        )
        if reached.low is None:  # all of it is beyond the range
            return n
        limits = "" if n == low == high else f" [{low}, {high}]"
        return f"≤ {n}{limits}" if reached.n == self.smallest > 1 else f"{n}{limits}"
