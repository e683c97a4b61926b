"""The search for the simplest choices that have all p-values of an analysis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.auditing.agreement import equal_p
from simulator.auditing.choices.catalogue import MOST_PARTS, Catalogue
from simulator.auditing.choices.cells import Cells
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.data_set import Floats, Ints

#: Share of the cells that a choice must have.
SHARE = 0.995
#: The same of the first few data sets, before all are looked at.
_FIRST_SHARE, _FIRST = 0.95, 6
#: Cells that are looked at before these: where the analysis differs, and where it does not.
_DIFFERING, _ALIKE = 6, 2
#: Different pairs of p-values (the analysis', the plan's) that a choice must explain for each part
#: in which it differs from the plan: among thousands of choices a single one would hit by chance.
_FEWEST = 2

Cell = tuple[int, int]


@dataclass(frozen=True)
class Match:
    """How far a choice has the p-values of one endpoint.

    Attributes
    ----------
    cells : that can tell: in which the analysis does not have both the choice's and the plan's.
    told_apart : of them, those in which the choice differs from the plan.
    matched : in which the analysis has the choice's.
    pairs : different pairs of p-values among those.
    """

    cells: int
    told_apart: int
    matched: int
    pairs: int

    def good(self, parts: int) -> bool:
        """Return whether it is enough for a choice of so many parts."""
        return self.matched >= SHARE * self.cells and self.pairs >= _FEWEST * parts


@dataclass(frozen=True)
class Explained:
    """Choices that the data do not tell apart, and the endpoints whose p-values they have."""

    choices: tuple[Choice, ...]
    endpoints: tuple[str, ...]
    matched: int
    told_apart: int


class _Search:
    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._found: dict[tuple[Choice, str], Match | None] = {}
        differs = cells.there & ~cells.same
        self.differing = [e for e in cells.endpoints if differs[:, cells.of(e)].any()]
        self._probes = {e: self._probe(cells.of(e), differs) for e in self.differing}

    def _probe(self, at: Ints, differs: np.ndarray) -> list[Cell]:
        """Return the cells that tell most at the least cost: of few data sets, p of middle size."""
        cells = self.cells
        order = np.argsort(~cells.null, kind="stable")
        there: list[Cell] = []
        used: list[int] = []
        for number in order.tolist():
            if differs[number, at].any():
                used.append(number)
                there += [(number, k) for k in at.tolist() if differs[number, k]]
            if len(there) >= 2 * _DIFFERING:
                break
        there.sort(key=lambda cell: abs(float(cells.said[cell]) - 0.4))
        distinct = {float(f"{cells.said[cell]:.6g}"): cell for cell in reversed(there)}
        found = list(reversed(distinct.values()))[:_DIFFERING]
        alike = [
            (number, k)
            for number in used
            for k in at.tolist()
            if cells.there[number, k] and not differs[number, k]
        ]
        alike.sort(key=lambda cell: abs(float(cells.own[cell]) - 0.4))
        return [*found, *alike[:_ALIKE]]

    def simplest(self, endpoint: str, catalogue: Catalogue) -> list[Choice]:
        """Return the choices of the fewest parts that have an endpoint's p-values."""
        for parts in range(1, MOST_PARTS + 1):
            found = [one for one in catalogue.differing_in(parts) if self.good(one, endpoint)]
            if found:
                return found
        return []

    def good(self, choice: Choice, endpoint: str) -> bool:
        """Return whether a choice has an endpoint's p-values."""
        match = self.match(choice, endpoint)
        return match is not None and match.good(len(choice.parts))

    def match(self, choice: Choice, endpoint: str) -> Match | None:
        """Return how far a choice has an endpoint's p-values; None where it soon does not."""
        key = choice, endpoint
        if key not in self._found:
            self._found[key] = self._match(choice, endpoint)
        return self._found[key]

    def _match(self, choice: Choice, endpoint: str) -> Match | None:
        if not self._hits(choice, self._probes.get(endpoint, [])):
            return None
        cells, at = self.cells, self.cells.of(endpoint)
        first = np.flatnonzero((cells.there & ~cells.same)[:, at].any(axis=1))[:_FIRST]
        soon = self._compare(choice, at, first)
        if soon.matched < _FIRST_SHARE * soon.cells:
            return None
        return self._compare(choice, at, np.arange(cells.size))

    def _hits(self, choice: Choice, probe: Sequence[Cell]) -> bool:
        misses = 0
        for number, k in probe:
            said, data = self.cells.said[number, k : k + 1], self.cells.data(number)
            slack = max((float(one.half_unit(said)[0]) for one in self.cells.printed), default=0.0)
            if not (
                choice.could_say(float(said[0]), data, k, slack=slack + 1e-6)
                and self.cells.equal(said, np.array([choice.p_value(data, k)]))[0]
            ):
                misses += 1
                if misses > (len(probe) >= _DIFFERING):
                    return False
        return True

    def _compare(self, choice: Choice, at: Ints, numbers: Ints) -> Match:
        cells = self.cells
        where = np.ix_(numbers, at)
        said, own, there = cells.said[where], cells.own[where], cells.there[where]
        p: Floats = np.full(said.shape, np.nan)
        for i, j in np.argwhere(there).tolist():
            p[i, j] = choice.p_value(cells.data(int(numbers[i])), int(at[j]))
        equal = cells.equal(said, p)
        tells = there & ~(equal & cells.same[where])
        apart = tells & ~equal_p(p, own, printed=())
        pairs = {
            (float(f"{one:.6g}"), float(f"{other:.6g}"))
            for one, other in zip(said[tells & equal], own[tells & equal], strict=True)
        }
        return Match(int(tells.sum()), int(apart.sum()), int((apart & equal).sum()), len(pairs))


