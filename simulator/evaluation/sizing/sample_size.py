"""The smallest number of animals that is shown to be enough."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.local import Progress
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.power import assemble, least
from simulator.evaluation.power_result import PowerResult
from simulator.evaluation.sizing.cross_checks import Prior, cross_checks, prior_of
from simulator.evaluation.sizing.crowding import listed_runs, reaching
from simulator.evaluation.sizing.disagreement import disagreement
from simulator.evaluation.sizing.infeasible import why_infeasible
from simulator.evaluation.sizing.search import Outcome, Search
from simulator.evaluation.sizing.size_result import Cause, CrossCheck, SampleSizeResult, Status
from simulator.evaluation.truth import simulated_truth
from simulator.scenario import Scenario
from simulator.scenario.enrolment import study_headcount


def find_sample_size(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SampleSizeResult:
    """Find the smallest n per arm whose power is shown to reach the decision's target.

    1. Simulate the curve over the range of n. Where the range is wide (its top above 60 and
       above twice the formulas' n), a pilot of 1,000 replicates sees all of it and the decision's
       replicates go to the bracket that the pilot leaves open; every point says how many it has.
    2. n is enough where the lower limits (``decision.confidence``) clear the target at n and at
       every larger n of the range; n - 1 is too small where its upper limit is below it.
    3. Where these leave a gap, double the replicates, until ``decision.max_replicates`` would not
       hold the confirmation too, or ``decision.max_minutes`` are over. The clock only stops the
       search, and throws away what was under way: it never changes a number.
    4. Confirm on as many fresh replicates that n and every larger n are enough and n - 1 is too
       small (or, for ``infeasible``, that the top of the range is: some smaller n may be enough
       where power falls with n, and the reason says which). If that fails, they
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
    search = Search(scenario, replicates, threads, progress)
    prior = prior_of(scenario, search.layout)
    checks = cross_checks(scenario, prior)
    outcome = search.run(formulas=[c.n_per_arm for c in checks if c.n_per_arm is not None])
    return _Answer(search, outcome, prior, checks).result()


class _Answer:
    """The outcome of a search in words and numbers."""

    def __init__(
        self, search: Search, outcome: Outcome, prior: Prior, checks: tuple[CrossCheck, ...]
    ) -> None:
        self._search, self._outcome = search, outcome
        self._prior, self._checks = prior, checks
        self._scenario, self._ns = search.scenario, search.ns
        self._truths = simulated_truth(
            search.scenario, search.layout.comparisons, threads=search.threads
        )

    def result(self) -> SampleSizeResult:
        """Return the certified n, or why there is none."""
        if self._outcome.status == "certified":
            return self._certified()
        if self._outcome.status == "infeasible":
            return self._infeasible()
        return self._unresolved()

    def _certified(self) -> SampleSizeResult:
        n, fresh = self._outcome.found.lowest, self._outcome.fresh
        below = least(self._search.shares_of(fresh[n - 1])) if n - 1 in fresh else None
        reached = least(self._search.shares_of(fresh[n]))
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
            return self._result("infeasible", n, reached, below, reason, cause="animal limit")
        return self._result("certified", n, reached, below, reason)

    def _affordable(self, limit: int) -> str:
        within = [n for n in self._ns if self._scenario.design.headcount(n).purchased <= limit]
        if not within:
            return f"Even n = {self._ns[0]} is above the limit"
        power = least(self._search.shares(within[-1]))
        return f"n = {within[-1]} is within it and has power {power}"

    def _infeasible(self) -> SampleSizeResult:
        top = self._ns[-1]
        fresh = self._outcome.fresh[top]
        reached = least(self._search.shares_of(fresh))
        reason = (
            f"power at the top of the range, n = {top}, is {reached}, below the target "
            f"{self._search.target:g}"
        )
        cause, why = why_infeasible(self._search, fresh, truths=self._truths)
        reason = f"{why}; {reason}" if why else reason
        clear = reaching(self._search)
        if clear:
            reason += f", though it is reached at n = {listed_runs(clear)}"
        return self._result("infeasible", top, reached, None, reason, cause=cause)

    def _unresolved(self) -> SampleSizeResult:
        search, outcome, decision = self._search, self._outcome, self._scenario.decision
        low, high = self._open()
        low = min(low, self._ns[-1])
        top = min(self._ns[-1], max(low, high if high is not None else self._ns[-1]))
        candidates = tuple(n for n in self._ns if low <= n <= top)
        reached = least(search.shares(top))
        below = least(search.shares(low - 1)) if low - 1 >= self._ns[0] else None
        listed = ", ".join(map(str, candidates))
        cause: Cause = "time" if outcome.out_of_time else "replicates"
        if outcome.out_of_time:
            told = f"n in {{{listed}}}" if candidates[1:] else f"n = {listed}"
            what = "they were told apart and confirmed" if candidates[1:] else "it was confirmed"
            reason = (
                f"{told}: {decision.max_minutes:g} minutes (decision.max_minutes) were over before "
                f"{what}, after {search.spent(top):,} replicates; power at n = {top} is {reached}"
            )
        else:
            reason = (
                f"n in {{{listed}}}: {search.used:,} replicates do not tell these apart, and "
                f"decision.max_replicates ({search.most:,}) leaves too few for more of them and "
                f"as many to confirm the answer; power at n = {top} is {reached}"
            )
        reason += self._enough_at(candidates)
        if high is None or high > self._ns[-1]:
            reason += ", and it may take more than the top of the range"
        limit = decision.limits.animals
        if limit is not None and self._scenario.design.headcount(low).purchased > limit:
            reason += f"; even n = {low} is above the limit of {limit} animals"
            return self._result("infeasible", top, reached, below, reason, cause="animal limit")
        return self._result(
            "unresolved", top, reached, below, reason, cause=cause, candidates=candidates
        )

    def _enough_at(self, candidates: tuple[int, ...]) -> str:
        """Say that the largest candidate will do, where its intervals and all beyond show it."""
        *smaller, top = candidates
        beyond = [n for n in self._ns if n >= top]
        if not smaller or not all(self._search.enough(self._search.at[n]) for n in beyond):
            return ""
        which = f"{smaller[0]}" if len(smaller) == 1 else "a smaller one of them"
        return f"; n = {top} is enough on these replicates; whether {which} is, was not told"

    def _open(self) -> tuple[int, int | None]:
        """Return the smallest and the largest n that were not told apart."""
        found, fresh, n = self._outcome.found, self._outcome.fresh, self._outcome.tried
        if not found.told_apart or n is None:
            return found.lowest, found.highest
        # told apart, but the fresh replicates did not agree
        short = [size for size in fresh if size >= n and not self._search.enough(fresh[size])]
        disputed = n - 1 in fresh and not self._search.too_small(fresh[n - 1])
        return (n - 1 if disputed else n), (max(short) + 1 if short else n)

    def _shown(self, n: int) -> PowerResult:
        """Return the characteristics at n, and the curve: each point of the look that saw most."""
        results = {
            look.true.replicates: assemble(
                self._scenario,
                look.layout,
                look.true,
                look.null,
                self._truths,
                n=n if n in look.layout.ns else look.layout.ns[-1],
            )
            for look in self._search.looks
        }
        points = {point.n: point for _, one in sorted(results.items()) for point in one.curve}
        best = max(k.true.replicates for k in self._search.looks if n in k.layout.ns)
        return replace(results[best], curve=tuple(points[size] for size in self._ns))

    def _result(
        self,
        status: Status,
        shown: int,
        reached: Probability,
        below: Probability | None,
        reason: str,
        *,
        cause: Cause | None = None,
        candidates: tuple[int, ...] = (),
    ) -> SampleSizeResult:
        """Assemble the answer; ``shown`` is the n whose sizes and characteristics are shown."""
        scenario, search = self._scenario, self._search
        confirming = self._outcome.fresh.get(shown) if self._outcome.confirmed else None
        return SampleSizeResult(
            scenario_id=scenario.id,
            digest=scenario.digest,
            seed=scenario.seed,
            status=status,
            target=search.target,
            of=scenario.decision.power.of,
            confidence=search.confidence,
            n_per_arm=shown if status == "certified" else None,
            candidates=candidates,
            sizes=scenario.design.sizes(shown),
            animals=study_headcount(scenario, shown),
            power=reached,
            power_below=below,
            reason=reason,
            cause=cause,
            replicates_spent=search.spent(shown) + (confirming.replicates if confirming else 0),
            cross_checks=self._checks,
            warnings=self._warnings(shown),
            result=self._shown(shown),
        )

    def _warnings(self, n: int) -> tuple[str, ...]:
        if all(check.n_per_arm is None for check in self._checks):
            return ()
        counts = self._search.at[n]
        i = self._search.layout.comparisons.index(self._prior.comparison)
        found = disagreement(
            self._scenario,
            self._prior,
            n=n,
            simulated=Probability(int(counts.adjusted[i, 0]), counts.replicates),
            unadjusted=Probability(int(counts.unadjusted[i, 0]), counts.replicates),
        )
        return () if found is None else (found,)
