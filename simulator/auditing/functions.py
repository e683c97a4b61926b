"""An analysis that is a Python function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.auditing.claims import Asked
from simulator.auditing.commands.result_file import claims_of_frame, said_by
from simulator.auditing.outcome import Analyst, Outcome
from simulator.errors import DataError
from simulator.scenario import AnalysisPlan

if TYPE_CHECKING:
    import pandas as pd

#: A table of observations in, a table of results out.
Analysis = Callable[["pd.DataFrame"], "pd.DataFrame"]

#: Longest message that is kept of an exception.
_LONGEST = 500


def name_of(function: Analysis) -> str:
    """Return what to call a function: its module and its name."""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    module = getattr(function, "__module__", None)
    return f"{module}.{name}" if module not in (None, "__main__", "builtins") else name


def analyst_of(function: Analysis, plan: AnalysisPlan) -> Analyst:
    """Return a function as an analyst: what it raises is a failed run."""
    asked = Asked.of(plan)

    def analyst(observations: pd.DataFrame) -> Outcome:
        try:
            found = function(observations)
        except Exception as error:
            return Outcome(None, "crashed", f"{type(error).__name__}: {error}"[:_LONGEST])
        if found is None:
            return Outcome(None, "no result", "returned None, not a table")
        try:
            return Outcome(claims_of_frame(found, asked, source="result"))
        except DataError as error:
            return Outcome(None, "wrong result", said_by(error))

    return analyst
