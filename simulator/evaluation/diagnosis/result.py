"""The diagnosis: what the study does as written and in every variant, with its error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.diagnosis.variants import Kind

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ComparisonDiagnosis:
    """One comparison of the decision's family in one variant.

    Attributes
    ----------
    power : adjusted decision under the scenario.
    type_i : p <= alpha before adjustment where nothing has an effect.
    bias : mean of ln(fold of medians) less ln(true fold), over the studies that have a fold; the
        truth is that of the day and hour planned.
    bias_without_effect : the same where nothing has an effect.
    no_fold : studies without a fold: an arm is empty, or its median is not positive.
    """

    endpoint: str
    treated: str
    control: str
    power: Probability
    type_i: Probability
    bias: Estimate
    bias_without_effect: Estimate
    no_fold: Probability

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "endpoint": self.endpoint,
            "treated": self.treated,
            "control": self.control,
            "power": self.power.to_dict(),
            "type_i": self.type_i.to_dict(),
            "ln_fold_bias": self.bias.to_dict(),
            "ln_fold_bias_without_effect": self.bias_without_effect.to_dict(),
            "no_fold": self.no_fold.to_dict(),
        }


@dataclass(frozen=True)
class VariantDiagnosis:
    """One variant.

    Attributes
    ----------
    name, kind, flaw : see ``variants.Variant``.
    power : of the decision (the least of the comparisons where each must reach it).
    fwer : any rejection in the decision's family where nothing has an effect.
    out_of_reach : why nothing can be significant, whatever the effect; None where it can.
    fits : whether the work fits the shifts, see `evaluation.shifts`; None without a laboratory.
    verdict : in a sentence what the flaw costs, or what the change brings.
    """

    name: str
    kind: Kind
    flaw: str
    power: Probability
    fwer: Probability
    comparisons: tuple[ComparisonDiagnosis, ...]
    out_of_reach: str | None
    fits: bool | None
    verdict: str

    @property
    def type_i(self) -> Probability:
        """Attained type I error (p <= alpha before adjustment) of the comparison with most."""
        return max((c.type_i for c in self.comparisons), key=lambda p: p.value)

    @property
    def bias(self) -> Estimate:
        """Bias of ln fold of the comparison in which it is largest."""
        known = [c.bias for c in self.comparisons if c.bias.value == c.bias.value]
        return max(known, key=lambda b: abs(b.value), default=self.comparisons[0].bias)

    def confidence(self, level: float) -> float:
        """Return the confidence at which all comparisons' intervals hold together (Bonferroni).

        The worst of several comparisons is shown: its own interval alone would promise too much.
        """
        return 1.0 - (1.0 - level) / len(self.comparisons)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "variant": self.name,
            "kind": self.kind,
            "flaw": self.flaw,
            "power": self.power.to_dict(),
            "type_i": self.type_i.to_dict()
            | {"ci": list(self.type_i.interval(self.confidence(0.95)))},
            "ln_fold_bias": self.bias.to_dict(),
            "fwer": self.fwer.to_dict(),
            "fits": self.fits,
            "out_of_reach": self.out_of_reach,
            "verdict": self.verdict,
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
        }


@dataclass(frozen=True)
class Diagnosis:
    """The whole answer.

    Attributes
    ----------
    n_per_arm, replicates : at which size, and how many simulated studies of every variant.
    alpha, family : level and id of the decision's family.
    variants : the plan as written first.
    """

    scenario_id: str
    digest: str
    seed: int
    n_per_arm: int
    replicates: int
    family: str
    alpha: float
    variants: tuple[VariantDiagnosis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "n_per_arm": self.n_per_arm,
            "replicates": self.replicates,
            "family": self.family,
            "alpha": self.alpha,
            "variants": [variant.to_dict() for variant in self.variants],
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a row per variant and comparison."""
        import pandas as pd

        rows = [
            {
                "variant": variant.name,
                "endpoint": c.endpoint,
                "treated": c.treated,
                "control": c.control,
                "power": c.power.value,
                "type_i": c.type_i.value,
                "type_i_low": c.type_i.ci[0],
                "type_i_high": c.type_i.ci[1],
                "ln_fold_bias": c.bias.value,
                "ln_fold_bias_mcse": c.bias.mcse,
            }
            for variant in self.variants
            for c in variant.comparisons
        ]
        return pd.DataFrame(rows)
