"""Assurance: power averaged over what is believed of the numbers that are not known.

The priors are drawn once for every block of 500 studies, so that each draw also has a power of
its own, and the spread of power over the priors is seen. The error of an assurance is that of a
mean over draws: the studies of one draw are no independent evidence. What is said of single draws
(the least of several comparisons, quantiles, the share that reaches the target) is of powers freed
of the noise of their 500 studies, see ``drawn_power``.

Source: A. O'Hagan, J. W. Stevens, M. J. Campbell, Assurance in clinical trial design,
Pharmaceutical Statistics 4, 187-201, 2005.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from simulator.analysis.kernel_types import Bools, Floats
from simulator.engine.local import Progress, default_threads, run_blocks
from simulator.evaluation.assurance_result import (
    ENOUGH_DRAWS,
    QUANTILES,
    Assurance,
    AssurancePoint,
    Averaged,
    ComparisonAssurance,
)
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.drawn_power import DrawnPower, drawn_power
from simulator.evaluation.replicates import Counts, counts_of
from simulator.evaluation.studies import Studies
from simulator.model.response_table import Responses, respond
from simulator.scenario import Scenario
from simulator.scenario.priors import Place, believed, priors, with_values
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK, stream

#: Draws of the priors: the standard error of an assurance is then at most 0.025.
DRAWS = 400
#: Bootstrap samples of the draws, for the error of the share that reaches the target.
_RESAMPLES = 200


def drawn(scenario: Scenario, *, block: int) -> Scenario:
    """Return the scenario with its priors' numbers of one block of studies.

    Parameters
    ----------
    block : index of the block; each has its own draw, from streams of its own.
    """
    return with_values(scenario, _values(scenario, block))


def _values(scenario: Scenario, block: int) -> dict[Place, float]:
    values: dict[Place, float] = {}
    for place, prior in priors(scenario).items():
        path = ".".join(place)
        share = stream(scenario.seed, block=block, owner="prior", purpose=path).random()
        values[place] = prior.quantile(share)
    return values


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

    planned = _ways(layout, respond(scenario))

    def work(block: int) -> tuple[Counts, Floats]:
        studies = Studies(drawn(scenario, block=block), layout, null=False)
        (tested,) = studies.test(block, BLOCK_SIZE)
        return counts_of(layout, tested), _ways(layout, studies.responses)

    blocks = range(SEARCH_BLOCK, SEARCH_BLOCK + draws)
    found = list(run_blocks(work, blocks, threads=threads or default_threads(), progress=progress))
    counts, ways = zip(*found, strict=True)
    two_sided = scenario.analysis.alternative == "two-sided"
    return _assembled(
        scenario,
        layout,
        counts,
        n=chosen,
        opposite=_opposite(np.stack(ways), planned) if two_sided else None,
        way_planned=bool(planned.all()),
        numbers=_numbers(scenario, blocks),
    )


def _ways(layout: Layout, responses: Responses) -> Floats:
    """Return by comparison asked for whether the typical animal responds more (1) or less (-1)."""
    typical = np.zeros(1)
    asked = [c for c, asked in zip(layout.comparisons, layout.target, strict=True) if asked]
    logs = [
        [responses.log_response(arm, c.endpoint, typical)[0] for arm in (c.treated, c.control)]
        for c in asked
    ]
    return np.sign([treated - control for treated, control in logs])


def _opposite(ways: Floats, planned: Floats) -> Bools:
    """Return (draws, asked) whether the effect is opposite to the planned one.

    Where no effect is planned, to the likelier one.
    """
    likelier = np.where(ways.sum(axis=0) < 0, -1.0, 1.0)
    return np.asarray(ways * np.where(planned == 0, likelier, planned) < 0, dtype=np.bool_)


def _numbers(scenario: Scenario, blocks: Sequence[int]) -> Floats:
    """Return the drawn numbers, (draws, priors), of a lognormal prior their logarithms."""
    logs = [prior.kind == "lognormal" for prior in priors(scenario).values()]
    values = np.array([list(_values(scenario, block).values()) for block in blocks])
    return np.where(logs, np.log(np.where(logs, values, 1.0)), values)


def _assembled(
    scenario: Scenario,
    layout: Layout,
    found: Sequence[Counts],
    *,
    n: int,
    opposite: Bools | None,
    way_planned: bool,
    numbers: Floats,
) -> Assurance:
    wish = scenario.decision.power
    asked = np.stack([_asked(layout, counts, wish.of) for counts in found]) / BLOCK_SIZE
    each = np.stack([counts.adjusted for counts in found]) / BLOCK_SIZE
    k = layout.ns.index(n)
    return Assurance(
        n_per_arm=n,
        draws=len(found),
        priors=believed(scenario),
        target=wish.target,
        of=wish.of,
        asked=int(layout.target.sum()),
        other_way=None
        if opposite is None
        else Probability(int(opposite.any(axis=1).sum()), len(found)),
        way_planned=way_planned,
        comparisons=tuple(
            ComparisonAssurance(c.family, c.endpoint, c.treated, c.control, _mean(each[:, i, k]))
            for i, c in enumerate(layout.comparisons)
        ),
        still_rising=_rises(asked),
        powers=tuple(asked.min(axis=1)[:, k].tolist()),
        curve=_curve(scenario, layout, asked, _right(asked, opposite, wish.of), numbers),
    )


def _asked(layout: Layout, counts: Counts, of: str) -> Floats:
    """Return the counts that the target is held against, shape (1 or comparisons, n)."""
    if of == "each":
        return counts.adjusted[layout.target].astype(np.float64)
    chosen = counts.any_target if of == "any" else counts.all_target
    return chosen[None].astype(np.float64)


def _right(asked: Floats, opposite: Bools | None, of: str) -> Floats | None:
    """Return what is asked without the draws whose effect is opposite to the planned one."""
    if opposite is None or (of == "any" and opposite.shape[1] > 1):
        return None  # which of them was found is not known
    wrong = opposite if of == "each" else np.asarray(opposite.any(axis=1, keepdims=True))
    return np.where(wrong[:, :, None], 0.0, asked)


def _curve(
    scenario: Scenario, layout: Layout, asked: Floats, right: Floats | None, numbers: Floats
) -> tuple[AssurancePoint, ...]:
    """Return the points from power by draw, probability asked and n, (draws, asked, n)."""
    draws, several, ns = asked.shape
    target = scenario.decision.power.target
    least, powers = asked.min(axis=1), None
    reached: list[Averaged | None] = [None] * ns
    if draws >= ENOUGH_DRAWS:
        powers = drawn_power(asked.reshape(draws, -1), numbers, studies=BLOCK_SIZE)
        least = powers.power.reshape(asked.shape).min(axis=1)
        rng = stream(scenario.seed, block=0, owner="prior", purpose="bootstrap")
        reached = _reached(powers, several, target, rng)
    return tuple(
        AssurancePoint(
            n=n,
            assurance=_least_of(asked[:, :, k]),
            planned_way=None if right is None else _least_of(right[:, :, k]),
            least=_mean(least[:, k]),
            reached=reached[k],
            quantiles=None
            if powers is None
            else tuple(float(q) for q in np.quantile(least[:, k], QUANTILES)),
        )
        for k, n in enumerate(layout.ns)
    )


def _reached(
    powers: DrawnPower, several: int, target: float, rng: np.random.Generator
) -> list[Averaged | None]:
    """Return the share of draws that reach the target, by n.

    Its interval is that of the bootstrap over draws, with the regression fitted anew, and never
    narrower than that of as many draws whose powers are known.
    """
    draws = powers.power.shape[0]

    def reach(power: Floats) -> Floats:
        return np.asarray(power.reshape(draws, several, -1).min(axis=1) >= target, dtype=float)

    shares = reach(powers.power).mean(axis=0)
    again = [times @ reach(power) / draws for times, power in powers.resampled(rng, _RESAMPLES)]
    lows, highs = np.quantile(again, (0.025, 0.975), axis=0)
    errors = np.std(again, axis=0, ddof=1)
    found: list[Averaged | None] = []
    for share, error, low, high in zip(shares, errors, lows, highs, strict=True):
        known = Probability(round(share * draws), draws)
        limits = (min(known.ci[0], float(low)), max(known.ci[1], float(high)))
        found.append(Averaged(float(share), max(known.mcse, float(error)), limits))
    return found


def _rises(asked: Floats) -> bool:
    """Return whether the assurance is shown to rise over the last third of the range.

    By the 95 % interval of the difference on the same draws, whose error is far below that of the
    two assurances.
    """
    ns = asked.shape[2]
    least = int(asked[:, :, -1].mean(axis=0).argmin())
    rise = asked[:, least, -1] - asked[:, least, min(2 * ns // 3, max(ns - 2, 0))]
    if rise.size < 2:
        return False
    reach = float(stdtrit(rise.size - 1, 0.975)) * rise.std(ddof=1) / math.sqrt(rise.size)
    return bool(rise.mean() > reach)


def _least_of(powers: Floats) -> Averaged:
    """Return the least of the means over draws, from (draws, asked)."""
    return min(map(_mean, powers.T), key=lambda mean: mean.value)


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
    reach = float(stdtrit(draws - 1, 0.975)) * mcse
    return Averaged(
        value, mcse, (max(0.0, min(low, value - reach)), min(1.0, max(high, value + reach)))
    )
