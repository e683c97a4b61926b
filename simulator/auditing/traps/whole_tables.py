"""Traps in which a whole cohort is transformed, and the answers must stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from simulator.auditing.traps import tables
from simulator.auditing.traps.make import Make
from simulator.auditing.traps.renaming import other_names, renamed_plan
from simulator.auditing.traps.trap import Trap

#: The untransformed table, to which "unchanged" answers are held.
PLAIN: Final = "plain-table"
#: The trap with a plan of its own.
RENAMED: Final = "renamed-arms"

#: Factors of the traps with scaled units; of cages powers of two, because the mean of two animals
#: times another factor may round, and then equal medians are equal no more.
_FACTORS: Final = {"animal": (1000.0, 1 / 7), "cage": (1024.0, 1 / 8)}

_BOOK: Final = "Hollander & Wolfe, Nonparametric Statistical Methods"
_RANKS: Final = f"{_BOOK}: rank tests do not change under increasing transformations"
_SETS: Final = f"{_BOOK}: the test is of two samples; how a file lays them out is no part of it"


def whole_tables(make: Make) -> Iterator[Trap]:
    """Yield the plain table first, then its transformations."""
    table, plan = make.cohort.table, make.plan
    yield make.whole(
        PLAIN,
        table,
        rule="p-values",
        catches="a test that is not the plan's, or other arms: this table has nothing unusual",
        source="the scenario's plan by R's wilcox.test and coin",
    )
    yield make.whole(
        "shuffled-rows",
        tables.shuffled(table),
        catches="an analysis that relies on the order of the rows",
        source=_SETS,
    )
    yield make.whole(
        "sorted-by-value",
        tables.by_value(table),
        catches="rows taken by their place, in a file that is sorted by value",
        source=_SETS,
    )
    yield make.whole(
        "arms-in-another-order",
        tables.arms_turned(table, control=plan.comparisons[0].control),
        catches="the first arm in the file taken as control",
        source=_SETS,
    )
    yield make.whole(
        "extra-columns",
        tables.with_more_columns(table),
        catches='columns read by their place, or by nearly their name ("Value", "p_value")',
        source=_SETS,
    )
    yield make.whole(
        "numeric-ids",
        tables.numbered(table),
        catches="the animals' numbers taken for values",
        source=_SETS,
    )
    names = other_names(make.scenario.design.arms)
    yield make.whole(
        RENAMED,
        tables.renamed(table, names),
        plan=renamed_plan(plan, names),
        catches="names of arms written into the code, sorted, or split at blanks, commas, quotes",
        source="RFC 4180 for quotes in CSV; no test depends on what its samples are called",
    )
    up, down = _FACTORS[plan.unit]
    yield make.whole(
        "scaled-up",
        tables.scaled(table, up),
        catches="a cap or a limit of one unit in the code",
        source=_RANKS,
    )
    yield make.whole(
        "scaled-down",
        tables.scaled(table, down),
        catches="values rounded, or compared with a constant of one unit",
        source=_RANKS,
    )
