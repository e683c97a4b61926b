"""The number of control animals that makes a study smallest."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.engine.local import Progress
from simulator.evaluation.control_ratio.edge import below_range
from simulator.evaluation.control_ratio.families import FamilyAt, families_at
from simulator.evaluation.control_ratio.notes import notes
from simulator.evaluation.control_ratio.plan import Pair, Plan, plan_of
from simulator.evaluation.control_ratio.removal import Removal, removals
from simulator.evaluation.control_ratio.result import (
    Allocation,
    ControlRatioResult,
    Line,
    RatioRow,
    Saving,
    Status,
)
from simulator.evaluation.control_ratio.search import Found, Search
from simulator.scenario import Scenario
from simulator.scenario.attainable import hopeless

#: Ratios of the table besides those of the study.
_USUAL = (1.5, 2.0, 3.0)
#: Where numbers go in steps, a pair stands for a ratio if it is this close.
_ABOUT = 0.05


def control_ratio(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ControlRatioResult:
    """Find how many animals the shared control needs against each treated arm.

    1. Simulate pairs (control, treated) around the square-root rule, all on the same animals.
       A pair is enough where the lower limits of power (``decision.confidence``) clear the
       target there and at every larger number of treated animals looked at.
    2. Where pairs of fewer animals than the best are left open, double the replicates, up to
       ``decision.max_replicates`` and ``decision.max_minutes``.
    3. Look at the best pairs and equal arms again on as many fresh replicates: the best of many
       looks better than it is. The answer is the pair of fewest animals that both looks show to
       be enough; of several the equal one, or that of the most power.
    4. Take one animal away, from the control and from each treated arm, on the same animals.

    Parameters
    ----------
    scenario : resolved scenario. The control is that of the decision's comparisons; the other
        arms keep their ratio to the treated ones.
    replicates : of the first look; default: the decision's.
    threads : default: as many as the process may use. Does not change any number.
    progress : called with (blocks done, blocks in all), look by look.

    Raises
    ------
    ValueError : replicates below 1.
    ScenarioError : nothing is compared, every treated arm has a fixed number of animals, or the
        method cannot test so many.

    Examples
    --------
    >>> from simulator import control_ratio, load_scenario
    >>> found = control_ratio(load_scenario("too-small"), replicates=2000)
    >>> found.best.n_control, found.best.n_treated
    (6, 3)
    """
    plan = plan_of(scenario)
    search = Search(plan, replicates=replicates, threads=threads, progress=progress)
    found = search.run()
    return _Answer(search, found, progress).result()


class _Answer:
    """The outcome of a search in words and numbers."""

    def __init__(self, search: Search, found: Found, progress: Progress | None) -> None:
        self._search, self._found, self._progress = search, found, progress
        self._plan: Plan = search.plan
        self._below = below_range(search, found.best)

    def result(self) -> ControlRatioResult:
        """Return the answer."""
        plan, search, found = self._plan, self._search, self._found
        scenario = plan.scenario
        status = self._status()
        best = None if found.best is None else self._shown(found.best)
        equal = None if found.equal is None else self._shown(found.equal)
        lost, families = self._removals(), self._families()
        return ControlRatioResult(
            scenario_id=scenario.id,
            digest=scenario.digest,
            seed=scenario.seed,
            status=status,
            control=plan.control,
            treated=plan.treated,
            family=plan.family,
            target=search.target,
            of=scenario.decision.power.of,
            confidence=search.confidence,
            rule=plan.rule,
            best=best,
            ties=tuple(map(self._shown, found.ties)),
            open=tuple(map(self._shown, found.open)) if best is not None else (),
            equal=equal,
            equal_open=tuple(map(self._shown, found.equal_open)),
            below=self._below,
            saving=self._saving(),
            rows=tuple(self._rows()),
            lines=tuple(self._lines()),
            removals=lost,
            families=families,
            grid=tuple(self._shown(pair, fresh=False) for pair in sorted(search.at)),
            step=search.field.step,
            n=None if found.best is None else plan.file_n(found.best),
            as_planned=found.best is not None and plan.as_planned(found.best),
            replicates=search.spent,
            reason=self._reason(status, best),
            notes=tuple(notes(search, found, lost, families)),
        )

    def _status(self) -> Status:
        found, limit = self._found, self._plan.scenario.decision.limits.animals
        if found.best is None:
            return "unresolved" if found.open else "infeasible"
        if limit is not None and self._search.total(found.best) > limit:
            return "infeasible"
        return "unresolved" if found.open else "certified"

    def _shown(self, pair: Pair, *, fresh: bool = True) -> Allocation:
        """Return a pair with its power: on the fresh replicates where they saw it."""
        counts = self._found.fresh.get(pair) if fresh else None
        return Allocation(
            n_control=pair[0],
            n_treated=pair[1],
            sizes=self._plan.sizes(pair),
            animals=self._plan.headcount(pair),
            power=self._search.pairs.power(counts or self._search.at[pair]),
        )

    def _saving(self) -> Saving | None:
        found, total = self._found, self._search.total
        if found.best is None or found.equal is None:
            return None
        equal, best = total(found.equal), total(found.best)
        return Saving(
            value=equal - best,
            # fewer equal arms that were enough would be the best pair themselves
            low=max(0, min([equal, *map(total, found.equal_open)]) - best),
            high=equal - min([best, *map(total, found.open)]),
        )

    def _removals(self) -> tuple[Removal, ...]:
        search, best = self._search, self._found.best
        if best is None:
            return ()
        return removals(
            search.pairs,
            best,
            replicates=search.first,
            first_block=search.next_fresh,
            taken=search.plan.scenario.design.animals.per_cage if search.field.whole_cages else 1,
            progress=self._progress,
        )

    def _families(self) -> tuple[FamilyAt, ...]:
        search, found = self._search, self._found
        if found.best is None:
            return ()
        where = {"fewest animals": found.best}
        if found.equal is not None and found.equal != found.best:
            where["equal arms"] = found.equal
        return families_at(
            search.pairs,
            where,
            replicates=search.first,
            first_block=search.next_fresh,
            progress=self._progress,
        )

    def _lines(self) -> Iterator[Line]:
        for line in self._search.lines():
            lowest = line.open[0] if line.open else line.enough
            yield Line(
                enough=None if line.enough is None else self._shown(line.enough, fresh=False),
                lowest=None if lowest is None else self._shown(lowest, fresh=False),
            )

    def _rows(self) -> Iterator[RatioRow]:
        """Yield the ratios of the table, ascending: fewest animals at each, on the first look."""
        plan, found = self._plan, self._found
        named = {1.0: "equal"}
        for ratio in _USUAL:
            named.setdefault(ratio, "")
        named.setdefault(plan.rule, f"square-root rule, k = {len(plan.treated)}")
        if plan.planned_ratio is not None:
            names = (named.get(plan.planned_ratio), "as planned")
            named[plan.planned_ratio] = ", ".join(name for name in names if name)
        if found.best is not None:
            ratio = found.best[0] / found.best[1]
            names = (named.get(ratio), "fewest animals")
            named[ratio] = ", ".join(name for name in names if name)
        for ratio, name in sorted(named.items()):
            seen, pair = self._fewest_at(ratio)
            yield RatioRow(name, ratio, None if pair is None else self._shown(pair), seen)

    def _fewest_at(self, ratio: float) -> tuple[bool, Pair | None]:
        """Return whether a ratio was looked at, and its smallest pair that is enough."""
        best = self._found.best
        if best is not None and ratio == best[0] / best[1]:
            return True, best
        if ratio == 1.0 and self._found.equal is not None:
            return True, self._found.equal
        near = list(self._near(ratio))
        seen = [pair for pair in near if pair in self._search.at]
        if not seen:
            return False, None
        line = self._search.line(seen)
        start = len(seen) if line.enough is None else line.pairs.index(line.enough)
        # what only the first look shows to be enough is open, and no answer
        pair = next((p for p in line.pairs[start:] if p not in self._found.open), None)
        if pair is not None and pair != near[0] and near[near.index(pair) - 1] not in seen:
            return False, None  # whether fewer are enough was not looked at
        return True, pair

    def _near(self, ratio: float) -> Iterator[Pair]:
        """Yield the pairs of the lattice that are nearest to a ratio."""
        search = self._search
        for n in search.field.treated:
            if not search.field.coarse:
                yield search.field.nearest(ratio * n), n
                continue
            m = min(search.controls, key=lambda controls: abs(controls - ratio * n))
            if abs(m / (ratio * n) - 1) < _ABOUT:
                yield m, n

    def _reason(self, status: Status, best: Allocation | None) -> str:
        search, found = self._search, self._found
        if best is None:
            return self._none(status)
        reason = (
            f"{best}, {best.total} animals: power {best.power} on {best.power.replicates:,} fresh "
            "replicates"
        )
        limit = self._plan.scenario.decision.limits.animals
        if limit is not None and best.total > limit:
            return f"{reason}; the limit (decision.limits.animals) is {limit}"
        if not found.open:
            return f"{reason}; {self._smaller(best)}"
        start = f"; {self._start()}" if self._below is not None else ""
        over = "the minutes allowed" if found.out_of_time else f"{search.spent:,} replicates"
        listed = "; ".join(
            f"{m} and {n} ({search.total((m, n))} animals, {search.power((m, n))})"
            for m, n in found.open[:6]
        )
        more = f"; and {len(found.open) - 6} more" if found.open[6:] else ""
        return f"{reason}; {over} do not tell whether fewer are enough: {listed}{more}{start}"

    def _smaller(self, best: Allocation) -> str:
        """Say what is known of the pairs of fewer animals, where none that was seen is open."""
        seen = any(self._search.total(pair) < best.total for pair in self._search.at)
        told = "every pair looked at that takes fewer animals is too small"
        if self._below is None:
            return told if seen else "no pair that takes fewer animals can be enough"
        start = self._start()
        return (
            f"{told}, but {start}" if seen else f"no pair of fewer animals was looked at: {start}"
        )

    def _start(self) -> str:
        return f"fewer than {self._below} in an arm were not looked at (decision.n.from)"

    def _none(self, status: Status) -> str:
        search, plan = self._search, self._plan
        top = max(search.at, key=lambda pair: search.power(pair).value)
        power = search.power(top)
        reason = (
            f"no pair looked at is shown to reach the target {search.target:g}: power is highest "
            f"with {top[0]} control and {top[1]} per treated arm, {power}"
        )
        if status == "unresolved" and self._found.out_of_time:
            return (
                f"{plan.scenario.decision.max_minutes:g} minutes (decision.max_minutes) were over "
                f"before any pair was confirmed; power is highest with {top[0]} control and "
                f"{top[1]} per treated arm, {power}"
            )
        if status == "unresolved":
            return f"{reason}; pairs that may be enough are left open"
        scenario = plan.with_control(top[0])
        sizes = scenario.design.units(plan.sizes(top), unit=scenario.analysis.unit)
        why = hopeless(scenario.analysis, plan.family, sizes=sizes)
        return f"{why}; {reason}" if why else f"{reason} (the range is decision.n)"
