"""The search for the smallest n: which n get how many replicates, and when it may stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.engine.local import Progress
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.power import target_shares
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.evaluation.sizing.certify import Verdict, enough, too_small, verdict
from simulator.evaluation.sizing.clock import Clock, OutOfTimeError
from simulator.evaluation.sizing.size_result import Status
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE, CONFIRM_BLOCK, SEARCH_BLOCK

#: Up to here the whole range is simulated at full replicates: planners look at the curve.
WIDE = 60
#: Replicates of the pilot over a wide range.
PILOT = 1_000
#: Level of the pilot's intervals, six standard errors: n outside the bracket are far from the
#: target, and will be so again on the fewer fresh replicates that they get.
BRACKET = 1 - 2e-9


@dataclass(frozen=True)
class Look:
    """One pass over some n, under the scenario and under its null twin."""

    layout: Layout
    true: Counts
    null: Counts


@dataclass(frozen=True)
class Outcome:
    """Where a search ended.

    Attributes
    ----------
    found : the last verdict on what was simulated before any confirmation that it passed.
    tried : the n of the last confirmation that was made; None where there was none.
    fresh : its counts by n.
    confirmed : whether ``fresh`` agrees with ``found``.
    out_of_time : whether the clock ended it.
    """

    status: Status
    found: Verdict
    tried: int | None
    fresh: Mapping[int, Counts]
    confirmed: bool
    out_of_time: bool


class Search:
    """One search. Each n owns the counts gathered for it, more for the n in question.

    Attributes
    ----------
    ns : the range of n, ascending.
    looks : the first looks, at the whole range and perhaps at a bracket within it.
    at : counts by n, of all looks but confirmations that were passed.
    most : replicates of one n that may be simulated in all, confirmations included; always enough
        for a first look and as many to confirm it on.
    used : those that were, of the n in question.
    """

    def __init__(
        self,
        scenario: Scenario,
        replicates: int | None,
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        decision = scenario.decision
        self.scenario, self.threads = scenario, threads
        self.first = decision.replicates if replicates is None else replicates
        if self.first < 1:
            raise ValueError(f"replicates must be at least 1, not {self.first}")
        self.most = max(2 * self.first, decision.max_replicates)
        self.used = 0
        self.target, self.confidence = decision.power.target, decision.confidence
        self.ns = list(range(decision.n.start, decision.n.stop + 1))
        self.layout = layout_of(scenario, self.ns)
        self.looks: list[Look] = []
        self.at: dict[int, Counts] = {}
        self._progress = progress
        self._clock = Clock(decision.max_minutes)
        # whole blocks, so that looks never share a replicate
        self._next_block = SEARCH_BLOCK + -(-self.first // BLOCK_SIZE)
        self._next_fresh = CONFIRM_BLOCK

    def run(self, *, formulas: Sequence[int]) -> Outcome:
        """Search until an answer is confirmed, or the replicates or the minutes are spent.

        Parameters
        ----------
        formulas : sample sizes by formula, which tell whether the range is worth a pilot.
        """
        found, tried, fresh = self._begin(formulas), None, dict[int, Counts]()
        spent = self.used = self.first
        try:
            if not self._full(found):
                self._look(self._bracket(), self.first)
                found = self._judge()
            while True:
                if found.told_apart or found.lowest > self.ns[-1]:
                    tried, fresh = None, {}
                    fresh = self._fresh(found.lowest, spent)
                    self.used += spent
                    tried = found.lowest
                    if self._confirms(fresh, found.lowest):
                        status: Status = "certified" if found.told_apart else "infeasible"
                        return Outcome(status, found, tried, fresh, True, False)
                    for n, counts in fresh.items():
                        self.at[n] = self.at[n] + counts
                    found = self._judge()
                more = self._affordable(spent)
                if more < min(BLOCK_SIZE, self.first):
                    return Outcome("unresolved", found, tried, fresh, False, False)
                self._deepen(found, more)
                spent += more
                self.used += more
                found = self._judge()
        except OutOfTimeError:
            return Outcome("unresolved", found, tried, fresh, False, True)

    def shares(self, n: int) -> tuple[Probability, ...]:
        """Return what must clear the target at n, on all that was simulated there."""
        return self.shares_of(self.at[n])

    def shares_of(self, counts: Counts) -> tuple[Probability, ...]:
        """Return what must clear the target, from counts at one n."""
        return target_shares(self.scenario, self.layout, counts, 0)

    def enough(self, counts: Counts) -> bool:
        """Return whether these counts alone show that an n is enough."""
        shares = self.shares_of(counts)
        return enough(shares, target=self.target, confidence=self.confidence)

    def too_small(self, counts: Counts) -> bool:
        """Return whether these counts alone show that an n is too small."""
        shares = self.shares_of(counts)
        return too_small(shares, target=self.target, confidence=self.confidence)

    def spent(self, n: int) -> int:
        """Return the replicates simulated at n, short of a confirmation that was passed."""
        return self.at[n].replicates

    def _begin(self, formulas: Sequence[int]) -> Verdict:
        """Look at the whole range; the clock does not stop this, or there would be no answer."""
        top = self.ns[-1]
        wide = top > max(WIDE, 2 * max(formulas, default=0)) and self.first >= 4 * PILOT
        clock, self._clock = self._clock, Clock(None)
        self._look(self.ns, PILOT if wide else self.first)
        self._clock = clock
        return self._judge()

    def _full(self, found: Verdict) -> bool:
        """Return whether the n in question have the replicates of a first look."""
        return self.at[min(found.lowest, self.ns[-1])].replicates >= self.first

    def _bracket(self) -> list[int]:
        """Return the n that the pilot leaves open; near the top also half of it, to compare."""
        found = self._judge(BRACKET)
        top = self.ns[-1]
        high = top if found.highest is None else max(found.highest, found.lowest)
        window = {n for n in self.ns if found.lowest - 1 <= n <= high}
        return sorted(window | ({half(self.ns)} if found.highest is None else set()))

    def _judge(self, confidence: float | None = None) -> Verdict:
        shares = [self.shares(n) for n in self.ns]
        level = self.confidence if confidence is None else confidence
        return verdict(self.ns, shares, target=self.target, confidence=level)

    def _look(self, ns: list[int], replicates: int) -> None:
        """Simulate from the first block on; what these n had before is the beginning of it."""
        layout = layout_of(self.scenario, ns)
        true, null = simulate_counts(
            self.scenario,
            layout,
            replicates=replicates,
            null=True,
            threads=self.threads,
            progress=self._clock.watching(self._progress),
        )
        assert null is not None  # asked for above
        self.looks.append(Look(layout, true, null))
        self.at.update({n: true.at([k]) for k, n in enumerate(ns)})

    def _simulate(self, ns: list[int], *, replicates: int, first_block: int) -> dict[int, Counts]:
        if not ns:
            return {}
        counts, _ = simulate_counts(
            self.scenario,
            layout_of(self.scenario, ns),
            replicates=replicates,
            first_block=first_block,
            threads=self.threads,
            progress=self._clock.watching(self._progress),
        )
        return {n: counts.at([k]) for k, n in enumerate(ns)}

    def _affordable(self, spent: int) -> int:
        """Return the replicates to add: as many again, or what leaves enough to confirm.

        Parameters
        ----------
        spent : replicates of the looks so far; as many fresh ones confirm an answer.
        """
        return min(spent, (self.most - self.used - spent) // 2)

    def _deepen(self, found: Verdict, more: int) -> None:
        """Add replicates to every n from one below the lowest to the highest in question."""
        top = self.ns[-1] if found.highest is None else max(found.highest, found.lowest)
        window = [n for n in self.ns if found.lowest - 1 <= n <= top]
        extra = self._simulate(window, replicates=more, first_block=self._next_block)
        self._next_block += -(-more // BLOCK_SIZE)
        for n, counts in extra.items():
            self.at[n] = self.at[n] + counts

    def _fresh(self, n: int, replicates: int) -> dict[int, Counts]:
        """Simulate n - 1, n and every larger n searched on replicates never seen before.

        Those far above the target, which only the pilot saw, get a pilot again.
        """
        window = [size for size in self.ns if size >= n - 1]
        far = [s for s in window if s > n and self.spent(s) < self.first]
        near = [s for s in window if s not in far]
        fresh = self._simulate(near, replicates=replicates, first_block=self._next_fresh)
        few = min(PILOT, replicates)
        fresh |= self._simulate(far, replicates=few, first_block=self._next_fresh)
        self._next_fresh += -(-replicates // BLOCK_SIZE)
        return fresh

    def _confirms(self, fresh: dict[int, Counts], n: int) -> bool:
        larger = all(self.enough(counts) for size, counts in fresh.items() if size >= n)
        return larger and (n - 1 not in fresh or self.too_small(fresh[n - 1]))


def half(ns: Sequence[int]) -> int:
    """Return the n of the range that is half of its top, or the first."""
    return max(ns[0], -(-ns[-1] // 2))
