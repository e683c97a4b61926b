"""Whether p-values stand in the rows of other comparisons: arms that were mixed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from simulator.auditing.choices.cells import Cells
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.data_set import Floats
from simulator.auditing.choices.rank_tests import RANK_TESTS
from simulator.auditing.choices.search import SHARE
from simulator.auditing.result import Finding
from simulator.scenario import Comparison

#: Data sets in which every comparison's p-value is made.
_MOST: Final = 60
#: Different p-values that must be another comparison's.
_FEWEST: Final = 4
#: Comparisons that are named.
_NAMED: Final = 4
#: The plan's test, and others that are right.
_TESTS: Final = (Choice(), *(Choice(test=one) for one in RANK_TESTS if one.valid))


def exchanged_findings(cells: Cells, endpoints: Sequence[str]) -> Iterator[Finding]:
    """Yield the endpoints of which p-values are those of other comparisons of the plan.

    Parameters
    ----------
    endpoints : those to look at.
    """
    differs = cells.there & ~cells.same
    numbers = np.flatnonzero(differs.any(axis=1))[:_MOST]
    if not numbers.size:
        return
    left = list(endpoints)
    for choice in _TESTS:
        if not left:
            return
        p = np.array(
            [
                [choice.p_value(cells.data(d), k) for k in range(differs.shape[1])]
                for d in numbers.tolist()
            ]
        )
        for endpoint in tuple(left):
            found = _of_endpoint(cells, endpoint, choice, numbers, p)
            if found is not None:
                left.remove(endpoint)
                yield found


def _of_endpoint(
    cells: Cells, endpoint: str, choice: Choice, numbers: np.ndarray, p: Floats
) -> Finding | None:
    comparisons, said, there = cells.plan.comparisons, cells.said[numbers], cells.there[numbers]
    pairs: list[tuple[Comparison, Comparison]] = []
    matched = told = 0
    for k in cells.of(endpoint).tolist():
        own = cells.equal(said[:, k], p[:, k]) | ~there[:, k]
        if own.mean() >= SHARE:
            continue
        best = max(range(p.shape[1]), key=lambda j: int(cells.equal(said[:, k], p[:, j]).sum()))
        equal = cells.equal(said[:, k], p[:, best]) & there[:, k]
        apart = there[:, k] & ~(equal & own)
        if equal[apart].sum() < SHARE * apart.sum():
            return None
        if np.unique(said[equal & apart, k]).size < _FEWEST:
            return None
        pairs.append((comparisons[k], comparisons[best]))
        matched, told = matched + int(equal[apart].sum()), told + int(apart.sum())
    if not pairs:
        return None
    return Finding(
        "rows-exchanged", _sentence(pairs, choice), False, (endpoint,), matched, told, "p-values"
    )


def _sentence(pairs: Sequence[tuple[Comparison, Comparison]], choice: Choice) -> str:
    named = [
        f"of {_words(one, other)}{'' if k else ' are'} those of {_words(other, one)}"
        for k, (one, other) in enumerate(pairs[:_NAMED])
    ]
    named += [f"{len(pairs) - _NAMED} more so"] if len(pairs) > _NAMED else []
    test = f" (by {choice.test.words})" if choice.test.id else ""
    return f"your p-values {', '.join(named)}: rows or arms are mixed up{test}"


def _words(one: Comparison, other: Comparison) -> str:
    """Return a comparison in words, with its endpoint where the other's is another."""
    where = f" on {one.endpoint}" if one.endpoint != other.endpoint else ""
    return f"{one.treated} v {one.control}{where}"
