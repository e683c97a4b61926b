"""Promises about shares of simulated studies, and whether what was counted breaks them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.analysis.samples import did_you_mean
from simulator.auditing.estimands import Estimand, true_values
from simulator.auditing.evidence import Both, Evidence, World
from simulator.auditing.lines.decisions import Question, power, type_i
from simulator.evaluation.characteristics import Probability
from simulator.model.response_table import respond
from simulator.scenario import Comparison, Scenario

#: Power by endpoint, or by endpoint and treated arm.
Powers = Mapping[str | tuple[str, str], float]

#: Power that is clearly too little: so much below what is promised, or half of it.
_MUCH_LOST: Final = 0.10
#: Chance with which a share that is clearly wrong must be found, or the promise is not tested.
TEETH: Final = 0.5


def most_allowed(total: int, *, limit: float, level: float) -> int:
    """Return the largest count that is no reason to call a share greater than its limit.

    The smallest k with P(X > k) <= level for a binomial X of ``total`` studies and probability
    ``limit``: where the share is at its limit, more than k are counted with a chance of at most
    ``level``.

    Examples
    --------
    >>> most_allowed(500, limit=0.05, level=0.001)
    41
    """
    from scipy.special import bdtrc

    low, high = 0, total
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if bdtrc(middle, total, limit) <= level else (middle + 1, high)
    return low


@dataclass(frozen=True)
class Promise:
    """A limit on a share of studies.

    Attributes
    ----------
    measure, of : which share it is, and of what.
    limit : what is promised of it.
    at_least : whether it is to be no smaller, instead of no greater.
    wrong : a share that must not pass for the promised one.
    count : the share in the evidence; None where the analysis says nothing of it.
    """

    measure: str
    of: str
    limit: float
    at_least: bool
    wrong: float
    count: Callable[[Both], Probability | None]

    def most_against(self, total: int, level: float) -> int:
        """Return how many of so many studies may speak against it."""
        return most_allowed(total, limit=self._against(self.limit), level=level)

    def chance_found(self, total: int, level: float) -> float:
        """Return the chance that it breaks in so many studies where the share is ``wrong``."""
        from scipy.special import bdtrc

        most = self.most_against(total, level)
        return float(bdtrc(most, total, self._against(self.wrong))) if most < total else 0.0

    def broken(self, runs: Both, level: float) -> str:
        """Return how the evidence breaks it; empty where it does not.

        Parameters
        ----------
        level : chance that it breaks where the share is at the limit.
        """
        share = self.count(runs)
        if share is None:
            return f"{self.measure} of {self.of}: the analysis says nothing in any study"
        total, most = share.replicates, self.most_against(share.replicates, level)
        found = f"{self.measure} of {self.of}: {share} ({share.count} of {total})"
        if self.at_least and total - share.count > most:
            return f"{found}, not at least {self.limit:g}; {total - most} or more would pass"
        if not self.at_least and share.count > most:
            return f"{found}, not at most {self.limit:g}; {most} or fewer would pass"
        if self.chance_found(total, level) < TEETH:
            return f"{found}: results of too few studies to tell"
        return ""

    def _against(self, share: float) -> float:
        return 1.0 - share if self.at_least else share


def on_type_i(study: Scenario, limit: float) -> Iterator[Promise]:
    """Yield the promise of every comparison that p is at or below alpha without an effect."""
    for k, one in enumerate(study.analysis.comparisons):

        def count(runs: Both, k: int = k) -> Probability | None:
            return _line(runs, "null", type_i, k)

        yield Promise("type I error", _words(one), limit, False, min(1.0, 2 * limit), count)


def on_fwer(study: Scenario, limit: float) -> Iterator[Promise]:
    """Yield the promise of every family that anything is rejected without an effect."""
    for name in study.analysis.families:
        at = [k for k, one in enumerate(study.analysis.comparisons) if one.family == name]

        def count(runs: Both, at: Sequence[int] = at) -> Probability | None:
            null = runs["null"]
            if not (null.ran.any() and any(_says(runs, k) for k in at)):
                return None
            rejected = null.decisions[null.ran][:, at].any(axis=1)
            return Probability(int(rejected.sum()), rejected.size)

        yield Promise("family-wise error", name, limit, False, min(1.0, 2 * limit), count)


def on_power(study: Scenario, wanted: float | Powers) -> Iterator[Promise]:
    """Yield the promise of every comparison that its effect is found.

    Parameters
    ----------
    wanted : one for all comparisons that have an effect, or by endpoint, or by endpoint and
        treated arm.

    Raises
    ------
    ValueError : nothing has an effect, or a name that the plan does not have.
    """
    comparisons = study.analysis.comparisons
    if isinstance(wanted, Mapping):
        known = {name: None for one in comparisons for name in (one.endpoint, _names(one))}
        for name in wanted:
            if name not in known:
                hint = did_you_mean(str(name), map(str, known))
                raise ValueError(f"power_at_least: {name!r} is not in the plan{hint}")
        limits = {
            k: wanted.get(_names(one), wanted.get(one.endpoint))
            for k, one in enumerate(comparisons)
        }
    else:
        limits = {k: wanted for k, one in enumerate(comparisons) if _has_effect(study, one)}
        if not limits:
            raise ValueError("power_at_least: no comparison of the scenario has an effect")
    for k, limit in limits.items():
        if limit is None:
            continue

        def count(runs: Both, k: int = k) -> Probability | None:
            return _line(runs, "as written", power, k)

        wrong = max(limit - _MUCH_LOST, limit / 2)
        yield Promise("power", _words(comparisons[k]), limit, True, wrong, count)


def on_coverage(study: Scenario, limit: float, estimand: Estimand, *, n: int) -> Iterator[Promise]:
    """Yield the promise of every comparison that its interval has the true value.

    Parameters
    ----------
    estimand : what the interval is about; comparisons in which it has no meaning are left out.
    n : animals in an arm of ratio 1.

    Raises
    ------
    ValueError : it has a meaning in none.
    """
    truth = true_values(study, estimand, n=n)
    if all(math.isnan(one.value) for one in truth):
        raise ValueError(f"coverage_at_least: {estimand.id} has no meaning in this scenario")
    for k, one in enumerate(study.analysis.comparisons):
        if math.isnan(truth[k].value):
            continue

        def count(runs: Both, k: int = k, value: float = truth[k].value) -> Probability | None:
            written = runs["as written"]
            given, covers = written.covers(k, value)
            return Probability(int(covers.sum()), int(given.sum())) if given.any() else None

        yield Promise("coverage", _words(one), limit, True, max(0.0, 2 * limit - 1), count)


def _line(
    runs: Both, world: World, lines: Callable[[Evidence], Iterator[Question]], k: int
) -> Probability | None:
    """Return a comparison's share as the audit counts it."""
    if not _says(runs, k):
        return None
    questions = list(lines(runs[world]))
    value = questions[k](0.5).value if questions else None  # none: all runs of this world failed
    return value if isinstance(value, Probability) else None


def _says(runs: Both, k: int) -> bool:
    """Return whether the analysis ever says anything of a comparison."""
    return any(
        not (np.isnan(run.p_value[:, k]) & np.isnan(run.rejected[:, k])).all()
        for run in runs.values()
    )


def _has_effect(study: Scenario, one: Comparison) -> bool:
    typical, responses = np.zeros(1), respond(study)
    levels = [responses.log_response(arm, one.endpoint, typical) for arm in _arms(one)]
    return not math.isclose(float(levels[0][0]), float(levels[1][0]), abs_tol=1e-9)


def _arms(one: Comparison) -> tuple[str, str]:
    return one.treated, one.control


def _names(one: Comparison) -> tuple[str, str]:
    return one.endpoint, one.treated


def _words(one: Comparison) -> str:
    return f"{one.endpoint}, {one.treated} v {one.control}"
