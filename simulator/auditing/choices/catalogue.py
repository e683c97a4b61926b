"""All choices that a plan and its data allow, the simple ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.data_set import DataSet
from simulator.auditing.choices.other_tests import OTHER_TESTS
from simulator.auditing.choices.rank_tests import OWN, RANK_TESTS, TestChoice
from simulator.auditing.choices.reports import ADJUSTMENTS, Report, reports
from simulator.auditing.choices.selections import PLANNED, Selection, other_controls, selections
from simulator.auditing.choices.tails import AS_PLANNED, Tail, tails

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import AnalysisPlan

#: Most parts in which a choice differs from the plan.
MOST_PARTS: Final = 3
#: What is combined three at a time: all of it would be ten times as much.
_COMMON: Final = frozenset(
    (
        *("arms-swapped", "censored-dropped", "missing-as-zero", "animals", "cage-medians"),
        *("r-auto", "scipy-auto", "normal", "exact-far-tail", "normal-no-continuity"),
        *("ties-ignored", "welch-raw", "welch-log", "student-raw", "student-log"),
        *("two-sided", "one-sided-greater", "one-sided-less", "halved", "best-endpoint"),
        *(f"p-value-{method}" for method in ADJUSTMENTS),
        *(f"p-value-{method}-over-all" for method in ADJUSTMENTS),
    )
)

_Part = TypeVar("_Part", Selection, TestChoice, Tail, Report)


class Catalogue:
    """The choices for one plan and data like these.

    Parameters
    ----------
    observations : one data set; which arms, endpoints and cages there are is taken from it.
    """

    def __init__(self, observations: pd.DataFrame, plan: AnalysisPlan) -> None:
        data = DataSet(observations, plan)

        def several(test: TestChoice) -> bool:
            company = test.company
            return company is None or any(
                len(data.company(one, company)) > 2 for one in data.comparisons
            )

        self._selections = (*selections(data, observations), *other_controls(data))
        self._tests = tuple(test for test in (*RANK_TESTS, *OTHER_TESTS) if several(test))
        self._tails = tuple(tails(plan.alternative))
        self._reports = tuple(reports(data))
        self._kept: dict[int, tuple[Choice, ...]] = {}

    def differing_in(self, parts: int) -> tuple[Choice, ...]:
        """Return the choices that differ from the plan in so many parts."""
        if parts not in self._kept:
            self._kept[parts] = tuple(self._differing_in(parts))
        return self._kept[parts]

    def _differing_in(self, parts: int) -> Iterator[Choice]:
        def some(of: Sequence[_Part]) -> Sequence[_Part]:
            return of if parts < MOST_PARTS else [one for one in of if one.id in _COMMON]

        all_tails, all_reports = some(self._tails), some(self._reports)
        for selection in (PLANNED, *some(self._selections)):
            for test in (OWN, *some(self._tests)):
                for tail in (AS_PLANNED, *(all_tails if test.sided else ())):
                    differ = (selection is not PLANNED) + (test is not OWN)
                    differ += tail is not AS_PLANNED
                    if differ == parts:
                        yield Choice(selection, test, tail)
                    elif differ == parts - 1:
                        yield from (Choice(selection, test, tail, one) for one in all_reports)
