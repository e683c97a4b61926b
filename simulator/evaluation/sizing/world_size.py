"""What a sample size is in one of several worlds, in short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from simulator.evaluation.characteristics import Probability
    from simulator.evaluation.sizing.size_result import SampleSizeResult

#: The name of the study as its file plans it, among its worlds.
PLANNED: Final = "planned"


@dataclass(frozen=True)
class WorldSize:
    """The answer in one world; fields as of ``SampleSizeResult``."""

    status: str
    n_per_arm: int | None
    candidates: tuple[int, ...]
    power: Probability
    reason: str

    @classmethod
    def of(cls, found: SampleSizeResult) -> WorldSize:
        """Return the short form of an answer."""
        return cls(found.status, found.n_per_arm, found.candidates, found.power, found.reason)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "status": self.status,
            "n_per_arm": self.n_per_arm,
            "candidates": list(self.candidates),
            "power": self.power.to_dict(),
            "reason": self.reason,
        }
