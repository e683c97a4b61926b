"""The search for the fewest animals: which pairs of sizes get how many replicates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulator.engine.local import Progress
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.control_ratio.field import Field, crossing, diagonal, field_of, line_of
from simulator.evaluation.control_ratio.pairs import Pairs
from simulator.evaluation.control_ratio.plan import EQUAL, Pair, Plan
from simulator.evaluation.replicates import Counts
from simulator.evaluation.sizing.certify import enough, too_small, verdict
from simulator.evaluation.sizing.clock import Clock, OutOfTimeError
from simulator.evaluation.sizing.search import BRACKET, PILOT
from simulator.streams import BLOCK_SIZE, CONFIRM_BLOCK, SEARCH_BLOCK

#: Most pairs that get more replicates while none is shown to be enough.
_MOST_OPEN = 60


@dataclass(frozen=True)
class Line:
    """Pairs that differ in the treated animals, ascending, and what is known of them.

    Attributes
    ----------
    open : those not shown to be too small, below the smallest that is shown to be enough.
    enough : the smallest such that it and all larger ones are shown to be enough.
    """

    pairs: tuple[Pair, ...]
    open: tuple[Pair, ...]
    enough: Pair | None


@dataclass(frozen=True)
class Found:
    """Where the search ended.

    Attributes
    ----------
    best, equal : the pairs of fewest animals that are enough in both looks; None where none is.
    ties : other pairs of as few animals, also enough in both looks.
    open, equal_open : pairs of fewer animals that were not shown to be too small.
    fresh : counts of the second look by pair.
    out_of_time : whether the clock ended it.
    """

    best: Pair | None
    ties: tuple[Pair, ...]
    open: tuple[Pair, ...]
    equal: Pair | None
    equal_open: tuple[Pair, ...]
    fresh: Mapping[Pair, Counts] = field(default_factory=dict)
    out_of_time: bool = False


class Search:
    """One search.

    Attributes
    ----------
    at : counts of the first look by pair, more for the pairs in question.
    spent : replicates of those.
    controls : the numbers of controls that were looked at.
    next_fresh : first block that no look has used.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        replicates: int | None,
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        decision = plan.scenario.decision
        self.plan, self.pairs = plan, Pairs(plan, threads=threads)
        self.first = decision.replicates if replicates is None else replicates
        if self.first < 1:
            raise ValueError(f"replicates must be at least 1, not {self.first}")
        self.most = max(self.first, decision.max_replicates)
        self.target, self.confidence = decision.power.target, decision.confidence
        self.at: dict[Pair, Counts] = {}
        self.spent = 0
        self.next_fresh = CONFIRM_BLOCK
        self._next_block = SEARCH_BLOCK
        self._progress = progress
        self._clock = Clock(None)  # the first looks are not stopped, or there would be no answer
        self._totals: dict[Pair, int] = {}
        self.field = self._look()
        if self.field.coarse:  # many replicates would tell steps apart that are steps anyway
            self.most = min(self.most, 2 * self.first)

    def run(self) -> Found:
        """Search until no pair is left open, or the replicates or the minutes are spent."""
        self._clock = Clock(self.plan.scenario.decision.max_minutes)
        found = None
        try:
            while True:
                while (wanted := self._in_question()) and self._more():
                    self._add(wanted, self._more())
                fresh = self._fresh()
                found = self._ended(fresh)
                left = (*found.open, *found.equal_open)
                if not left or not self._more():
                    return found
                for pair, counts in fresh.items():
                    self.at[pair] = self.at[pair] + counts
                self._add({*self._in_question(), *(left if found.best else ())}, self._more())
        except OutOfTimeError:
            return replace(found or self._ended({}), out_of_time=True)

    def _more(self) -> int:
        """Return how many replicates come next; 0 where the budget is spent."""
        more = min(self.spent, self.most - self.spent)
        return more if more >= min(BLOCK_SIZE, self.first) else 0

    def total(self, pair: Pair) -> int:
        """Return the animals that a pair takes."""
        if pair not in self._totals:
            self._totals[pair] = self.plan.animals(pair)
        return self._totals[pair]

    def power(self, pair: Pair) -> Probability:
        """Return the decision's power at a pair, on the first look."""
        return self.pairs.power(self.at[pair])

    def lines(self) -> list[Line]:
        """Return what is known, by number of controls."""
        by_control = line_of([pair for pair in self.at if pair[0] in self.controls])
        return [self.line([(m, n) for n in ns]) for m, ns in by_control.items()]

    def equal_line(self) -> Line:
        """Return what is known of equal arms."""
        wanted = set(self.field.treated)
        return self.line([(m, n) for m, n in sorted(self.at) if m == n and n in wanted])

    def line(self, pairs: Sequence[Pair]) -> Line:
        """Judge pairs of ascending numbers, as the search for one n does."""
        shares = [self.pairs.shares(self.at[pair]) for pair in pairs]
        found = verdict(range(len(pairs)), shares, target=self.target, confidence=self.confidence)
        end = len(pairs) if found.highest is None else found.highest
        return Line(
            pairs=tuple(pairs),
            open=tuple(pairs[found.lowest : end]),
            enough=None if found.highest is None else pairs[found.highest],
        )

    def _look(self) -> Field:
        """Look at equal arms, then at every pair that may be the best."""
        equal = diagonal(self.plan)
        few = min(PILOT, self.first)
        self._count({EQUAL: equal}, few, SEARCH_BLOCK)
        about = crossing(equal, [self.power((n, n)).value for n in equal], self.target)
        found = field_of(self.plan, enough=about)
        wanted = found.lines(about)
        self.controls = set(wanted)
        if found.sparing:
            self._count(wanted, few, SEARCH_BLOCK)
            wanted = line_of(self._bracket())
        reach = max(4, about // 8) if found.sparing else equal[-1]
        ends = [n for n in found.treated if abs(n - about) <= reach]
        self._count({**wanted, EQUAL: ends}, self.first, SEARCH_BLOCK)
        self.spent = self.first
        self._next_block = SEARCH_BLOCK + -(-self.first // BLOCK_SIZE)
        return found

    def _bracket(self) -> list[Pair]:
        """Return the pairs that a pilot leaves open, and the first beyond them in every line."""
        kept = []
        for m, ns in line_of([pair for pair in self.at if pair[0] in self.controls]).items():
            for n in ns:
                shares = self.pairs.shares(self.at[m, n])
                if not too_small(shares, target=self.target, confidence=BRACKET):
                    kept.append((m, n))
                    if enough(shares, target=self.target, confidence=BRACKET):
                        break
        return kept

    def _in_question(self) -> list[Pair]:
        """Return the pairs that more replicates may settle."""
        lines = self.lines()
        best = min((self.total(line.enough) for line in lines if line.enough), default=math.inf)
        found = [p for line in lines for p in line.open if self.total(p) < best]
        if math.isinf(best):
            found.sort(key=lambda pair: -self.power(pair).value)
            found = found[:_MOST_OPEN]
        equal = self.equal_line()
        found += equal.open[:_MOST_OPEN]
        if not found:
            return []
        near = [line.enough for line in [*lines, equal] if line.enough is not None]
        return found + [p for p in near if self.total(p) <= best or p == equal.enough]

    def _fresh(self) -> dict[Pair, Counts]:
        """Look again, on new replicates, at the pairs that seem best and at their neighbours."""
        ends = [line for line in [*self.lines(), self.equal_line()] if line.enough is not None]
        if not ends:
            return {}
        best = min(self.total(line.enough) for line in ends if line.enough is not None)
        m, n = min((line.enough for line in ends if line.enough), key=self.total)
        slack = self.total((m, n + self.field.step)) - best
        wanted: set[Pair] = set()
        equal = self.equal_line().enough
        for line in ends:
            assert line.enough is not None  # those without are left out above
            if line.enough != equal and self.total(line.enough) > best + slack:
                continue
            start = line.pairs.index(line.enough)
            beyond = line.pairs[start : start + 2]
            beyond += tuple(p for p in line.pairs[start + 2 :] if not self._clear(p))
            m, n = line.enough
            around = ((m - self.field.step, n), (m, n - self.field.step))
            wanted |= {*beyond, *(p for p in around if p in self.at)}
        fresh = self._simulate(line_of(list(wanted)), self.spent, self.next_fresh)
        self.next_fresh += -(-self.spent // BLOCK_SIZE)
        return fresh

    def _clear(self, pair: Pair) -> bool:
        shares = self.pairs.shares(self.at[pair])
        return enough(shares, target=self.target, confidence=BRACKET)

    def _confirmed(self, line: Line, fresh: Mapping[Pair, Counts]) -> Pair | None:
        """Return the smallest pair of a line that both looks show to be enough, and beyond it."""
        if line.enough is None:
            return None
        found = None
        for pair in reversed(line.pairs[line.pairs.index(line.enough) :]):
            if pair not in fresh:
                if self._clear(pair):
                    continue  # six standard errors above the target
                break
            shares = self.pairs.shares(fresh[pair])
            if not enough(shares, target=self.target, confidence=self.confidence):
                break
            found = pair
        return found

    def _ended(self, fresh: Mapping[Pair, Counts]) -> Found:
        lines, diagonal_line = self.lines(), self.equal_line()
        confirmed = [(line, self._confirmed(line, fresh)) for line in lines]
        shown = [pair for _, pair in confirmed if pair is not None]
        equal = self._confirmed(diagonal_line, fresh)
        if equal is not None and equal not in shown:
            shown.append(equal)
        least = min(map(self.total, shown), default=math.inf)
        level = sorted(
            (p for p in shown if self.total(p) == least),
            # no more power than equal arms is worth uneven ones, where it saves no animal
            key=lambda p: (p[0] != p[1], -self.pairs.power(self.at[p] + fresh[p]).value),
        )
        open_ = {p for line, _ in confirmed for p in line.open}
        # what the first look alone shows to be enough is not shown
        open_ |= {p for line, pair in confirmed for p in self._between(line, pair)}
        return Found(
            best=level[0] if level else None,
            ties=tuple(level[1:]),
            open=tuple(sorted((p for p in sorted(open_) if self.total(p) < least), key=self.total)),
            equal=equal,
            equal_open=(*diagonal_line.open, *self._between(diagonal_line, equal)),
            fresh=fresh,
        )

    def _between(self, line: Line, confirmed: Pair | None) -> tuple[Pair, ...]:
        """Return the pairs that only the first look shows to be enough."""
        if line.enough is None or confirmed == line.enough:
            return ()
        start = line.pairs.index(line.enough)
        end = len(line.pairs) if confirmed is None else line.pairs.index(confirmed)
        return line.pairs[start:end]

    def _add(self, pairs: Iterable[Pair], replicates: int) -> None:
        extra = self._simulate(line_of(list(pairs)), replicates, self._next_block)
        self._next_block += -(-replicates // BLOCK_SIZE)
        self.spent += replicates
        for pair, counts in extra.items():
            self.at[pair] = self.at[pair] + counts

    def _count(self, wanted: Mapping[int, Sequence[int]], replicates: int, block: int) -> None:
        self.at.update(self._simulate(wanted, replicates, block))

    def _simulate(
        self, wanted: Mapping[int, Sequence[int]], replicates: int, block: int
    ) -> dict[Pair, Counts]:
        return self.pairs.count(
            wanted,
            replicates=replicates,
            first_block=block,
            progress=self._clock.watching(self._progress),
        )
