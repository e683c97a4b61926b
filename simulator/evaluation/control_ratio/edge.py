"""Whether the answer lies at the start of the range, so that fewer animals may do."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.evaluation.control_ratio.plan import Pair
from simulator.evaluation.control_ratio.search import Line, Search
from simulator.scenario.attainable import hopeless


def below_range(search: Search, best: Pair | None) -> int | None:
    """Return the smallest arm that was looked at, where smaller ones may need fewer animals.

    None where no pair beyond the start of the range (``decision.n.from``) can be the answer: it
    takes as many animals as the best, or a larger one was shown to be too small, or nothing can
    be significant with so few.
    """
    if best is None:
        return None
    limit = search.total(best)
    for pair in _beyond(search):
        if min(pair) >= 1 and search.total(pair) < limit and not _out_of_reach(search, pair):
            return search.field.treated[0]
    return None


def _beyond(search: Search) -> Iterator[Pair]:
    """Yield the pairs just outside of the range, beside those that are not too small."""
    step, first = search.field.step, search.field.treated[0]
    for line in search.lines():
        m, n = line.pairs[0]
        left = _left(line)
        if n == first and (m, n) in left:
            yield m, n - step
        if m == first:
            yield from ((m - step, treated) for _, treated in left)


def _left(line: Line) -> tuple[Pair, ...]:
    """Return the pairs of a line that are not shown to be too small."""
    return line.open if line.enough is None else (*line.open, line.enough)


def _out_of_reach(search: Search, pair: Pair) -> bool:
    plan = search.plan
    scenario = plan.with_control(pair[0])
    sizes = scenario.design.units(plan.sizes(pair), unit=scenario.analysis.unit)
    return hopeless(scenario.analysis, plan.family, sizes=sizes) is not None
