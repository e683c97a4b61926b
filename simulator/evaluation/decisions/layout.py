"""What is tested, in the numbers that the replicate kernel works with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.errors import Problem, ScenarioError
from simulator.evaluation.decisions.comparing import Rules
from simulator.evaluation.decisions.limits import check_limits
from simulator.evaluation.decisions.rules import SteelTables, rules_of, steel_tables, trend_rules
from simulator.evaluation.decisions.thresholds import Steps, steps_of
from simulator.evaluation.decisions.trending import TrendRules
from simulator.scenario import Comparison, Scenario


@dataclass(frozen=True)
class Layout:
    """Comparisons, families and trends of a scenario at several n.

    Attributes
    ----------
    ns : the n, ascending; ``arm_sizes`` the animals per arm at each of them.
    sizes : shape (slots, K), values tested of each slot's arm at each n: its animals, or where
        the cage is the unit its cages.
    slots : (endpoint, arm) of every array row.
    comparisons : family by family; ``starts`` (F + 1,) says where each family begins.
    treated, control : shape (C,), slots of the comparisons.
    steps, rules, steel : per family, how it decides and how its comparisons are tested.
    target : shape (C,), comparisons whose power the decision is about.
    """

    ns: tuple[int, ...]
    arm_sizes: tuple[Mapping[str, int], ...]
    slots: tuple[tuple[str, str], ...]
    sizes: Ints
    comparisons: tuple[Comparison, ...]
    families: tuple[str, ...]
    treated: Ints
    control: Ints
    starts: Ints
    steps: tuple[Steps, ...]
    rules: tuple[Rules, ...]
    steel: tuple[SteelTables | None, ...]
    target: Bools
    trends: tuple[str, ...]
    trend_slots: tuple[Ints, ...]
    trend_rules: tuple[TrendRules, ...]

    @property
    def decision_family(self) -> int:
        """Index of the family that the decision is about."""
        first = int(np.flatnonzero(self.target)[0])
        return int(np.searchsorted(self.starts, first, side="right")) - 1

    def members(self, family: int) -> slice:
        """Return where a family's comparisons lie."""
        return slice(int(self.starts[family]), int(self.starts[family + 1]))

    def stack(self, values: Mapping[str, Mapping[str, Floats]], replicates: int) -> Floats:
        """Return (slots, animals or cages, replicates) from values by endpoint and arm.

        Padded with NaN; ``values`` hold one row per unit of the analysis.
        """
        stacked = np.full((len(self.slots), int(self.sizes.max()), replicates), np.nan)
        for row, (endpoint, arm) in enumerate(self.slots):
            block = values[endpoint][arm][:, :replicates]
            stacked[row, : block.shape[0]] = block
        return stacked


def layout_of(scenario: Scenario, ns: Sequence[int]) -> Layout:
    """Return the layout of a resolved scenario at the given n.

    Raises
    ------
    ScenarioError : nothing is compared, the decision names what is not compared, or the method
        cannot test so many animals.
    """
    plan = scenario.analysis
    comparisons = plan.comparisons
    target = _target(scenario, comparisons)
    trends = list(plan.trends.values())
    wanted = [(c.endpoint, arm) for c in comparisons for arm in (c.treated, c.control)]
    wanted += [(trend.endpoint, arm) for trend in trends for arm in trend.arms]
    slots = tuple(dict.fromkeys(wanted))
    row = {slot: index for index, slot in enumerate(slots)}
    arm_sizes = tuple(scenario.design.sizes(n) for n in ns)
    units = tuple(scenario.design.units(at, unit=plan.unit) for at in arm_sizes)
    check_limits(scenario, units, ns)
    sizes = np.array([[at[arm] for at in units] for _, arm in slots], dtype=np.int64)
    treated = _ints(row[c.endpoint, c.treated] for c in comparisons)
    control = _ints(row[c.endpoint, c.control] for c in comparisons)
    members = [len(plan.comparisons_of(family)) for family in plan.families]
    starts = _ints([0, *np.cumsum(members)])
    steps = tuple(
        steps_of(family.adjust, size=size, alpha=family.alpha)
        for family, size in zip(plan.families.values(), members, strict=True)
    )
    trend_slots = tuple(_ints(row[trend.endpoint, arm] for arm in trend.arms) for trend in trends)
    return Layout(
        ns=tuple(ns),
        arm_sizes=arm_sizes,
        slots=slots,
        sizes=sizes,
        comparisons=comparisons,
        families=tuple(plan.families),
        treated=treated,
        control=control,
        starts=starts,
        steps=steps,
        rules=tuple(
            rules_of(
                plan.spec(name),
                steps[f].thresholds,
                sizes[treated[starts[f] : starts[f + 1]]],
                sizes[control[starts[f] : starts[f + 1]]],
                losses=scenario.design.animals_may_be_lost,
            )
            for f, name in enumerate(plan.families)
        ),
        steel=tuple(
            steel_tables(
                plan.spec(name), sizes[[control[starts[f]], *treated[starts[f] : starts[f + 1]]]]
            )
            if family.adjust == "steel"
            else None
            for f, (name, family) in enumerate(plan.families.items())
        ),
        target=target,
        trends=tuple(plan.trends),
        trend_slots=trend_slots,
        trend_rules=tuple(
            trend_rules(trend, sizes[slots], resamples=plan.resamples)
            for trend, slots in zip(trends, trend_slots, strict=True)
        ),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _target(scenario: Scenario, comparisons: Sequence[Comparison]) -> Bools:
    """Mark the comparisons that the decision is about."""
    if not comparisons:
        problem = Problem("analysis.families", "nothing is compared, so there is no power")
        raise ScenarioError(scenario.id, [problem])
    wish = scenario.decision.power
    target = np.array(
        [
            c.family == wish.family and (wish.arms is None or c.treated in wish.arms)
            for c in comparisons
        ]
    )
    if not target.any():
        text = f'the analysis has no comparison in family "{wish.family}"'
        text += "" if wish.arms is None else f" of arms {', '.join(wish.arms)}"
        raise ScenarioError(scenario.id, [Problem("decision.power", text)])
    return target