def explain(
    cells: Cells, catalogue: Catalogue, *, rather: Iterable[str] = ()
) -> tuple[Explained, ...]:
    """Return the choices that have the p-values of an analysis where they are not the plan's.

    Of each endpoint the choices of the fewest parts are found; then those are taken that have
    most endpoints, agree with the analysis where it has the plan's, are simple, and are right.

    Parameters
    ----------
    rather : names of choices that something else than the p-values speaks for.
    """
    search = _Search(cells)
    pool: dict[Choice, None] = {}
    for endpoint in search.differing:
        if not any(search.good(one, endpoint) for one in pool):
            pool |= dict.fromkeys(search.simplest(endpoint, catalogue))
    others = [one for one in cells.endpoints if one not in search.differing]
    speaks = frozenset(rather)

    def rank(choice: Choice, left: Sequence[str]) -> tuple[int, ...]:
        held = [search.match(choice, one) for one in others]
        return (
            sum(search.good(choice, one) for one in left),
            sum(one is not None and one.matched >= SHARE * one.cells for one in held),
            -len(choice.parts),
            int(choice.valid),
            int(bool(speaks & set(choice.id.split("+")))),
        )

    found = []
    left = list(search.differing)
    while left and pool:
        ranks = {one: rank(one, left) for one in pool}
        best = max(ranks.values())
        if not best[0]:
            break
        first = next(one for one in pool if ranks[one] == best)
        has = tuple(one for one in left if search.good(first, one))
        alike = [
            one
            for one in pool
            if ranks[one] == best and all(search.good(one, endpoint) for endpoint in has)
        ]
        said = {one.sentence: one for one in reversed(alike)}
        matches = [match for one in has if (match := search.match(first, one)) is not None]
        found.append(
            Explained(
                tuple(one for one in alike if said[one.sentence] is one),
                has,
                sum(one.matched for one in matches),
                sum(one.told_apart for one in matches),
            )
        )
        left = [one for one in left if one not in has]
    return tuple(found)
