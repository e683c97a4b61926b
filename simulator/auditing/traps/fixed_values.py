"""Traps in which the arms of one comparison have fixed values, whose right answer is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from simulator.auditing.traps import numbers
from simulator.auditing.traps.at_alpha import at_alpha
from simulator.auditing.traps.make import Make
from simulator.auditing.traps.trap import Trap
from simulator.scenario import Scenario
from simulator.scenario.design import Titer

_EXACT: Final = "R's wilcox.test, exact; enumeration of all relabelings"


def untestable(make: Make) -> Iterator[Trap]:
    """Yield the traps of which the plan makes no test."""
    yield make.values(
        "all-equal",
        numbers.ALL_EQUAL,
        catches="a crash, or a small p-value, where there is nothing to rank",
        right="{p}; not rejected",
        source="R's wilcox.test: NaN; the exact distribution given the ties is one point: p = 1",
    )
    yield make.values(
        "empty-group",
        numbers.EMPTY,
        catches="a crash, or a number, where an arm has no values; the other comparisons stay",
        right="{p}; not rejected",
        source="R's wilcox.test: an error, which an analysis has to expect",
    )
    yield make.values(
        "one-animal",
        numbers.ONE_ANIMAL,
        catches="a spread made up for a single animal, and the p-value that comes of it",
        right="{p}; not rejected",
        source="enumeration: one animal among n others has n + 1 places",
    )


def odd_numbers(make: Make) -> Iterator[Trap]:
    """Yield the traps of ties, missing values, unequal arms, and unusual numbers."""
    yield make.values(
        "heavy-ties",
        numbers.CAPPED,
        catches="an exact p-value that ignores ties (scipy's: 0.0887 two-sided)",
        source="2 C(12,5)/C(24,5) = 0.0373 two-sided, exact given the ties (Streitberg & Roehmel "
        "1986; coin, StatXact)",
    )
    yield make.values(
        "half-integer-u",
        numbers.HALF_INTEGER,
        catches="U = 22.5 cut to a whole number, as scipy's exact method does",
        source="coin; HypothesisTests.jl: far-tail 0.01188904, doubling 0.01200348",
    )
    yield make.values(
        "missing-values",
        numbers.MISSING,
        catches="an empty cell taken for 0, or filled with a mean; or no answer for its sake",
        right="of the animals that have a value {p}",
        source="R's wilcox.test leaves out what is missing",
    )
    yield make.values(
        "text-cells",
        numbers.TEXT,
        rule="may refuse",
        catches='"n.d." or "clotted" taken for 0 or for a code',
        right="without the two animals {p}; or no answer, and a message",
        source="neither is a number: R's as.numeric gives NA, wilcox.test refuses text",
    )
    yield make.values(
        "unequal-n",
        numbers.HOLLANDER_WOLFE,
        catches="animals paired by their place, or arms cut to the same size",
        source="Hollander & Wolfe, in the documentation of R's wilcox.test: 0.1272 one-sided",
    )
    yield make.values(
        "reversed-direction",
        numbers.REVERSED,
        catches="a test of the wrong side, or of the side that the data suggest",
        source=_EXACT,
    )
    yield make.values(
        "negative-values",
        numbers.NEGATIVE,
        catches="a logarithm, an absolute value or a floor at 0 before the test",
        source=_EXACT,
    )
    yield make.values(
        "tiny-differences",
        numbers.stretched(step=1e-300),
        catches="values held equal because they are close (1e-300), or in single precision",
        source=f"{_EXACT}; doubles tell 1e-300 from 2e-300 (IEEE 754)",
    )
    yield make.values(
        "huge-values",
        numbers.stretched(step=1e300),
        catches="values that overflow where they are squared or held in single precision (1e300)",
        source=f"{_EXACT}; doubles reach 1.8e308 (IEEE 754)",
    )
    yield make.values(
        "large-integers",
        numbers.stretched(start=1e10, step=1.0),
        catches="whole numbers above 10 000 000 000 clipped at 32 bits or cut to seven digits",
        source=f"{_EXACT}; doubles hold whole numbers to 2^53 (IEEE 754)",
    )


def limits(make: Make) -> Iterator[Trap]:
    """Yield the traps of values outside the range of the first titer that is compared."""
    found = _titer(make.scenario)
    for id, where, rank, catches, places in (
        (
            "below-detection-limit",
            "below",
            "lowest",
            "values below the range dropped, or set to the first dilution, where others were read",
            numbers.LOWEST,
        ),
        (
            "above-detection-limit",
            "above",
            "highest",
            "values above the range dropped, though they are the highest",
            numbers.HIGHEST,
        ),
    ):
        source = f"what is {where} every value that can be read has the {rank} rank, tied"
        if found is None:
            right = f"values {where} the range have the {rank} rank"
            why = "the plan compares no titer, and no other endpoint has limits"
            yield make.unfit(id, why, catches=catches, source=source, right=right)
            continue
        focus, endpoint = found
        pair = as_read(endpoint, places)
        yield make.values(id, pair, focus=focus, catches=catches, source=source)


def as_read(endpoint: Titer, places: numbers.Pair) -> numbers.Pair:
    """Return titers as the assay writes and marks them, by their places among all of them.

    Places beyond the last are the last: a plate may have few wells.
    """
    from simulator.assay import censoring

    # half the first dilution is written where no well agglutinates
    written = endpoint.first_dilution * np.ldexp(1.0, np.arange(-1, endpoint.wells))

    def group(of: numbers.Group) -> numbers.Group:
        size = written.size
        at = [int(place) for place in of.cells]
        values = written[[max(k, -size) if k < 0 else min(k, size - 1) for k in at]]
        return numbers.Group(tuple(values.tolist()), tuple(censoring(endpoint, values).tolist()))

    return numbers.Pair(group(places.treated), group(places.control))


def _titer(scenario: Scenario) -> tuple[int, Titer] | None:
    """Return the first comparison of a titer."""
    for place, one in enumerate(scenario.analysis.comparisons):
        endpoint = scenario.design.endpoints[one.endpoint]
        if endpoint.kind == "titer":
            return place, endpoint
    return None


def p_at_alpha(make: Make) -> Trap:
    """Return the trap in which a p-value is exactly alpha."""
    id, focus = "p-at-alpha", 0
    of = make.plan.comparisons[focus]
    alpha = make.plan.families[of.family].alpha
    catches = "p < alpha where p <= alpha rejects: 3 v 3 one-sided would never reject at 0.05"
    found = at_alpha(make.cohort, focus=focus)
    if found is None:
        why = f"no small data set has a p-value of exactly {alpha:g} by this plan"
        right = "rejected where p <= alpha"
        return make.unfit(id, why, catches=catches, source="enumeration", right=right)
    answer = make.answer_to(found.table)
    exact = abs(found.p_value - alpha) <= 1e-9 * alpha
    at = f"p = {found.p_value:.4g}{'' if exact else f', adjusted {alpha:g},'} is exactly alpha"
    return Trap(
        id,
        catches,
        f"{answer.words(focus)}; {at}: rejected",
        f"enumeration: {found.count}; a test of level alpha rejects at p <= alpha",
        "at alpha",
        make.plan,
        focus,
        found.table,
        answer,
        p_at_alpha=found.p_value,
    )
