"""Attained size of every test over a grid of n and tie levels, on data without any effect.

Null data are drawn here by numpy alone; the p-values are the analysis' own. Data sets that a test
cannot tell apart (same ties, same statistic) are tested once and counted as often as they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.analysis.brunner_munzel import brunner_munzel_p, placements
from simulator.analysis.mann_whitney import mann_whitney
from simulator.analysis.multiplicity import rejects
from simulator.analysis.permutation import (
    permutation_p,
    permutation_untied,
    permutation_untied_p,
    signed_square,
)
from simulator.analysis.relabelings import UNTIED_RELABELINGS, complete_count
from simulator.analysis.steel import steel_p_of_maxima, steel_z
from simulator.analysis.steel_family import steel, steel_untied
from simulator.analysis.trend import TREND_AUTO_EXACT, jonckheere

ALPHA = 0.05
SEED = 20261123
SIZES = (3, 4, 5, 8, 12, 20)
#: Data sets per cell; of tests that relabel tied data and of Steel's normal one; and relabelings
#: that tied data get.
REPLICATES, FEWER, RESAMPLES = 30_000, 3_000, 1_999
#: A test that relabels tied data anew each time is measured up to this n.
LARGEST_RELABELED = 8
#: Standard deviation of the size of a test that holds untied data against one random list: given
#: the list it is that of an empirical quantile.
LIST_SD = float(np.sqrt(0.05 * 0.95 / UNTIED_RELABELINGS))

#: Probabilities of the levels; the wells are log2 titers of mean 5.5 and SD 2, so all 12 occur.
_DENSITY = np.exp(-((np.arange(12) - 5.5) ** 2) / 8)
TIES: dict[str, np.ndarray | None] = {
    "none": None,
    "12 wells": _DENSITY / _DENSITY.sum(),
    "4 levels": np.array([0.3, 0.4, 0.2, 0.1]),
    "2 levels": np.array([0.6, 0.4]),
}

Measure = Callable[[str, int, np.random.Generator], "tuple[int, int]"]


@dataclass(frozen=True)
class Cell:
    """Attained size of one test on one kind of data.

    Attributes
    ----------
    exact : the test claims to keep its level on these data, whatever the sample size.
    count, replicates : data sets rejected, and tested; one that cannot be tested is not rejected.
    listed : it holds these data against the one random list of untied data.
    """

    test: str
    ties: str
    n: int
    exact: bool
    count: int
    replicates: int
    listed: bool = False

    @property
    def size(self) -> float:
        """Share of data sets rejected."""
        return self.count / self.replicates

    @property
    def excess(self) -> float:
        """Size above alpha, and above the 0.07 points of a list, in standard errors at alpha."""
        allowed = ALPHA + (LIST_SD if self.listed else 0.0)
        return (self.size - allowed) / float(np.sqrt(ALPHA * (1 - ALPHA) / self.replicates))


def null_data(
    ties: str, arms: int, n: int, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Return data without effect, shape (replicates, arms, n): levels, or ranks without ties."""
    p = TIES[ties]
    if p is None:
        order = rng.random((replicates, arms * n)).argsort(axis=1)
        return order.reshape(replicates, arms, n)
    return rng.choice(p.size, size=(replicates, arms, n), p=p)


def doubled_u(treated: np.ndarray, control: np.ndarray) -> np.ndarray:
    """Return twice U of every replicate; shapes (R, m) and (R, n) give (R,)."""
    larger = treated[:, :, None] > control[:, None, :]
    equal = treated[:, :, None] == control[:, None, :]
    return 2 * larger.sum(axis=(1, 2)) + equal.sum(axis=(1, 2))


