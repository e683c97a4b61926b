"""The answer about power: frozen records, a table, JSON-ready numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.evaluation.characteristics import Estimate, Probability

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ComparisonPower:
    """One comparison: power, attained type I error, truth.

    Attributes
    ----------
    power : adjusted decision under the scenario.
    type_i : the same decision under the null twin.
    type_i_per_test : p <= alpha before adjustment, under the null twin.
    untestable : no test could be made under the scenario (fewer than 2 animals left in an arm,
        all values equal); such a replicate counts as not significant.
    relative_effect, fold_of_medians : simulated truth, before assay noise and losses.
    """

    family: str
    endpoint: str
    treated: str
    control: str
    power: Probability
    type_i: Probability
    type_i_per_test: Probability
    untestable: Probability
    relative_effect: Estimate
    fold_of_medians: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "family": self.family,
            "endpoint": self.endpoint,
            "treated": self.treated,
            "control": self.control,
            "power": self.power.to_dict(),
            "type_i": self.type_i.to_dict(),
            "type_i_per_test": self.type_i_per_test.to_dict(),
            "untestable": self.untestable.to_dict(),
            "truth": {
                "relative_effect": self.relative_effect.to_dict(),
                "fold_of_medians": self.fold_of_medians.to_dict(),
            },
        }


@dataclass(frozen=True)
class FamilyPower:
    """One family: any or all of its comparisons found; any found under the null twin (FWER)."""

    family: str
    any: Probability
    all: Probability
    fwer: Probability

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "family": self.family,
            "any": self.any.to_dict(),
            "all": self.all.to_dict(),
            "fwer": self.fwer.to_dict(),
        }


@dataclass(frozen=True)
class TrendPower:
    """One trend test: power, and type I error under the null twin."""

    name: str
    endpoint: str
    arms: tuple[str, ...]
    power: Probability
    type_i: Probability

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "name": self.name,
            "endpoint": self.endpoint,
            "arms": list(self.arms),
            "power": self.power.to_dict(),
            "type_i": self.type_i.to_dict(),
        }


@dataclass(frozen=True)
class CurvePoint:
    """Power of the decision's family at one n.

    Attributes
    ----------
    comparisons : power of every comparison of the family, in the plan's order.
    any, all, fwer : over the whole family.
    target : what the decision's target is held against; for ``each`` the least of its powers.
    """

    n: int
    sizes: Mapping[str, int]
    comparisons: tuple[Probability, ...]
    any: Probability
    all: Probability
    fwer: Probability
    target: Probability

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "n": self.n,
            "sizes": dict(self.sizes),
            "comparisons": [probability.to_dict() for probability in self.comparisons],
            "any": self.any.to_dict(),
            "all": self.all.to_dict(),
            "fwer": self.fwer.to_dict(),
            "target": self.target.to_dict(),
        }


@dataclass(frozen=True, repr=False)
class PowerResult:
    """Operating characteristics of a study at one n, and the curve over n.

    Attributes
    ----------
    n_per_arm : animals in an arm of ratio 1; ``sizes`` has every arm's number.
    replicates : simulated studies.
    comparisons, families, trends : in the plan's order.
    curve : the decision's family over the decision's range of n, in ascending n.
    decision_family : id of that family.
    """

    scenario_id: str
    digest: str
    seed: int
    n_per_arm: int
    sizes: Mapping[str, int]
    replicates: int
    comparisons: tuple[ComparisonPower, ...]
    families: tuple[FamilyPower, ...]
    trends: tuple[TrendPower, ...]
    curve: tuple[CurvePoint, ...]
    decision_family: str

    @property
    def family(self) -> FamilyPower:
        """The decision's family."""
        return next(f for f in self.families if f.family == self.decision_family)

    @property
    def curve_comparisons(self) -> tuple[ComparisonPower, ...]:
        """The comparisons that ``CurvePoint.comparisons`` are about, in the same order."""
        return tuple(c for c in self.comparisons if c.family == self.decision_family)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per comparison.

        Examples
        --------
        >>> from simulator import load_scenario, power
        >>> frame = power(load_scenario("quick-start"), n=8, replicates=500).to_frame()
        >>> frame[["treated", "control"]].values.tolist()
        [['drug', 'saline']]
        """
        import pandas as pd

        return pd.DataFrame([self._row(comparison) for comparison in self.comparisons])

    def _row(self, comparison: ComparisonPower) -> dict[str, Any]:
        low, high = comparison.power.ci
        return {
            "family": comparison.family,
            "endpoint": comparison.endpoint,
            "treated": comparison.treated,
            "control": comparison.control,
            "n_treated": self.sizes[comparison.treated],
            "n_control": self.sizes[comparison.control],
            "power": comparison.power.value,
            "power_mcse": comparison.power.known_mcse,
            "power_low": low,
            "power_high": high,
            "type_i": comparison.type_i.value,
            "type_i_per_test": comparison.type_i_per_test.value,
            "relative_effect": comparison.relative_effect.value,
            "fold_of_medians": comparison.fold_of_medians.value,
            "replicates": self.replicates,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers; ``any``, ``all`` and ``fwer`` are the decision family's."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "n_per_arm": self.n_per_arm,
            "sizes": dict(self.sizes),
            "replicates": self.replicates,
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "decision_family": self.decision_family,
            "any": self.family.any.to_dict(),
            "all": self.family.all.to_dict(),
            "fwer": self.family.fwer.to_dict(),
            "families": [family.to_dict() for family in self.families],
            "trends": [trend.to_dict() for trend in self.trends],
            "curve": [point.to_dict() for point in self.curve],
        }

    def __repr__(self) -> str:
        lines = [
            f"Power of {self.scenario_id}: n = {self.n_per_arm} per arm, "
            f"{self.replicates:,} simulated studies, seed {self.seed}"
        ]
        for c in self.comparisons:
            lines.append(
                f"  {c.family}: {c.endpoint}, {c.treated} v {c.control}: power {c.power}, "
                f"type I {c.type_i.value:.3f}, true fold {c.fold_of_medians.value:.3g}"
            )
        for t in self.trends:
            lines.append(f"  trend {t.name}: power {t.power}, type I {t.type_i.value:.3f}")
        for f in self.families:
            lines.append(f"  {f.family}: any {f.any}, all {f.all}, FWER {f.fwer.value:.3f}")
        return "\n".join(lines)
