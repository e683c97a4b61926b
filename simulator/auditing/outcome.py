"""What came of giving one data set to an analysis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from simulator.auditing.claims import Claims

if TYPE_CHECKING:
    import pandas as pd

#: How an analysis can fail.
Failure = Literal[
    "crashed",  # exit status not 0, or an exception
    "timed out",
    "printed too much",
    "no result",  # nothing written
    "unreadable result",  # neither CSV nor JSON, or far too large
    "wrong result",  # a table, but not one that answers: columns, names, cells
    "could not start",
]


@dataclass(frozen=True)
class Outcome:
    """What an analysis made of one data set: claims, or the way in which it failed.

    Attributes
    ----------
    claims : None where it failed.
    failure, message : how, and what it said; None and empty where it did not fail.
    """

    claims: Claims | None
    failure: Failure | None = None
    message: str = ""


#: An analysis under audit: a table of observations in, an outcome out. It may change the table.
Analyst = Callable[["pd.DataFrame"], Outcome]
