"""One trap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from simulator.auditing.traps.right_answer import RightAnswer
from simulator.scenario import AnalysisPlan

if TYPE_CHECKING:
    import pandas as pd

#: What makes an answer right.
Rule = Literal[
    "p-values",  # they are those of a valid method
    "at alpha",  # also rejected where p is alpha
    "may refuse",  # or nothing is said of the endpoint, or the analysis ends with a message
    "unchanged",  # the analysis says what it says of the untransformed table
]


@dataclass(frozen=True, eq=False)
class Trap:
    """One small data set with a known right answer.

    Attributes
    ----------
    id, catches, right, source : as in `result.TrapResult`.
    rule : what makes an answer right.
    plan : the scenario's, with other names of the arms where the table has others.
    focus : place in the plan of the comparison that the trap is about.
    table : what the analysis is given; None where the trap is not applicable.
    answer : the right p-values of every comparison; None where the trap is not applicable.
    p_at_alpha : of the rule "at alpha": the focus's p-value that is to be rejected.
    unfit : why the trap is not applicable; empty where it is.
    """

    id: str
    catches: str
    right: str
    source: str
    rule: Rule
    plan: AnalysisPlan
    focus: int = 0
    table: pd.DataFrame | None = None
    answer: RightAnswer | None = None
    p_at_alpha: float = math.nan
    unfit: str = ""
