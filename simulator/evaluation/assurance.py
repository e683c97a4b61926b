"""Assurance: power averaged over what is believed of the numbers that are not known.

The priors are drawn once for every block of 500 studies, so that each draw also has a power of
its own, and the spread of power over the priors is seen. The error of an assurance is that of a
mean over draws: the studies of one draw are no independent evidence.

Source: A. O'Hagan, J. W. Stevens, M. J. Campbell, Assurance in clinical trial design,
Pharmaceutical Statistics 4, 187-201, 2005.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.engine.local import Progress, default_threads, run_blocks
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.replicates import Counts, counts_of
from simulator.evaluation.staying import stays_from
from simulator.evaluation.studies import Studies
from simulator.scenario import Scenario
from simulator.scenario.priors import Place, believed, priors, with_values
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK, stream

#: Draws of the priors: the standard error of an assurance is then at most 0.025.
DRAWS = 400
#: Shares of the draws whose power is reported.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


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
    reached : share of the draws in which power reaches the target.
    quantiles : power below which the shares ``QUANTILES`` of the draws lie.
    """

    n: int
    assurance: Averaged
    reached: Probability
    quantiles: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "n": self.n,
            "assurance": self.assurance.to_dict(),
            "reaches_target": self.reached.to_dict(),
            "power_quantiles": dict(zip(map(str, QUANTILES), self.quantiles, strict=True)),
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
    comparisons : at n, in the plan's order.
    powers : power of each draw at n, as seen in its studies.
    curve : over the decision's range of n.
    """

    n_per_arm: int
    draws: int
    priors: Mapping[str, str]
    target: float
    of: str
    comparisons: tuple[ComparisonAssurance, ...]
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
            **{key: value for key, value in self.point.to_dict().items() if key != "n"},
            "n_reaching_target": {"estimate": self.n_reaching, "ci": list(self.n_reaching_ci)},
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "powers": list(self.powers),
            "curve": [point.to_dict() for point in self.curve],
        }


def drawn(scenario: Scenario, *, block: int) -> Scenario:
    """Return the scenario with its priors' numbers of one block of studies.

    Parameters
    ----------
    block : index of the block; each has its own draw, from streams of its own.
    """
    values: dict[Place, float] = {}
    for place, prior in priors(scenario).items():
        path = ".".join(place)
        share = stream(scenario.seed, block=block, owner="prior", purpose=path).random()
        values[place] = prior.quantile(share)
    return with_values(scenario, values)


def assurance(
    scenario: Scenario,
    *,
    n: int | None = None,
    draws: int = DRAWS,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Assurance:
    """Simulate the study under draws of its priors.

    Parameters
    ----------
    scenario : resolved, with at least one number of ``truth`` that is a distribution.
    n : animals in an arm of ratio 1; default: the top of the decision's range.
    draws : of the priors, each with 500 studies.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (draws done, draws in all).

    Raises
    ------
    ValueError : nothing is a distribution, or n or draws below 1.
    ScenarioError : nothing is compared, or the method cannot test so many animals.
    """
    if not priors(scenario):
        raise ValueError("no number of truth is a distribution, so there is no assurance")
    chosen = scenario.decision.n.stop if n is None else n
    if chosen < 1:
        raise ValueError(f"n must be at least 1, not {chosen}")
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    searched = range(scenario.decision.n.start, scenario.decision.n.stop + 1)
    layout = layout_of(scenario, sorted({*searched, chosen}))

    def work(block: int) -> Counts:
        studies = Studies(drawn(scenario, block=block), layout, null=False)
        (tested,) = studies.test(block, BLOCK_SIZE)
        return counts_of(layout, tested)

    blocks = range(SEARCH_BLOCK, SEARCH_BLOCK + draws)
    found = list(run_blocks(work, blocks, threads=threads or default_threads(), progress=progress))
    return _assembled(scenario, layout, found, n=chosen, told=believed(scenario))


def _assembled(
    scenario: Scenario,
    layout: Layout,
    found: list[Counts],
    *,
    n: int,
    told: Mapping[str, str],
) -> Assurance:
    wish = scenario.decision.power
    asked = np.stack([_asked(layout, counts, wish.of) for counts in found]) / BLOCK_SIZE
    each = np.stack([counts.adjusted for counts in found]) / BLOCK_SIZE
    k = layout.ns.index(n)
    return Assurance(
        n_per_arm=n,
        draws=len(found),
        priors=told,
        target=wish.target,
        of=wish.of,
        comparisons=tuple(
            ComparisonAssurance(c.family, c.endpoint, c.treated, c.control, _mean(each[:, i, k]))
            for i, c in enumerate(layout.comparisons)
        ),
        powers=tuple(asked.min(axis=1)[:, k].tolist()),
        curve=tuple(_point(asked[:, :, i], size, wish.target) for i, size in enumerate(layout.ns)),
    )


def _asked(layout: Layout, counts: Counts, of: str) -> Floats:
    """Return the counts that the target is held against, shape (1 or comparisons, n)."""
    if of == "each":
        return counts.adjusted[layout.target].astype(np.float64)
    chosen = counts.any_target if of == "any" else counts.all_target
    return chosen[None].astype(np.float64)


def _point(powers: Floats, n: int, target: float) -> AssurancePoint:
    """Return assurance from power by draw and probability asked, shape (draws, asked)."""
    least = powers.min(axis=1)
    return AssurancePoint(
        n=n,
        assurance=min(map(_mean, powers.T), key=lambda mean: mean.value),
        reached=Probability(int((least >= target).sum()), least.size),
        quantiles=tuple(float(q) for q in np.quantile(least, QUANTILES)),
    )


def _mean(powers: Floats) -> Averaged:
    """Return the mean over draws, with its error between draws.

    The interval is never narrower than that of as many independent studies: draws that all agree
    (every power 1) have no spread, but the studies behind them are not endless.
    """
    draws, value = powers.size, float(powers.mean())
    if draws < 2:
        return Averaged(value, math.nan, (0.0, 1.0))  # one draw says nothing of the others
    mcse = float(powers.std(ddof=1) / math.sqrt(draws))
    low, high = Probability(round(value * draws * BLOCK_SIZE), draws * BLOCK_SIZE).ci
    reach = NormalDist().inv_cdf(0.975) * mcse
    return Averaged(
        value, mcse, (max(0.0, min(low, value - reach)), min(1.0, max(high, value + reach)))
    )
