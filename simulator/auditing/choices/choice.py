"""A whole choice: what is compared, by which test, on which side, and what is reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from simulator.auditing.choices.data_set import DataSet
from simulator.auditing.choices.rank_tests import OWN, TestChoice
from simulator.auditing.choices.reports import AS_IT_IS, Report
from simulator.auditing.choices.selections import PLANNED, Selection
from simulator.auditing.choices.tails import AS_PLANNED, Tail
from simulator.scenario import Comparison

_YOURS = "your p-values are those of "
_COLUMN = "your p_value column holds "


@dataclass(frozen=True, eq=False)
class Choice:
    """A way from a data set to p-values; each part that is not given is the plan's own."""

    selection: Selection = PLANNED
    test: TestChoice = OWN
    tail: Tail = AS_PLANNED
    report: Report = AS_IT_IS

    @property
    def parts(self) -> tuple[Selection | TestChoice | Tail | Report, ...]:
        """In what it differs from the plan."""
        return tuple(one for one in (self.selection, self.test, self.tail, self.report) if one.id)

    @cached_property
    def id(self) -> str:
        """The names of its parts, e.g. ``scipy-auto+one-sided-greater``."""
        return "+".join(one.id for one in self.parts)

    @property
    def valid(self) -> bool:
        """Whether it is a right analysis too, though not the plan's."""
        return all(one.valid for one in self.parts)

    def p_value(self, data: DataSet, k: int) -> float:
        """Return the p-value of the plan's k-th comparison, NaN where there is none."""
        key = self.selection, self.test, self.tail
        return self.report.p_value(data, k, partial(self._bare, data), key)

    def could_say(self, said: float, data: DataSet, k: int, *, slack: float) -> bool:
        """Return whether it may say this of the plan's k-th comparison: a quick look."""
        bare = self._bare(data, data.comparisons[k])
        most = min(1.0, self.report.most * bare)
        return self.report.least * bare - slack <= said <= most + slack

    def _bare(self, data: DataSet, comparison: Comparison) -> float:
        return data.keep(
            (self.selection, self.test, self.tail, comparison),
            lambda: self.tail.of(
                self.test.p_value,
                self.selection.contrast(data, comparison),
                data.specs[comparison.family],
            ),
        )

    @property
    def sentence(self) -> str:
        """What to say to the analysis' owner, without a full stop."""
        of = self._of()
        if not self.report.id:
            return f"{_YOURS}{of}"
        return f"{_COLUMN}{self.report.words}{f', of {of}' if of else ''}"

    def _of(self) -> str:
        test = self.test.words
        if self.tail.id:
            test = f"{test}, {self.tail.words}" if test else self.tail.alone
        elif self.selection.id and not test:
            test = "the plan's test"
        joint = ", " if self.tail.id and self.selection.id else " "
        return f"{test}{joint}{self.selection.words}".strip()


def either(choices: Sequence[Choice], *, most: int = 3) -> str:
    """Return what to say of choices that the data do not tell apart.

    Parameters
    ----------
    most : so many are named.
    """
    sentences = list(dict.fromkeys(one.sentence for one in choices))
    if len(sentences) == 1:
        return sentences[0]
    named, more = sentences[:most], len(sentences) - most
    joint, again = "; or ", ""
    if all(one.startswith(_YOURS) for one in named):
        joint, again = ", or of ", _YOURS
    text = joint.join([named[0], *(one.removeprefix(again) for one in named[1:])])
    if more > 0:
        text += f"{joint}{more} more"
    return f"{text} (alike on these data)"
