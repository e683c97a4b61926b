"""The smallest number of animals that is shown to be enough."""

from __future__ import annotations

from simulator.engine.local import Progress
from simulator.evaluation.certify import Verdict, enough, too_small, verdict
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.cross_checks import cross_checks
from simulator.evaluation.layout import layout_of
from simulator.evaluation.power import assemble, least, target_shares
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.evaluation.size_result import SampleSizeResult, Status
from simulator.evaluation.truth import simulated_truth
from simulator.scenario import Scenario
from simulator.scenario.attainable import hopeless
from simulator.streams import BLOCK_SIZE, CONFIRM_BLOCK, SEARCH_BLOCK


def find_sample_size(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SampleSizeResult:
    """Find the smallest n per arm whose power is shown to reach the decision's target.

    1. Simulate the curve over the whole range of n.
    2. n is enough where the lower limits (``decision.confidence``) clear the target at n and at
       every larger n of the range; n - 1 is too small where its upper limit is below it.
    3. Where these leave a gap, double the replicates, up to ``decision.max_replicates``.
    4. Confirm on as many fresh replicates that n and every larger n are enough and n - 1 is too
       small (or, for ``infeasible``, that even the top of the range is). If that fails, they
       join the others and the search goes on.

    The limits would have to err in the same direction in two independent samples to certify a
    wrong n: with confidence 0.99, about 1 in 40,000 per look, and there are at most about
    log2(max_replicates / replicates) looks.

    Parameters
    ----------
    scenario : resolved scenario.
    replicates : of the first look; default: the decision's.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (blocks done, blocks in all), look by look.

    Raises
    ------
    ValueError : replicates below 1.
    ScenarioError : nothing is compared, or the method cannot test so many animals.

    Examples
    --------
    >>> from simulator import find_sample_size, load_scenario
    >>> answer = find_sample_size(load_scenario("quick-start"), replicates=2000)
    >>> answer.status
    'certified'
    """
    search = _Search(scenario, replicates, threads, progress)
    return search.answer()


class _Search:
    """One search. Each n owns the counts gathered for it, more for the n in question."""

    def __init__(
        self,
        scenario: Scenario,
        replicates: int | None,
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        self._scenario = scenario
        self._threads, self._progress = threads, progress
        decision = scenario.decision
        self._first = decision.replicates if replicates is None else replicates
        if self._first < 1:
            raise ValueError(f"replicates must be at least 1, not {self._first}")
        self._most = max(self._first, decision.max_replicates)
        self._target, self._confidence = decision.power.target, decision.confidence
        self._ns = list(range(decision.n.start, decision.n.stop + 1))
        self._layout = layout_of(scenario, self._ns)
        # whole blocks, so that looks never share a replicate
        self._next_block = SEARCH_BLOCK + -(-self._first // BLOCK_SIZE)
        self._next_fresh = CONFIRM_BLOCK

    def answer(self) -> SampleSizeResult:
        """Return the certified n, or why there is none."""
        true, null = simulate_counts(
            self._scenario,
            self._layout,
            replicates=self._first,
            null=True,
            threads=self._threads,
            progress=self._progress,
        )
        assert null is not None  # asked for above
        self._curve, self._null = true, null
        self._at = {n: true.at([k]) for k, n in enumerate(self._ns)}
        spent, refused = self._first, None
        while True:
            found = self._judge()
            if found.told_apart or found.lowest > self._ns[-1]:
                fresh = self._fresh(found.lowest, spent)
                if self._confirms(fresh, found.lowest):
                    if found.told_apart:
                        return self._certified(fresh, found.lowest)
                    return self._infeasible(fresh[self._ns[-1]])
                refused = (found.lowest, fresh)
                for n, counts in fresh.items():
                    self._at[n] = self._at[n] + counts
                found = self._judge()
            more = min(spent, self._most - spent)
            if more < min(BLOCK_SIZE, self._first):
                return self._unresolved(found, refused)
            self._deepen(found, more)
            spent += more

    def _shares(self, n: int) -> tuple[Probability, ...]:
        return self._shares_of(self._at[n])

    def _shares_of(self, counts: Counts) -> tuple[Probability, ...]:
        return target_shares(self._scenario, self._layout, counts, 0)

    def _judge(self) -> Verdict:
        shares = [self._shares(n) for n in self._ns]
        return verdict(self._ns, shares, target=self._target, confidence=self._confidence)

    def _simulate(self, ns: list[int], *, replicates: int, first_block: int) -> dict[int, Counts]:
        counts, _ = simulate_counts(
            self._scenario,
            layout_of(self._scenario, ns),
            replicates=replicates,
            first_block=first_block,
            threads=self._threads,
            progress=self._progress,
        )
        return {n: counts.at([k]) for k, n in enumerate(ns)}

    def _deepen(self, found: Verdict, more: int) -> None:
        """Add replicates to every n from one below the lowest to the highest in question."""
        top = self._ns[-1] if found.highest is None else max(found.highest, found.lowest)
        window = [n for n in self._ns if found.lowest - 1 <= n <= top]
        extra = self._simulate(window, replicates=more, first_block=self._next_block)
        self._next_block += -(-more // BLOCK_SIZE)
        for n, counts in extra.items():
            self._at[n] = self._at[n] + counts

    def _fresh(self, n: int, replicates: int) -> dict[int, Counts]:
        """Simulate n - 1, n and every larger n searched on replicates never seen before."""
        window = [size for size in self._ns if size >= n - 1]
        fresh = self._simulate(window, replicates=replicates, first_block=self._next_fresh)
        self._next_fresh += -(-replicates // BLOCK_SIZE)
        return fresh

    def _enough(self, counts: Counts) -> bool:
        shares = self._shares_of(counts)
        return enough(shares, target=self._target, confidence=self._confidence)

    def _too_small(self, counts: Counts) -> bool:
        shares = self._shares_of(counts)
        return too_small(shares, target=self._target, confidence=self._confidence)

    def _confirms(self, fresh: dict[int, Counts], n: int) -> bool:
        larger = all(self._enough(counts) for size, counts in fresh.items() if size >= n)
        return larger and (n - 1 not in fresh or self._too_small(fresh[n - 1]))

    def _certified(self, fresh: dict[int, Counts], n: int) -> SampleSizeResult:
        below = least(self._shares_of(fresh[n - 1])) if n - 1 in fresh else None
        reached = least(self._shares_of(fresh[n]))
        reason = f"power {reached} at n = {n} on {reached.replicates:,} fresh replicates; " + (
            f"{below} at n = {n - 1}"
            if below is not None
            else f"n = {n} is the start of the range, so smaller n were not looked at"
        )
        animals = self._scenario.design.headcount(n)
        limit = self._scenario.decision.limits.animals
        if limit is not None and animals.purchased > limit:
            reason = (
                f"n = {n} per arm is needed, which is {animals.purchased} animals; the limit "
                f"(decision.limits.animals) is {limit}. {self._affordable(limit)}"
            )
            return self._result("infeasible", n, None, (), reached, below, reason)
        return self._result("certified", n, n, (), reached, below, reason)

    def _affordable(self, limit: int) -> str:
        within = [n for n in self._ns if self._scenario.design.headcount(n).purchased <= limit]
        if not within:
            return f"Even n = {self._ns[0]} is above the limit"
        return f"n = {within[-1]} is within it and has power {least(self._shares(within[-1]))}"

    def _infeasible(self, fresh: Counts) -> SampleSizeResult:
        top = self._ns[-1]
        reached = least(self._shares_of(fresh))
        reason = (
            f"power at the top of the range, n = {top}, is {reached}, below the target "
            f"{self._target:g}"
        )
        why = hopeless(
            self._scenario.analysis,
            self._layout.families[self._layout.decision_family],
            sizes=self._layout.arm_sizes[-1],
        )
        if why is not None:
            reason = f"{why}; {reason}"
        return self._result("infeasible", top, None, (), reached, None, reason)

    def _unresolved(
        self, found: Verdict, refused: tuple[int, dict[int, Counts]] | None
    ) -> SampleSizeResult:
        low, high = found.lowest, found.highest
        if found.told_apart and refused is not None:  # the fresh replicates did not agree
            n, fresh = refused
            low = n - 1 if n - 1 in fresh and not self._too_small(fresh[n - 1]) else n
            short = [size for size in fresh if size >= n and not self._enough(fresh[size])]
            high = max(short) + 1 if short else n
        low = min(low, self._ns[-1])
        top = min(self._ns[-1], max(low, high if high is not None else self._ns[-1]))
        candidates = tuple(n for n in self._ns if low <= n <= top)
        reached = least(self._shares(top))
        below = least(self._shares(low - 1)) if low - 1 >= self._ns[0] else None
        listed = ", ".join(map(str, candidates))
        reason = (
            f"n in {{{listed}}}: {self._most:,} replicates (decision.max_replicates) do not tell "
            f"these apart; power at n = {top} is {reached}"
        )
        if high is None or high > self._ns[-1]:
            reason += ", and it may take more than the top of the range"
        limit = self._scenario.decision.limits.animals
        if limit is not None and self._scenario.design.headcount(low).purchased > limit:
            reason += f"; even n = {low} is above the limit of {limit} animals"
            return self._result("infeasible", top, None, (), reached, below, reason)
        return self._result("unresolved", top, None, candidates, reached, below, reason)

    def _result(
        self,
        status: Status,
        shown: int,
        certified: int | None,
        candidates: tuple[int, ...],
        reached: Probability,
        below: Probability | None,
        reason: str,
    ) -> SampleSizeResult:
        """Assemble the answer; ``shown`` is the n whose sizes and characteristics are shown."""
        scenario, layout = self._scenario, self._layout
        truths = simulated_truth(scenario, layout.comparisons, threads=self._threads)
        result = assemble(scenario, layout, self._curve, self._null, truths, n=shown)
        return SampleSizeResult(
            scenario_id=scenario.id,
            digest=scenario.digest,
            seed=scenario.seed,
            status=status,
            target=self._target,
            of=scenario.decision.power.of,
            confidence=self._confidence,
            n_per_arm=certified,
            candidates=candidates,
            sizes=result.sizes,
            animals=scenario.design.headcount(shown),
            power=reached,
            power_below=below,
            reason=reason,
            cross_checks=cross_checks(scenario, layout),
            result=result,
        )
