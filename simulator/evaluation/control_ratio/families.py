"""What a ratio chosen for one family does to all: their power, and their false alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.analysis.kernel_types import Ints
from simulator.engine.local import Progress
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.control_ratio.pairs import Pairs
from simulator.evaluation.control_ratio.plan import Pair
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import simulate_counts


@dataclass(frozen=True)
class FamilyAt:
    """A family at one pair of sizes.

    Attributes
    ----------
    at : which pair: fewest animals, or equal arms.
    alpha : the family's.
    lowest, highest : power of its comparisons.
    fwer : any false alarm under the null twin, after adjustment.
    """

    family: str
    at: str
    alpha: float
    lowest: Probability
    highest: Probability
    fwer: Probability

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "family": self.family,
            "at": self.at,
            "alpha": self.alpha,
            "lowest": self.lowest.to_dict(),
            "highest": self.highest.to_dict(),
            "fwer": self.fwer.to_dict(),
        }


def families_at(
    pairs: Pairs,
    where: Mapping[str, Pair],
    *,
    replicates: int,
    first_block: int,
    progress: Progress | None = None,
) -> tuple[FamilyAt, ...]:
    """Return every family at some pairs, family by family.

    Parameters
    ----------
    where : pairs by name.
    replicates : studies, in blocks of 500 from ``first_block`` on, each also without effects.
    """
    plan = pairs.plan
    found = []
    for name, (m, n) in where.items():
        scenario = plan.with_control(m)
        layout = layout_of(scenario, [n])
        true, null = simulate_counts(
            scenario,
            layout,
            replicates=replicates,
            first_block=first_block,
            null=True,
            threads=pairs.threads,
            progress=progress,
        )
        assert null is not None  # asked for above
        for index, family in enumerate(layout.families):
            counts = true.adjusted[layout.members(index), 0]
            found.append(
                FamilyAt(
                    family=family,
                    at=name,
                    alpha=scenario.analysis.families[family].alpha,
                    lowest=_share(counts.min(), replicates),
                    highest=_share(counts.max(), replicates),
                    fwer=_share(null.any_family[index, 0], replicates),
                )
            )
    order = list(plan.scenario.analysis.families)
    return tuple(sorted(found, key=lambda one: order.index(one.family)))


def _share(count: Ints, replicates: int) -> Probability:
    return Probability(int(count), replicates)