def _alike(data: np.ndarray, ties: str, statistic: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one data set of every pooled sample and statistic, and how often it came."""
    columns = [statistic]
    p = TIES[ties]
    if p is not None:
        columns += [(data == level).sum(axis=(1, 2)) for level in range(p.size)]
    # one whole number per row: base 128 holds every count, 12 of them and a statistic in 128 bits
    keys = np.array(columns).T
    _, first, weight = np.unique(keys, axis=0, return_index=True, return_counts=True)
    return data[first], weight


def _mann_whitney(
    ties: str, n: int, rng: np.random.Generator, **options: object
) -> tuple[int, int]:
    data = null_data(ties, 2, n, REPLICATES, rng)
    rows, weight = _alike(data, ties, doubled_u(data[:, 1], data[:, 0]))
    count = 0
    for (control, treated), times in zip(rows, weight, strict=True):
        p = mann_whitney(treated, control, **options).p_value
        count += times * (p is not None and rejects(p, ALPHA))
    return int(count), REPLICATES


def _brunner_munzel(ties: str, n: int, rng: np.random.Generator) -> tuple[int, int]:
    data = np.sort(null_data(ties, 2, n, REPLICATES, rng), axis=2).astype(float)
    return sum(rejects(brunner_munzel_p(x, y, 0), ALPHA) for y, x in data), REPLICATES


def _permutation(
    ties: str, n: int, rng: np.random.Generator, *, alternative: int
) -> tuple[int, int]:
    if ties == "none":
        data = np.sort(null_data(ties, 2, n, REPLICATES, rng), axis=2).astype(float)
        known, complete = permutation_untied(n, n)
        count = 0
        for y, x in data:
            statistic = signed_square(*placements(x, y), n, n)
            count += rejects(permutation_untied_p(statistic, known, complete, alternative), ALPHA)
        return count, REPLICATES
    data = np.sort(null_data(ties, 2, n, FEWER, rng), axis=2).astype(float)
    rows, weight = np.unique(data, axis=0, return_counts=True)
    p = [permutation_p(x, y, alternative, RESAMPLES) for y, x in rows]
    return int(weight @ np.array([rejects(one, ALPHA) for one in p])), FEWER


def _steel(ties: str, n: int, rng: np.random.Generator, *, method: str) -> tuple[int, int]:
    """Share of data sets in which any of three treated arms is called different."""
    if ties == "none" and method == "exact":
        data = null_data(ties, 4, n, REPLICATES, rng)
        maxima, complete = steel_untied((n,) * 4, 0)
        u2 = [doubled_u(data[:, arm], data[:, 0]) for arm in (1, 2, 3)]
        largest = np.abs(np.array(u2) - n * n).max(axis=0)  # equal sizes: the largest |z|
        count = 0
        for gap, times in zip(*np.unique(largest, return_counts=True), strict=True):
            p = steel_p_of_maxima(steel_z(n * n + gap, n, n, 0), maxima, complete, 0)
            count += times * rejects(p, ALPHA)
        return int(count), REPLICATES
    data = np.sort(null_data(ties, 4, n, FEWER, rng), axis=2).astype(float)
    count = 0
    for control, *treated in data:
        p = steel(control, treated, method=method, resamples=RESAMPLES).p_adjusted
        count += any(rejects(one, ALPHA) for one in p)
    return count, FEWER


def _trend(ties: str, n: int, rng: np.random.Generator, *, method: str) -> tuple[int, int]:
    replicates = FEWER if ties != "none" and method == "exact" else REPLICATES
    data = null_data(ties, 4, n, replicates, rng)
    pairs = [(late, early) for late in range(4) for early in range(late)]
    j2 = sum(doubled_u(data[:, late], data[:, early]) for late, early in pairs)
    if method == "exact" and ties != "none":
        # the p-value depends on the list of relabelings, hence on more than ties and statistic
        rows, weight = data, np.ones(replicates, dtype=np.int64)
    else:
        rows, weight = _alike(data, ties, j2)
    found = [
        jonckheere(list(row.astype(float)), method=method, resamples=RESAMPLES).p_value
        for row in rows
    ]
    return int(weight @ np.array([rejects(p, ALPHA) for p in found])), replicates


def _always(_ties: str, _n: int) -> bool:
    return True


def _untied(ties: str, _n: int) -> bool:
    return ties == "none"


def _never(_ties: str, _n: int) -> bool:
    return False


def _small(ties: str, n: int) -> bool:
    return ties == "none" or n <= LARGEST_RELABELED


def _auto_trend(ties: str, n: int) -> bool:
    return ties == "none" and 4 * n <= TREND_AUTO_EXACT


@dataclass(frozen=True)
class Test:
    """One line of the grid: how it is measured, where, and where it claims to be exact.

    Attributes
    ----------
    arms : of untied data that are held against a random list where the complete one is too long.
    """

    __test__ = False  # not a test case of pytest

    measure: Measure
    exact: Callable[[str, int], bool]
    runs: Callable[[str, int], bool] = _always
    arms: int = 0

    def listed(self, ties: str, n: int) -> bool:
        """Return whether these data are held against the one random list."""
        return self.arms > 0 and ties == "none" and complete_count(np.array([n] * self.arms)) == 0


def _u(exact: Callable[[str, int], bool], **options: object) -> Test:
    return Test(partial(_mann_whitney, **options), exact)


TESTS = {
    "Mann-Whitney auto": _u(_untied, method="auto"),
    "Mann-Whitney exact, far-tail": _u(_always, method="exact", convention="far-tail"),
    "Mann-Whitney exact, doubling": _u(_always, method="exact", convention="doubling"),
    "Mann-Whitney exact, greater": _u(_always, method="exact", alternative="greater"),
    "Mann-Whitney exact, less": _u(_always, method="exact", alternative="less"),
    "Mann-Whitney mid-p": _u(_never, method="mid-p"),
    "Mann-Whitney normal, continuity": _u(_never, method="asymptotic", continuity=True),
    "Mann-Whitney normal, none": _u(_never, method="asymptotic", continuity=False),
    "Brunner-Munzel t": Test(_brunner_munzel, _never),
    "Permutation, two-sided": Test(partial(_permutation, alternative=0), _always, _small, 2),
    "Permutation, greater": Test(partial(_permutation, alternative=1), _always, _small, 2),
    "Steel exact, 3 treated arms": Test(partial(_steel, method="exact"), _always, _small, 4),
    "Steel normal, 3 treated arms": Test(partial(_steel, method="asymptotic"), _never, _small),
    "Jonckheere exact, 4 arms": Test(partial(_trend, method="exact"), _always, _small),
    "Jonckheere auto, 4 arms": Test(partial(_trend, method="auto"), _auto_trend),
    "Jonckheere normal, 4 arms": Test(partial(_trend, method="asymptotic"), _never),
}


def cell(test: str, ties: str, n: int) -> Cell:
    """Measure one cell; its data depend on the seed, the ties and n, not on the other cells."""
    rng = np.random.default_rng([SEED, list(TIES).index(ties), n])
    line = TESTS[test]
    count, replicates = line.measure(ties, n, rng)
    return Cell(test, ties, n, line.exact(ties, n), count, replicates, line.listed(ties, n))


def grid() -> Iterator[Cell]:
    """Measure every cell, test by test."""
    for test, line in TESTS.items():
        for ties in TIES:
            for n in SIZES:
                if line.runs(ties, n):
                    yield cell(test, ties, n)
