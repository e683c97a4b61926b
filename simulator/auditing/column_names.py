"""Columns of a result that are not read, though by their names they are meant for ours."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

#: Names that are common in R and Python, by their letters alone, and ours.
_MEANT: Final = {
    **dict.fromkeys(
        ("adjp", "adjpval", "adjpvalue", "adjustedpvalue", "fdr", "padj", "pcorr", "pcorrected"),
        "p_adjusted",
    ),
    **dict.fromkeys(
        ("pvaladj", "pvalueadj", "pvalueadjusted", "q", "qval", "qvalue"), "p_adjusted"
    ),
    **dict.fromkeys(("conflow", "lcl", "lower", "lowercl", "lwr"), "ci_low"),
    **dict.fromkeys(("ciupper", "confhigh", "ucl", "upper", "uppercl", "upr"), "ci_high"),
    **dict.fromkeys(("reject", "significant"), "rejected"),
}
#: Columns of the plan's table that are like one of ours and are often handed on.
_OF_THE_PLAN: Final = frozenset({"adjust"})
_LIKENESS: Final = 0.8


@lru_cache(maxsize=64)
def notes_on(columns: tuple[str, ...], optional: Sequence[str]) -> tuple[str, ...]:
    """Return a hint for every column that is not read and was probably meant as one that is.

    Names that a program would not show as they are (control characters) are passed over, and so
    is whatever is like a column that the result has.

    Parameters
    ----------
    columns : of the result.
    optional : those that are read where they are there.
    """
    missing = {_letters(name): name for name in optional if name not in columns}
    found = []
    for column in columns:
        letters = _letters(column)
        if column in _OF_THE_PLAN or column in optional or not letters or not column.isprintable():
            continue
        meant = _MEANT.get(letters)
        if meant is None:
            near = difflib.get_close_matches(letters, missing, n=1, cutoff=_LIKENESS)
            meant = missing[near[0]] if near else None
        if meant in missing.values():
            found.append(f'the column "{column[:60]}" is not read; did you mean "{meant}"?')
    return tuple(found)


def _letters(name: str) -> str:
    return re.sub("[^a-z]", "", name.casefold())
