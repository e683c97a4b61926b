"""Every trap catches a mistake that people make, and catches it in the right place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import combinations, groupby

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulator.auditing.traps import battery, run_traps
from simulator.scenario_files import load_scenario

from .lab_analysis import RIGHT, by_number, rank_test, read, told


def failing(analysis, scenario) -> set[str]:
    analyst = told(analysis)
    found = run_traps(lambda frame: analyst(frame, scenario.analysis), scenario, told_plan=analyst)
    return {one.id for one in found if one.verdict == "fail"}


def nothing_to_rank(x, y):
    return not x.size or not y.size or np.unique(np.concatenate([x, y])).size == 1


def exact_without_ties(x, y, alternative):
    """scipy's exact method on whatever comes."""
    if nothing_to_rank(x, y):
        return np.nan
    return stats.mannwhitneyu(x, y, alternative=alternative, method="exact").pvalue


def exact_with_ties(x, y, _alternative):
    """Every relabeling: how many lie as far from the middle."""
    if nothing_to_rank(x, y) or x.size + y.size > 16:
        return rank_test(x, y, "two-sided")
    ranks = np.round(2 * stats.rankdata(np.concatenate([x, y]))).astype(int).tolist()
    middle = len(x) * (len(ranks) + 1)
    sums = Counter(map(sum, combinations(ranks, len(x))))
    far = abs(sum(ranks[: len(x)]) - middle)
    return sum(n for s, n in sums.items() if abs(s - middle) >= far) / sums.total()


def whole_u(x, y, _alternative):
    """The normal approximation by hand, with U as a whole number where values are tied."""
    p = rank_test(x, y, "two-sided")
    pool = np.concatenate([x, y])
    if np.isnan(p) or np.unique(pool).size == pool.size:
        return p
    m, n = x.size, y.size
    u = int(sum((x[:, None] > y).ravel()) + 0.5 * sum((x[:, None] == y).ravel()))
    _, t = np.unique(pool, return_counts=True)
    size = m + n
    spread = np.sqrt(m * n / 12 * (size + 1 - (t**3 - t).sum() / (size * (size - 1))))
    return min(1.0, 2 * stats.norm.sf((abs(u - m * n / 2) - 0.5) / spread))


def needs_spread(x, y, alternative):
    if x.size and y.size and not np.concatenate([x, y]).std() > 0:
        raise ZeroDivisionError("float division by zero")
    return rank_test(x, y, alternative)


def needs_values(x, y, alternative):
    if not x.size or not y.size:
        raise ValueError("not enough observations")
    return rank_test(x, y, alternative)


def one_against_many(x, y, alternative):
    if x.size == 1:
        return stats.ttest_1samp(y, x[0]).pvalue
    return rank_test(x, y, alternative)


def paired(x, y, alternative):
    size = min(x.size, y.size)
    return rank_test(x[:size], y[:size], alternative)


def twice_the_upper_tail(x, y, _alternative):
    return np.minimum(1.0, 2 * rank_test(x, y, "greater"))


def welch(x, y, alternative):
    return stats.ttest_ind(x, y, equal_var=False, alternative=alternative).pvalue


def filled(frame, value):
    numbers = pd.to_numeric(frame["value"], errors="coerce")
    return frame.assign(value=numbers.fillna(value(numbers)))


def text_as_zero(frame):
    numbers = pd.to_numeric(frame["value"], errors="coerce")
    return read(frame.assign(value=numbers.mask(numbers.isna() & frame["value"].notna(), 0.0)))


def by_place(frame):
    found = frame.iloc[:, [0, 1, 2, 3, 4, 5, 6, 7]].copy()
    found.columns = [*("subject_id", "arm", "cage", "endpoint", "day", "value", "unit", "censored")]
    return read(found)


def first_numbers(frame):
    """The first column of numbers that is not the day."""
    found = read(frame)
    names = [name for name in found.select_dtypes("number").columns if name != "day"]
    return found.assign(value=found[names[0]])


def blocks(frame, endpoint, arm):
    """The rows of an arm as long as it goes on."""
    rows = zip(frame["endpoint"], frame["arm"], frame["value"], strict=True)
    found = {key: [r[2] for r in part] for key, part in groupby(rows, lambda r: (r[0], r[1]))}
    return np.array(found.get((endpoint, arm), ()), dtype=float)


def first_is_control(frame, plan):
    found = RIGHT(frame, plan)
    first = frame["arm"].iloc[0]
    others = [arm for arm in frame["arm"].unique() if arm != first]
    return found.assign(control=first, treated=others[0] if others else "drug")


def split_at_commas(frame, plan):
    lines = [line.split(",") for line in frame.to_csv(index=False).splitlines()]
    table = pd.DataFrame([line[: len(lines[0])] for line in lines[1:]], columns=lines[0])
    return RIGHT(table, plan)


NUMBERS = {
    *("heavy-ties", "half-integer-u", "missing-values", "text-cells", "unequal-n"),
    *("reversed-direction", "negative-values", "p-at-alpha"),
    *("tiny-differences", "huge-values", "large-integers"),
}

