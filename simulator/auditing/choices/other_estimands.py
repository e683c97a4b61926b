"""Whether the estimates are of another kind than they are held against."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.auditing.choices.cells import Cells
from simulator.auditing.choices.data_set import Bools, Floats
from simulator.auditing.choices.selections import PLANNED
from simulator.auditing.choices.swaps import ESTIMATES, differ
from simulator.auditing.estimands import ESTIMANDS, Estimand
from simulator.auditing.result import Finding

#: Data sets in which every kind of estimate is made: a hundred tell one kind from another.
_MOST: Final = 100
#: Share of the estimates that a kind must have: R finds a shift by search where values are tied.
_SHARE: Final = 0.9
#: Different estimates that must speak for a kind.
_FEWEST: Final = 10


def estimand_finding(cells: Cells) -> Finding | None:
    """Return what is found of the kind of the estimates; None where nothing is, or nothing wrong.

    Of the kinds that have nearly all estimates the one that has most is named.
    """
    said, own = cells.column("estimate"), cells.column("plan_estimate")
    there = np.isfinite(said)
    wrong = there & ~_close(said, own)
    if wrong.sum() <= (1 - _SHARE) * there.sum():
        return None
    numbers = np.flatnonzero(wrong.any(axis=1))[:_MOST]
    said, own, there = said[numbers], own[numbers], there[numbers]
    found: list[tuple[int, int, Estimand]] = []
    for one in ESTIMANDS.values():
        made = _made(cells, one, numbers)
        hit = there & _close(said, made)
        apart = there & ~_close(made, own)
        values = np.unique(said[hit & apart])
        if hit.sum() >= _SHARE * there.sum() and values.size >= _FEWEST:
            found.append((int((hit & apart).sum()), int(apart.sum()), one))
    if not found:
        return None
    matched, told_apart, best = max(found, key=lambda one: one[0])
    return Finding(
        f"estimates-{best.id}",
        f"your estimates are of another kind, {best.id} ({best.words}): use --estimand {best.id}",
        False,
        tuple(one for one in cells.endpoints if wrong[:, cells.of(one)].any()),
        matched,
        told_apart,
    )


def _close(said: Floats, other: Floats) -> Bools:
    return np.isfinite(said) & np.isfinite(other) & ~differ(said, other, ESTIMATES)


def _made(cells: Cells, estimand: Estimand, numbers: np.ndarray) -> Floats:
    """Return the estimates of a kind in some data sets, of the values as they are recorded."""
    found = np.full((numbers.size, len(cells.plan.comparisons)), np.nan)
    for i, number in enumerate(numbers.tolist()):
        data = cells.data(number)
        for k, one in enumerate(cells.plan.comparisons):
            contrast = PLANNED.contrast(data, one)
            arms = (np.sort(arm.recorded) for arm in (contrast.treated, contrast.control))
            found[i, k] = estimand.of(*arms)
    return found
