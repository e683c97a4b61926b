"""Making the traps of one scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from simulator.auditing.traps import tables
from simulator.auditing.traps.numbers import Pair
from simulator.auditing.traps.right_answer import RightAnswer, right_answer
from simulator.auditing.traps.trap import Rule, Trap
from simulator.scenario import AnalysisPlan, Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Make:
    """Makes the traps of one scenario, whose small cohort it draws once."""

    scenario: Scenario

    @cached_property
    def cohort(self) -> tables.Cohort:
        """The small cohort."""
        return tables.Cohort(self.scenario)

    @cached_property
    def answer(self) -> RightAnswer:
        """The right answer to the untransformed table."""
        return self.answer_to(self.cohort.table)

    @property
    def plan(self) -> AnalysisPlan:
        """The scenario's."""
        return self.scenario.analysis

    def answer_to(self, table: pd.DataFrame) -> RightAnswer:
        """Return the right answer to a table that may have text among its values."""
        return right_answer(tables.readable(table), self.plan)

    def values(
        self,
        id: str,
        pair: Pair,
        *,
        catches: str,
        source: str,
        right: str = "{p}",
        focus: int = 0,
        rule: Rule = "p-values",
    ) -> Trap:
        """Return a trap in which the arms of one comparison have fixed values.

        Parameters
        ----------
        right : in words; ``{p}`` stands for the right p-values.
        focus : place of the comparison in the plan.
        """
        one = self.plan.comparisons[focus]
        groups = {(one.endpoint, one.treated): pair.treated}
        groups[one.endpoint, one.control] = pair.control
        table = self.cohort.with_values(groups)
        answer = self.answer_to(table)
        right = right.format(p=answer.words(focus))
        return Trap(id, catches, right, source, rule, self.plan, focus, table, answer)

    def whole(
        self,
        id: str,
        table: pd.DataFrame,
        *,
        catches: str,
        source: str,
        rule: Rule = "unchanged",
        plan: AnalysisPlan | None = None,
    ) -> Trap:
        """Return a trap in which the whole cohort is transformed.

        Parameters
        ----------
        plan : with other names of the arms, where the table has others.
        """
        right = self.answer.words(0)
        if rule == "unchanged":
            own = self.answer.plan_words(0)
            right = f"as on the untransformed table, where the plan has {own}"
        return Trap(id, catches, right, source, rule, plan or self.plan, 0, table, self.answer)

    def unfit(self, id: str, why: str, *, catches: str, source: str, right: str) -> Trap:
        """Return a trap that is not applicable."""
        return Trap(id, catches, right, source, "p-values", self.plan, unfit=why)
