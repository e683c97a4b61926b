"""From an observations table to sorted samples per endpoint and arm."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats
from simulator.analysis.sample import Sample, sample_of
from simulator.analysis.units import NO_CAGES, read_cages
from simulator.errors import DataError, Problem
from simulator.scenario.analysis_plan import ExperimentalUnit
from simulator.tables import BENCH_COLUMNS, CENSORED

if TYPE_CHECKING:
    import pandas as pd

#: Most cells listed one by one for the same mistake.
_LISTED = 5


@dataclass(frozen=True)
class Samples:
    """All samples of a table.

    Attributes
    ----------
    arms, endpoints : names in the order of the table.
    unit : what has one value each.
    """

    arms: tuple[str, ...]
    endpoints: tuple[str, ...]
    of: Mapping[tuple[str, str], Sample]
    unit: ExperimentalUnit

    def get(self, endpoint: str, arm: str) -> Sample:
        """Return the sample, empty where the table has none."""
        return self.of.get((endpoint, arm), Sample())

    def absent(self, endpoint: str, arm: str) -> str:
        """Return why there is no value of this endpoint in this arm; empty where there is."""
        if (endpoint, arm) in self.of:
            return ""
        for what, name, known in (
            ("endpoint", endpoint, self.endpoints),
            ("arm", arm, self.arms),
        ):
            if name not in known:
                return f'no {what} "{name}" in the data{did_you_mean(name, known)}'
        return f'no observation of "{endpoint}" in arm "{arm}"'


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known names, and what there is."""
    names = list(known)
    lower = {one.casefold(): one for one in names}
    near = difflib.get_close_matches(name.casefold(), lower, n=1)
    hint = f'; did you mean "{lower[near[0]]}"?' if near else ""
    return f"{hint}; there is: {', '.join(names) or 'nothing'}"


def source(observations: pd.DataFrame) -> str:
    """Return what to call a table in an error: the file that it was read from, if any."""
    return str(observations.attrs.get("source", "observations"))


def gather(observations: pd.DataFrame, *, unit: ExperimentalUnit = "animal") -> Samples:
    """Return the samples of a tidy table.

    Parameters
    ----------
    observations : columns subject_id, arm, endpoint, value and, if any value is outside an
        assay's range, censored (empty, below, above). Further columns are ignored.
    unit : cage: the median of every cage is one value; needs the column cage.

    Raises
    ------
    DataError : missing columns, values that are not numbers, unknown censoring, a subject in
        two arms, several values of one for the same endpoint, or a cage that is not the unit
        because it holds several arms; lists all of them.
    """
    columns = list(map(str, observations.columns))
    missing = [name for name in BENCH_COLUMNS[:4] if name not in columns]
    problems = [
        Problem(name, f"column is missing{did_you_mean(name, columns)}") for name in missing
    ]
    if unit == "cage" and "cage" not in columns:
        problems.append(Problem("cage", NO_CAGES))
    if problems:
        raise DataError(source(observations), problems)
    values = _numbers(observations["value"], problems)
    arm_codes, arms = _codes(observations["arm"], "arm", problems)
    endpoint_codes, endpoints = _codes(observations["endpoint"], "endpoint", problems)
    below, above = _censored(observations, problems)
    _one_value_each(observations, endpoint_codes, endpoints, problems)
    if not problems:
        _one_arm_each(observations, arm_codes, arms, problems)
    cage = None
    if unit == "cage" and not problems:
        used = ~np.isnan(values)
        cage, problems = read_cages(observations, arm_codes=arm_codes, arms=arms, used=used)
    if problems:
        raise DataError(source(observations), problems)
    cell = endpoint_codes * len(arms) + arm_codes
    order = np.argsort(cell, kind="stable")
    found: dict[tuple[str, str], Sample] = {}
    for rows in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
        if rows.size:
            endpoint, arm = divmod(int(cell[rows[0]]), len(arms))
            found[endpoints[endpoint], arms[arm]] = sample_of(
                values[rows], below[rows], above[rows], None if cage is None else cage[rows]
            )
    return Samples(arms, endpoints, found, unit)


