"""The experimental unit: where whole cages get one treatment, a cage is one value, its median."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.compiled import kernel
from simulator.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

#: What to say of data that have no column of cages.
NO_CAGES = (
    "column is missing: the unit is the cage, so every animal needs the cage it lived in; name "
    "that column cage"
)
#: Most cells listed one by one for the same mistake.
_LISTED = 5


def cage_medians(values: Floats, cage: Ints) -> Floats:
    """Return the median of every cage in every replicate.

    An even number of animals gives the mean of the middle two.

    Parameters
    ----------
    values : shape (n, R), NaN where an animal has no value.
    cage : shape (n,), each animal's cage, in any numbers.

    Returns
    -------
    shape (cages, R), cages in ascending order of their numbers; NaN where none of its animals
    has a value.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[1.0], [9.0], [2.0], [5.0], [np.nan]])
    >>> cage_medians(values, np.array([0, 0, 0, 1, 1])).tolist()
    [[2.0], [5.0]]
    """
    order = np.argsort(cage, kind="stable")
    starts = _starts(cage[order])
    found = np.empty((starts.size - 1, values.shape[1]))
    _medians(values, order, starts, found)
    return found


def _starts(grouped: Ints) -> Ints:
    """Return where each group of equal numbers begins, and the end; shape (groups + 1,)."""
    changes = np.flatnonzero(np.diff(grouped)) + 1
    first = np.zeros(min(1, grouped.size), dtype=np.int64)
    return np.concatenate([first, changes, [grouped.size]])


@kernel
def _medians(values: Floats, order: Ints, starts: Ints, found: Floats) -> None:
    """Write the medians of the animals ``order[starts[c]:starts[c + 1]]`` to ``found[c]``."""
    replicates = values.shape[1]
    longest = 0
    for c in range(starts.size - 1):
        longest = max(longest, starts[c + 1] - starts[c])
    ranked = np.empty((longest, replicates))
    there = np.empty(replicates, dtype=np.int64)
    for c in range(starts.size - 1):
        mates = starts[c + 1] - starts[c]
        there[:] = 0
        for i in range(mates):
            animal, row = values[order[starts[c] + i]], ranked[i]
            for r in range(replicates):
                value = animal[r]
                there[r] += np.int64(value == value)
                row[r] = value if value == value else np.inf  # the lost ones come last
        # Exchanges of neighbours, odd and even pairs in turn, sort in as many rounds as there
        # are animals; all replicates at once, so that they compile to vector code.
        for turn in range(mates):
            for i in range(turn % 2, mates - 1, 2):
                lower, upper = ranked[i], ranked[i + 1]
                for r in range(replicates):
                    one, two = lower[r], upper[r]
                    lower[r] = one if one < two else two
                    upper[r] = two if one < two else one
        for r in range(replicates):
            count = there[r]
            if count == 0:
                found[c, r] = np.nan
            else:
                found[c, r] = 0.5 * (ranked[(count - 1) // 2, r] + ranked[count // 2, r])


def one_per_cage(
    values: Floats, below: Bools, above: Bools, cage: Ints
) -> tuple[Floats, Bools, Bools]:
    """Return one value per cage, in ascending order of their numbers.

    Animals out of the range are ordered as the lowest and highest. The median is of the
    recorded values, and itself out of the range where both middle animals are.

    Parameters
    ----------
    values : shape (n,), no NaN; ``below`` and ``above`` mark those out of the range.
    cage : shape (n,).

    Returns
    -------
    medians, and whether each is below or above the range, each of shape (cages,).
    """
    ranked = np.where(below, -np.inf, np.where(above, np.inf, values))
    order = np.lexsort((values, ranked, cage))
    starts = _starts(cage[order])
    first, counts = starts[:-1], np.diff(starts)
    low, high = order[first + (counts - 1) // 2], order[first + counts // 2]
    medians = 0.5 * (values[low] + values[high])
    return medians, below[low] & below[high], above[low] & above[high]


def read_cages(
    observations: pd.DataFrame, *, arm_codes: Ints, arms: Sequence[str], used: Bools
) -> tuple[Ints, list[Problem]]:
    """Return each row's cage as a number, and why the cages cannot be the unit.

    Parameters
    ----------
    observations : with the columns subject_id, arm and cage.
    arm_codes : shape (rows,), places in ``arms``.
    used : shape (rows,), rows that have a value; the others need no cage.
    """
    import pandas as pd

    codes, names = pd.factorize(observations["cage"])
    cage = codes.astype(np.int64)
    for place, name in enumerate(names):
        if not str(name).strip():  # a blank cell of a table made by hand
            cage[cage == place] = -1
    problems = []
    nowhere = np.flatnonzero((cage < 0) & used)
    if nowhere.size:
        who = observations["subject_id"].iloc[nowhere[0]]
        text = f'is empty for {nowhere.size} values, first of "{who}"; the unit is the cage'
        problems.append(Problem("cage", f"{text}, so every animal needs one"))
    homes = _several(cage, arm_codes)
    for one, there in list(homes.items())[:_LISTED]:
        mixed = ", ".join(arms[arm] for arm in there)
        problems.append(
            Problem(
                "cage",
                f'"{names[one]}" holds animals of arms {mixed}, so the cage is not the unit: '
                "give every cage a name of its own, or analyse animals",
            )
        )
    subject_codes, subjects = pd.factorize(observations["subject_id"])
    moves = _several(np.where(cage < 0, -1, subject_codes), cage)
    for one, there in list(moves.items())[:_LISTED]:
        text = f'"{subjects[one]}" is in cages {", ".join(str(names[place]) for place in there)}'
        problems.append(Problem("subject_id", f"{text}: give every animal one cage"))
    for found, what in ((homes, "cages with several arms"), (moves, "animals in several cages")):
        if len(found) > _LISTED:
            problems.append(Problem("cage", f"and {len(found) - _LISTED} more {what}"))
    return cage, problems


def _several(owner: Ints, part: Ints) -> dict[int, list[int]]:
    """Return the owners that have more than one part, with their parts."""
    found: dict[int, list[int]] = {}
    for one, other in np.unique(np.stack([owner, part], axis=1), axis=0).tolist():
        if one >= 0:
            found.setdefault(one, []).append(other)
    return {one: parts for one, parts in found.items() if len(parts) > 1}


def whole_cages(observations: pd.DataFrame) -> bool:
    """Return whether the data name cages of several animals, each of them of one arm only."""
    if "cage" not in observations.columns:
        return False
    import pandas as pd

    cage, _ = pd.factorize(observations["cage"])
    arm, arms = pd.factorize(observations["arm"])
    subject, _ = pd.factorize(observations["subject_id"])
    known = cage >= 0
    cages = np.unique(cage[known]).size
    alone = np.unique(cage[known] * len(arms) + arm[known]).size == cages
    return bool(alone and np.unique(subject[known]).size > cages)
