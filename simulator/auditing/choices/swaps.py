"""Whether u and the estimates are those of the other arm, or another statistic of the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from simulator.auditing.choices.cells import Cells
from simulator.auditing.choices.data_set import Bools, Floats
from simulator.auditing.choices.search import SHARE
from simulator.auditing.choices.selections import PLANNED
from simulator.auditing.result import Finding

#: Different values that must speak for it.
_FEWEST: Final = 3
#: Estimates found by search agree no better (R's uniroot: 1e-4).
ESTIMATES: Final = 1e-3
_EXACT: Final = 1e-6

#: What u may be, from the plan's u, m and n.
_STATISTICS: Final[tuple[tuple[str, str, Callable[[Floats, Floats, Floats], Floats]], ...]] = (
    (
        "u-swapped",
        "your u counts the pairs in which the control is larger: treated and control are swapped",
        lambda u, m, n: m * n - u,
    ),
    ("u-smaller", "your u is the smaller of the two", lambda u, m, n: np.minimum(u, m * n - u)),
    ("u-larger", "your u is the larger of the two", lambda u, m, n: np.maximum(u, m * n - u)),
    (
        "rank-sum",
        "your u is the sum of ranks of the treated arm",
        lambda u, m, n: u + m * (m + 1) / 2,  # noqa: ARG005
    ),
    (
        "rank-sum-control",
        "your u is the sum of ranks of the control arm",
        lambda u, m, n: m * n - u + n * (n + 1) / 2,
    ),
)
#: What an estimate may be, from the plan's.
_INVERSIONS: Final[tuple[Callable[[Floats], Floats], ...]] = (
    lambda own: 1 / own,
    lambda own: -own,
    lambda own: 1 - own,
)


def swap_findings(cells: Cells) -> Iterator[Finding]:
    """Yield what is found of u and of the estimates."""
    yield from _statistics(cells)
    yield from _estimates(cells)


def _statistics(cells: Cells) -> Iterator[Finding]:
    said, own = cells.column("u"), cells.column("plan_u")
    if not differ(said, own, _EXACT).any():
        return
    m, n = _sizes(cells)
    for name, sentence, of in _STATISTICS:
        found = _finding(cells, name, sentence, True, said, own, of(own, m, n), _EXACT)
        if found is not None:
            yield found
            return


def _sizes(cells: Cells) -> tuple[Floats, Floats]:
    found = np.array(
        [
            [PLANNED.contrast(cells.data(d), one).sizes for one in cells.plan.comparisons]
            for d in range(cells.size)
        ],
        dtype=np.float64,
    )
    return found[..., 0], found[..., 1]


def _estimates(cells: Cells) -> Iterator[Finding]:
    said, own = cells.column("estimate"), cells.column("plan_estimate")
    if not differ(said, own, ESTIMATES).any():
        return
    sentence = "your estimates are of the control over the treated arm: the arms are swapped"
    for of in _INVERSIONS:
        with np.errstate(divide="ignore"):
            other = of(own)
        name = "estimate-swapped"
        found = _finding(cells, name, sentence, False, said, own, other, ESTIMATES)
        if found is not None:
            yield found
            return


def differ(one: Floats, other: Floats, relative: float) -> Bools:
    """Return which of two numbers differ by more than a share of the larger; none where NaN."""
    return np.abs(one - other) > relative * np.maximum(np.abs(one), np.abs(other)) + 1e-12


def _finding(
    cells: Cells,
    name: str,
    sentence: str,
    valid: bool,
    said: Floats,
    own: Floats,
    other: Floats,
    relative: float,
) -> Finding | None:
    there = np.isfinite(said) & np.isfinite(own) & np.isfinite(other)
    hit = there & ~differ(said, other, relative)
    tells = there & ~(hit & ~differ(said, own, relative))
    apart = tells & differ(own, other, relative)
    if hit[tells].sum() < SHARE * tells.sum() or np.unique(said[apart & hit]).size < _FEWEST:
        return None
    endpoints = tuple(one for one in cells.endpoints if apart[:, cells.of(one)].any())
    return Finding(name, sentence, valid, endpoints, int((apart & hit).sum()), int(apart.sum()))