def _numbers(column: pd.Series[Any], problems: list[Problem]) -> Floats:
    import pandas as pd

    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        problems.append(Problem("value", f"holds {column.dtype}, not numbers"))
        return np.zeros(len(column))
    numbers = pd.to_numeric(column, errors="coerce")
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero((np.isnan(values) & column.notna().to_numpy()) | np.isinf(values))
    for row in wrong[:_LISTED]:
        text = f'row {row + 1}: "{column.iloc[row]}" is not a finite number'
        problems.append(Problem("value", text))
    if wrong.size > _LISTED:
        problems.append(Problem("value", f"and {wrong.size - _LISTED} more that are not numbers"))
    return values


def _codes(
    column: pd.Series[Any], name: str, problems: list[Problem]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], tuple[str, ...]]:
    import pandas as pd

    codes, names = pd.factorize(column)
    empty = np.flatnonzero(codes < 0)
    if empty.size:
        problems.append(Problem(name, f"is empty in {empty.size} rows, first row {empty[0] + 1}"))
    return codes.astype(np.int64), tuple(map(str, names))


def _censored(observations: pd.DataFrame, problems: list[Problem]) -> tuple[Bools, Bools]:
    if "censored" not in observations.columns:
        nothing = np.zeros(len(observations), dtype=np.bool_)
        return nothing, nothing
    import pandas as pd

    codes, names = pd.factorize(observations["censored"])  # missing cells get code -1
    flags = []
    for mark in ("below", "above"):
        places = [place for place, name in enumerate(names) if name == mark]
        flags.append(codes == (places[0] if places else len(names)))
    for name in names:
        if name not in CENSORED:
            problems.append(
                Problem("censored", f'unknown value "{name}"; allowed: empty, below, above')
            )
    return flags[0], flags[1]


def _one_value_each(
    observations: pd.DataFrame,
    endpoint_codes: np.ndarray[Any, np.dtype[np.int64]],
    endpoints: tuple[str, ...],
    problems: list[Problem],
) -> None:
    # Two values of one animal are not two animals: a rank test on them counts too much evidence.
    import pandas as pd

    subject_codes, subjects = pd.factorize(observations["subject_id"])
    if (subject_codes < 0).any():
        row = int(np.flatnonzero(subject_codes < 0)[0]) + 1
        problems.append(Problem("subject_id", f"is empty, first in row {row}"))
    cell = subject_codes.astype(np.int64) * max(1, len(endpoints)) + endpoint_codes
    keys, counts = np.unique(cell[subject_codes >= 0], return_counts=True)
    repeated = np.flatnonzero(counts > 1)
    for place in repeated[:_LISTED]:
        subject, endpoint = divmod(int(keys[place]), len(endpoints))
        rows = np.flatnonzero(cell == keys[place])
        arms = list(dict.fromkeys(map(str, observations["arm"].iloc[rows])))
        across = f" (arms {', '.join(arms)}; give every animal an id of its own)"
        problems.append(
            Problem(
                "subject_id",
                f'"{subjects[subject]}" has {counts[place]} values of "{endpoints[endpoint]}"'
                f"{across if len(arms) > 1 else ''}; the test needs one value per animal: "
                "choose a day, average repeated readings, or name them as different endpoints",
            )
        )
    if repeated.size > _LISTED:
        problems.append(
            Problem("subject_id", f"and {repeated.size - _LISTED} more with several values")
        )


def _one_arm_each(
    observations: pd.DataFrame,
    arm_codes: np.ndarray[Any, np.dtype[np.int64]],
    arms: tuple[str, ...],
    problems: list[Problem],
) -> None:
    # The same id in two arms is two animals with one name, or a slip in the arm.
    import pandas as pd

    subject_codes, subjects = pd.factorize(observations["subject_id"])
    pairs = np.unique(subject_codes.astype(np.int64) * max(1, len(arms)) + arm_codes)
    if pairs.size == len(subjects):
        return
    of_subject, of_arm = np.divmod(pairs, len(arms))
    moved = np.flatnonzero(np.bincount(of_subject) > 1)
    for subject in moved[:_LISTED]:
        there = ", ".join(arms[arm] for arm in of_arm[of_subject == subject])
        text = f'"{subjects[subject]}" is in arms {there}: give every animal an id of its own'
        problems.append(Problem("subject_id", text))
    if moved.size > _LISTED:
        problems.append(Problem("subject_id", f"and {moved.size - _LISTED} more in several arms"))
