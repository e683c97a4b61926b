"""Choices of what is compared: which values, of which arms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.analysis.units import whole_cages
from simulator.auditing.choices.data_set import (
    Bools,
    Contrast,
    DataSet,
    Ints,
    Rows,
    Values,
    values_of,
)
from simulator.scenario import Comparison

if TYPE_CHECKING:
    import pandas as pd

#: Animals further than so many standard deviations from their arm's mean are called outliers.
_DEVIATIONS = 2.0
#: Tukey's fences: so many interquartile ranges beyond the quartiles.
_FENCES = 1.5


def _planned(data: DataSet, endpoint: str, arm: str) -> Values:
    return values_of(data.rows(endpoint, arm), cages=data.plan.unit == "cage")


def _as_they_are(treated: Values, control: Values) -> tuple[Values, Values]:
    return treated, control


def _own_arms(comparison: Comparison) -> tuple[str, str]:
    return comparison.treated, comparison.control


@dataclass(frozen=True, eq=False)
class Selection:
    """What is compared.

    Attributes
    ----------
    id, words : its name, and what to say after "the plan's test"; empty of the plan's own.
    valid : whether it is right too.
    values : of one endpoint and arm.
    pair : what is done to two arms together.
    arms : which arms are compared in a comparison of the plan.
    """

    id: str = ""
    words: str = ""
    valid: bool = True
    values: Callable[[DataSet, str, str], Values] = _planned
    pair: Callable[[Values, Values], tuple[Values, Values]] = _as_they_are
    arms: Callable[[Comparison], tuple[str, str]] = _own_arms

    def of(self, data: DataSet, endpoint: str, arm: str) -> Values:
        """Return the values of one arm."""
        return data.keep((self.values, endpoint, arm), lambda: self.values(data, endpoint, arm))

    def contrast(self, data: DataSet, comparison: Comparison) -> Contrast:
        """Return what a test is given of one comparison."""
        return data.keep((self, comparison), lambda: self._contrast(data, comparison))

    def _contrast(self, data: DataSet, comparison: Comparison) -> Contrast:
        treated, control = (
            self.of(data, comparison.endpoint, arm) for arm in self.arms(comparison)
        )
        return Contrast(
            *self.pair(treated, control),
            lambda which: tuple(
                self.of(data, comparison.endpoint, arm) for arm in data.company(comparison, which)
            ),
        )


#: What the plan compares.
PLANNED = Selection()


def _of_rows(change: Callable[[Rows], Rows]) -> Callable[[DataSet, str, str], Values]:
    def values(data: DataSet, endpoint: str, arm: str) -> Values:
        return values_of(change(data.rows(endpoint, arm)), cages=data.plan.unit == "cage")

    return values


def _take(rows: Rows, which: Bools | Ints) -> Rows:
    return Rows(*(getattr(rows, name)[which] for name in Rows.__dataclass_fields__))


def _left_out(rows: Rows) -> Rows:
    return _take(rows, ~(rows.below | rows.above))


def _as_recorded(rows: Rows) -> Rows:
    nothing = np.zeros(rows.recorded.size, dtype=np.bool_)
    return replace(rows, below=nothing, above=nothing)


def _missing_as_zero(data: DataSet, endpoint: str, arm: str) -> Values:
    # As a wide table gives them: every animal of the arm has a cell, an empty one becomes 0.
    rows = data.rows(endpoint, arm)
    lost = np.setdiff1d(data.subjects(arm), rows.subject)
    zeros = np.zeros(lost.size)
    none = np.zeros(lost.size, dtype=np.bool_)
    filled = Rows(
        np.concatenate([rows.subject, lost]),
        np.concatenate([np.nan_to_num(rows.recorded), zeros]),
        np.concatenate([rows.below, none]),
        np.concatenate([rows.above, none]),
        np.concatenate([rows.cage, -2 - lost]),
    )
    in_order = np.argsort(filled.subject, kind="stable")
    return values_of(_take(filled, in_order), cages=data.plan.unit == "cage")


def _beyond_fences(rows: Rows) -> Rows:
    there = rows.recorded[~np.isnan(rows.recorded)]
    if not there.size:
        return rows
    low, high = np.percentile(there, [25, 75])
    reach = _FENCES * (high - low)
    return _take(rows, (rows.recorded >= low - reach) & (rows.recorded <= high + reach))


def _beyond_deviations(rows: Rows) -> Rows:
    there = rows.recorded[~np.isnan(rows.recorded)]
    if there.size < 2:
        return rows
    reach = _DEVIATIONS * there.std(ddof=1)
    return _take(rows, np.abs(rows.recorded - there.mean()) <= reach)


def _animals(data: DataSet, endpoint: str, arm: str) -> Values:
    return values_of(data.rows(endpoint, arm), cages=False)


def _cage_medians(data: DataSet, endpoint: str, arm: str) -> Values:
    return values_of(data.rows(endpoint, arm), cages=True)


def _cage_means(data: DataSet, endpoint: str, arm: str) -> Values:
    rows = data.rows(endpoint, arm)
    there = ~np.isnan(rows.recorded)
    _, cage = np.unique(rows.cage[there], return_inverse=True)
    means = np.bincount(cage, weights=rows.recorded[there]) / np.bincount(cage)
    return Values(means, means)


def _twice(data: DataSet, endpoint: str, arm: str) -> Values:
    return _planned(data, endpoint, arm).changed(lambda values: np.repeat(values, 2))


def _as_many(treated: Values, control: Values) -> tuple[Values, Values]:
    n = min(treated.ranked.size, control.ranked.size)
    return treated.changed(lambda v: v[:n]), control.changed(lambda v: v[:n])


def _ties_broken(*, treated_first: bool) -> Callable[[Values, Values], tuple[Values, Values]]:
    def broken(treated: Values, control: Values) -> tuple[Values, Values]:
        first, second = (treated, control) if treated_first else (control, treated)
        order = np.argsort(np.concatenate([first.ranked, second.ranked]), kind="stable")
        ranks = np.empty(order.size)
        ranks[order] = np.arange(1.0, order.size + 1)
        n = first.ranked.size
        one, other = Values(first.recorded, ranks[:n]), Values(second.recorded, ranks[n:])
        return (one, other) if treated_first else (other, one)

    return broken


def _swapped(comparison: Comparison) -> tuple[str, str]:
    return comparison.control, comparison.treated


def _against(arm: str) -> Callable[[Comparison], tuple[str, str]]:
    return lambda comparison: (comparison.treated, arm)


def selections(data: DataSet, observations: pd.DataFrame) -> Iterator[Selection]:
    """Yield the choices other than the plan's that the data allow.

    Parameters
    ----------
    observations : the table of ``data``.
    """
    yield Selection("arms-swapped", "with treated and control swapped", False, arms=_swapped)
    left_out = _of_rows(_left_out)
    yield Selection("censored-dropped", "with the censored values left out", False, left_out)
    recorded = "with censored values at the recorded number, not at the lowest or highest rank"
    yield Selection("censored-as-recorded", recorded, False, _of_rows(_as_recorded))
    zero = "with missing values counted as 0"
    yield Selection("missing-as-zero", zero, False, _missing_as_zero)
    if data.plan.unit == "cage":
        yield Selection("animals", "of animals, where the plan counts cages", False, _animals)
        yield Selection("cage-means", "of the means of cages, not their medians", True, _cage_means)
    elif whole_cages(observations):
        yield Selection(
            "cage-medians",
            "of the medians of cages, where the plan counts animals",
            True,
            _cage_medians,
        )
        yield Selection(
            "cage-means", "of the means of cages, where the plan counts animals", True, _cage_means
        )
    words = "with ties broken by the order of the rows"
    for treated_first in (False, True):
        broken = _ties_broken(treated_first=treated_first)
        yield Selection("ties-by-row-order", words, False, pair=broken)
    for name, cut, reach in (
        (
            "fences",
            _beyond_fences,
            f"{_FENCES:g} interquartile ranges beyond their arm's quartiles",
        ),
        ("sd", _beyond_deviations, f"{_DEVIATIONS:g} standard deviations from their arm's mean"),
    ):
        yield Selection(
            f"outliers-dropped-{name}", f"without values more than {reach}", False, _of_rows(cut)
        )
    yield Selection(
        "cut-to-equal-sizes", "with the larger arm cut to the smaller", False, pair=_as_many
    )
    yield Selection("rows-doubled", "with every value counted twice", False, _twice)


def other_controls(data: DataSet) -> Iterator[Selection]:
    """Yield the choices of one control for all comparisons."""
    controls = {one.control for one in data.plan.comparisons}
    for arm in data.arms:
        if controls != {arm}:
            words = f"against {arm}, whatever control the plan names"
            yield Selection(f"against-{arm}", words, False, arms=_against(arm))
