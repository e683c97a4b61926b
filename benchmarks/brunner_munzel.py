"""Brunner-Munzel's test: our kernel and scipy's vectorised function on the same data sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.agreement import same_p_values
from benchmarks.report import Row, Section, seconds
from benchmarks.timing import alternate
from simulator.analysis.brunner_munzel import brunner_munzel_p
from simulator.analysis.null_codes import TWO_SIDED
from simulator.compiled import kernel

Floats = npt.NDArray[np.float64]

ANIMALS, LEVELS = 10, 8


@kernel
def _p_values(treated: Floats, control: Floats, found: Floats) -> None:
    for row in range(found.size):
        found[row] = brunner_munzel_p(np.sort(treated[row]), np.sort(control[row]), TWO_SIDED)


def measure(*, quick: bool = False) -> Section:
    """Time both per data set."""
    count = 200 if quick else 20_000
    rng = np.random.default_rng(6)
    # overlapping arms: complete separation, where scipy divides by zero, has no common answer
    treated = rng.integers(0, LEVELS, (count, ANIMALS)).astype(np.float64)
    control = rng.integers(0, LEVELS, (count, ANIMALS)).astype(np.float64)
    found = np.empty(count)
    theirs = np.empty(count)

    def ours() -> None:
        _p_values(treated, control, found)

    def scipy() -> None:
        theirs[:] = stats.brunnermunzel(treated, control, axis=1).pvalue

    ours()  # compiled before the clock starts
    times = alternate({"ours": ours, "scipy": scipy}, rounds=1 if quick else 3)
    rows = (
        Row("afcsim", seconds(times["ours"] / count)),
        Row(
            "scipy.stats.brunnermunzel, vectorised",
            seconds(times["scipy"] / count),
            times["scipy"] / times["ours"],
        ),
    )
    overlap = (treated.max(1) >= control.min(1)) & (control.max(1) >= treated.min(1))
    check = same_p_values("scipy.stats.brunnermunzel", found[overlap], theirs[overlap])
    work = (
        f"Two-sided p-values of {count:,} data sets, {ANIMALS} v {ANIMALS} values on {LEVELS} "
        "levels, from the values on; time per data set."
    )
    return Section("Brunner-Munzel", work, rows, (check,))