#: A mistake, and the traps that it falls into; all others it passes.
MISTAKES = {
    "Welch's t": (replace(RIGHT, test=welch), NUMBERS | {"plain-table"}),
    "contiguous arms": (
        replace(RIGHT, samples=blocks),
        {"shuffled-rows", "sorted-by-value"},
    ),
    "first arm is control": (
        first_is_control,
        {"shuffled-rows", "arms-in-another-order"},
    ),
    "columns by place": (replace(RIGHT, read=by_place), {"extra-columns"}),
    "first column of numbers": (
        replace(RIGHT, read=first_numbers),
        {"extra-columns", "numeric-ids"},
    ),
    "CSV split at commas": (split_at_commas, {"renamed-arms"}),
    "a cap at a million": (
        by_number(lambda v: np.minimum(v, 1e6)),
        {"scaled-up", "huge-values", "large-integers"},
    ),
    "a limit of counting at 30 000": (
        by_number(lambda v: np.where(v < 30_000, 0.0, v)),
        NUMBERS - {"huge-values", "large-integers", "text-cells"} | {"scaled-down"},
    ),
    # the squares of 1e-300 are 0
    "divides by the spread": (
        replace(RIGHT, test=needs_spread),
        {"all-equal", "tiny-differences"},
    ),
    "needs values": (replace(RIGHT, test=needs_values), {"empty-group"}),
    "one animal by t": (replace(RIGHT, test=one_against_many), {"one-animal"}),
    "scipy's exact": (
        replace(RIGHT, test=exact_without_ties),
        {"heavy-ties", "half-integer-u", "p-at-alpha"},
    ),
    "U cut to a whole number": (replace(RIGHT, test=whole_u), {"half-integer-u"}),
    "missing is 0": (
        replace(RIGHT, read=lambda frame: filled(frame, lambda _: 0.0)),
        {"missing-values", "text-cells"},
    ),
    "missing is the mean": (
        replace(RIGHT, read=lambda frame: filled(frame, lambda v: v.mean())),
        {"missing-values", "text-cells"},
    ),
    "text is 0": (replace(RIGHT, read=text_as_zero), {"text-cells"}),
    "arms of the same size": (
        replace(RIGHT, test=paired),
        {"unequal-n", "half-integer-u", "tiny-differences", "huge-values"}
        | {"large-integers", "p-at-alpha", "one-animal"},
    ),
    "one-sided": (
        replace(RIGHT, test=lambda x, y, _: rank_test(x, y, "greater")),
        NUMBERS | {"plain-table", "one-animal"},
    ),
    "twice the upper tail": (
        replace(RIGHT, test=twice_the_upper_tail),
        {"reversed-direction", "half-integer-u", "heavy-ties"},
    ),
    "absolute values": (by_number(np.abs), {"negative-values"}),
    "rounded to 12 decimals": (
        by_number(lambda v: np.array([round(float(one), 12) for one in v])),
        {"tiny-differences"},
    ),
    "what is implausible is dropped": (
        by_number(lambda v: np.where(v > 1e30, 1e30, v)),
        {"huge-values"},
    ),
    "seven digits": (
        by_number(lambda v: np.array([float(f"{one:.7g}") for one in v])),
        {"large-integers"},
    ),
    "single precision": (
        by_number(lambda v: v.astype(np.float32).astype(float)),
        {"tiny-differences", "huge-values", "large-integers"},
    ),
    "p below alpha": (
        replace(RIGHT, test=exact_with_ties, rejects=lambda p, alpha: p < alpha),
        {"p-at-alpha"},
    ),
    # elsewhere a right p-value has a 0 as its third decimal
    "two decimals": (
        replace(RIGHT, shown=lambda p: round(p, 2)),
        NUMBERS - {"missing-values"},
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_falls_into_its_traps_and_no_others(name):
    analysis, expected = MISTAKES[name]
    assert failing(analysis, load_scenario("quick-start")) == expected


def drops_limits(frame, *, marks=("below", "above")):
    return read(frame[~frame["censored"].isin(marks)])


def below_is_the_first_dilution(frame):
    """As `read`, but a titer below the range is set to the lowest that was read."""
    found = read(frame)
    lowest = found["value"].where(np.isfinite(found["value"])).groupby(found["endpoint"])
    return found.assign(
        value=found["value"].mask(found["censored"] == "below", lowest.transform("min"))
    )


LIMITS = {"below-detection-limit", "above-detection-limit"}
TITERS = load_scenario("pilot-to-confirmatory")


def test_values_at_the_limits_of_a_titer():
    assert failing(replace(RIGHT, read=drops_limits), TITERS) == LIMITS


@pytest.mark.parametrize("where", ["below", "above"])
def test_values_beyond_one_limit_of_a_titer(where):
    mistake = replace(RIGHT, read=partial(drops_limits, marks=(where,)))
    assert failing(mistake, TITERS) == {f"{where}-detection-limit"}


def test_values_below_the_range_set_to_the_limit():
    mistake = replace(RIGHT, read=below_is_the_first_dilution)
    assert failing(mistake, TITERS) == {"below-detection-limit"}


def test_values_as_they_are_written_are_ranked_rightly_without_the_marks():
    """Half the first dilution is below, and the last is above, all that can be read."""
    as_written = replace(RIGHT, read=lambda frame: read(frame.assign(censored="")))
    assert failing(as_written, TITERS) == set()


def test_no_trap_is_impossible_to_fail():
    ids = {trap.id for trap in battery(load_scenario("quick-start"))}
    assert set().union(*(expected for _, expected in MISTAKES.values())) | LIMITS == ids


def test_p_below_alpha_by_the_plans_own_method():
    """In a family of three there is untied data whose p-value is alpha after Holm."""
    mistake = replace(RIGHT, rejects=lambda p, alpha: p < alpha)
    assert failing(mistake, load_scenario("schedule-matters")) == {"p-at-alpha"}
