"""What the statistician does: comparisons, test, families, trends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StrictBool

from simulator.scenario.fields import Alpha
from simulator.scenario.noun import Id, Noun

Test = Literal["mann_whitney", "brunner_munzel", "permutation"]
Method = Literal["auto", "exact", "mid-p", "asymptotic"]
TrendMethod = Literal["auto", "exact", "asymptotic"]
Convention = Literal["far-tail", "doubling"]
Alternative = Literal["two-sided", "greater", "less"]
Adjustment = Literal["none", "bonferroni", "holm", "hochberg", "fixed-sequence", "bh", "steel"]
#: What the analysis counts as one: the experimental unit.
ExperimentalUnit = Literal["animal", "cage"]
#: A flaw that a plan may have knowingly: whole cages get one treatment, mice are counted.
Flaw = Literal["pseudoreplication"]

#: ``auto`` is exact while both arms are smaller than this (R's wilcox.test).
AUTO_EXACT_BELOW: Final = 50
#: Fewer animals than this in an arm: no p-value (one animal says nothing of its arm's spread).
SMALLEST_ARM: Final = 2
#: A permutation test looks at all relabelings where there are no more than this.
COMPLETE_RELABELINGS: Final = 20_000
#: Most pairs of sizes of which the permutation test's distribution is kept (0.8 MB each).
MOST_PERMUTATION_PAIRS: Final = 200
#: Methods that ``adjust: steel`` has.
STEEL_METHODS: Final = ("auto", "exact", "asymptotic")
#: p often lands exactly on alpha (3 v 3: 1/20); its last bits must not decide.
ALPHA_TOLERANCE: Final = 1e-9


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


#: One id or a list of ids.
Ids = Annotated[tuple[Id, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


@dataclass(frozen=True)
class TestSpec:
    """How the p-values of one family are made.

    Attributes
    ----------
    method, continuity : of the Mann-Whitney test.
    convention : two-sided exact p-value where the distribution is skew.
    resamples : relabelings of tied data that are too many to enumerate.
    """

    __test__ = False  # not a test case of pytest

    test: Test = "mann_whitney"
    method: Method = "auto"
    alternative: Alternative = "two-sided"
    convention: Convention = "far-tail"
    continuity: bool = True
    resamples: int = 9_999


@dataclass(frozen=True)
class Comparison:
    """One test: a treated arm against another arm on one endpoint, within a family."""

    family: str
    endpoint: str
    treated: str
    control: str


class Family(Noun):
    """Comparisons that share one error rate.

    ``arms`` are the treated arms in order (a fixed sequence tests them in this order); in a
    file they may be ids, ids of dose lists, or roles. ``test`` and ``method`` replace the plan's.
    """

    endpoint: Ids
    arms: Ids
    against: Id
    adjust: Adjustment = "holm"
    alpha: Alpha = 0.05
    test: Test | None = None
    method: Method | None = None


class Trend(Noun):
    """Jonckheere-Terpstra test over arms in the given order."""

    endpoint: Id
    arms: Ids
    method: TrendMethod = Field(
        default="auto", description="exact without ties for few animals, else normal"
    )
    alternative: Literal["two-sided", "increasing", "decreasing"] = "two-sided"
    alpha: Alpha = 0.05


class AnalysisPlan(Noun):
    """The whole analysis, applied alike to simulated cohorts and to bench data."""

    test: Test = "mann_whitney"
    method: Method = "auto"
    convention: Convention = Field(
        default="far-tail", description="two-sided exact p-value where the distribution is skew"
    )
    continuity: StrictBool = Field(default=True, description="correction of the normal method")
    alternative: Alternative = Field(
        default="two-sided", description="greater: the treated arm has the larger values"
    )
    resamples: Annotated[int, Field(strict=True, ge=99, le=999_999)] = Field(
        default=9_999, description="relabelings of tied data that are too many to enumerate"
    )
    unit: ExperimentalUnit = Field(
        default="animal",
        description="cage: the median of every cage is one value (needs arms in whole cages)",
    )
    acknowledge: Annotated[tuple[Flaw, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="flaws of the plan that are known and accepted"
    )
    families: Mapping[Id, Family] = Field(default_factory=dict)
    trends: Mapping[Id, Trend] = Field(default_factory=dict)

    def comparisons_of(self, family: str) -> tuple[Comparison, ...]:
        """Return the comparisons of one family, endpoint by endpoint, arm by arm."""
        plan = self.families[family]
        return tuple(
            Comparison(family, endpoint, treated, plan.against)
            for endpoint in plan.endpoint
            for treated in plan.arms
        )

    def spec(self, family: str) -> TestSpec:
        """Return how the p-values of one family are made."""
        own = self.families[family]
        return TestSpec(
            test=own.test or self.test,
            method=own.method or self.method,
            alternative=self.alternative,
            convention=self.convention,
            continuity=self.continuity,
            resamples=self.resamples,
        )

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All comparisons, family by family."""
        return tuple(c for family in self.families for c in self.comparisons_of(family))


def why_not_steel(spec: TestSpec, endpoints: tuple[str, ...]) -> str:
    """Return why a family cannot be adjusted by Steel's method, empty where it can.

    Parameters
    ----------
    endpoints : of the family.
    """
    if spec.test != "mann_whitney":
        return f"steel adjusts the test mann_whitney, not {spec.test}"
    if spec.method not in STEEL_METHODS:
        return f"steel has no {spec.method} p-value: choose auto, exact or asymptotic"
    if len(endpoints) != 1:
        return f"steel is for one endpoint, not {len(endpoints)}: make a family of each"
    return ""
