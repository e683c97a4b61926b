"""Two arms, continuous: power at every n from 3 to 30, by the engine, scipy and R."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.agreement import Check, same_p_values, same_power
from benchmarks.r_peers import ask_r, missing
from benchmarks.report import Row, Section, Wanted, seconds
from benchmarks.timing import Job, alternate
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import simulate_counts
from simulator.scenario import Scenario

Floats = npt.NDArray[np.float64]
Shape = int | tuple[int, ...]

SIZES = tuple(range(3, 31))
FOLD, SD_LN, ALPHA = 2.0, 0.6, 0.05
#: As the engine: p often is alpha but for rounding.
AT_MOST_ALPHA = ALPHA * (1.0 + 1e-9)

SCENARIO = Scenario.model_validate(
    {
        "schema_version": 1,
        "id": "two-arms",
        "question": "How fast is the power curve of two arms?",
        "seed": 1,
        "design": {
            "arms": {"control": {"role": "control"}, "drug": {"role": "test"}},
            "endpoints": {"weight": {"kind": "continuous", "day": 5, "measured_in": "mg"}},
        },
        "truth": {
            "weight": {"control": 100, "response": {"model": "fold", "drug": FOLD}},
            "variability": {"weight": {"sd_ln": SD_LN}},
        },
        "analysis": {
            "families": {"f": {"endpoint": "weight", "arms": "drug", "against": "control"}}
        },
    }
)

#: scipy's own choice would be the normal approximation above n = 8, which is another job.
exact_test = partial(stats.mannwhitneyu, method="exact")


def ours(replicates: int) -> Floats:
    """Return power at every n from the power engine."""
    counts, _ = simulate_counts(
        SCENARIO, layout_of(SCENARIO, list(SIZES)), replicates=replicates, threads=1
    )
    return np.asarray(counts.adjusted[0] / replicates)


def by_scipy_power(replicates: int, rng: np.random.Generator) -> Floats:
    """Return power at every n from ``scipy.stats.power``, one call per n."""

    def treated(*, size: Shape) -> Floats:
        return np.asarray(FOLD * control(size=size))

    def control(*, size: Shape) -> Floats:
        return np.asarray(np.exp(SD_LN * rng.standard_normal(size)))

    found = [
        stats.power(
            exact_test,
            (treated, control),  # type: ignore[arg-type]  # the stubs know one sample only
            (n, n),
            significance=AT_MOST_ALPHA,
            vectorized=True,
            n_resamples=replicates,
        ).power
        for n in SIZES
    ]
    return np.array(found, dtype=np.float64)


def draw_once(replicates: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the values of both arms at the largest n, (replicates, n)."""
    drawn = np.exp(SD_LN * rng.standard_normal((2, replicates, max(SIZES))))
    return FOLD * drawn[0], drawn[1]


def by_one_draw(replicates: int, rng: np.random.Generator) -> Floats:
    """Return power at every n from one draw at the largest n and scipy's vectorised test."""
    treated, control = draw_once(replicates, rng)
    p = [exact_test(treated[:, :n], control[:, :n], axis=1).pvalue for n in SIZES]
    return np.asarray(np.mean(np.array(p) <= AT_MOST_ALPHA, axis=1))


def measure(*, quick: bool = False) -> Section:
    """Time all of them."""
    replicates, in_r = (500, 10) if quick else (20_000, 300)
    rng = np.random.default_rng(2)
    treated, control = draw_once(in_r, rng)
    answers: dict[str, Floats] = {}

    def keep(name: str, job: Job) -> Job:
        def kept() -> None:
            answers[name] = np.asarray(job())

        return kept

    def r_loop() -> float:
        answer = ask_r("wilcox", treated, control, sizes=SIZES)
        answers["R"] = answer.p_values
        return answer.seconds

    ours(500)  # compiled before the clock starts
    jobs: dict[str, Job] = {
        "ours": keep("ours", partial(ours, replicates)),
        "scipy.stats.power": keep("scipy.stats.power", partial(by_scipy_power, replicates, rng)),
        "one draw": keep("one draw", partial(by_one_draw, replicates, rng)),
    }
    lacking = missing("wilcox")
    if lacking is None:
        jobs["R"] = r_loop
    times = alternate(jobs, rounds=1 if quick else 3)
    reference = times["ours"]
    rows = [
        Row("afcsim", seconds(reference)),
        _row("scipy.stats.power, called for each n", times["scipy.stats.power"], reference, 60),
        _row("numpy draws once, scipy tests each n", times["one draw"], reference),
    ]
    checks = [
        same_power(name, answers["ours"], answers[name], replicates=(replicates, replicates))
        for name in ("scipy.stats.power", "one draw")
    ]
    name = "R, loop over wilcox.test"
    if lacking is None:
        # its time for its own share of the replicates, as if it had done all of them
        rows.append(_row(name, times["R"] * replicates / in_r, reference, 2_000))
        checks.append(_r_agrees(answers["R"], treated, control))
    else:
        rows.append(Row(name, f"not measured: no {lacking}", None, Wanted(2_000)))
    work = (
        f"Power of the exact two-sided test at every n from {SIZES[0]} to {SIZES[-1]} "
        f"({len(SIZES)} sample sizes), two log-normal arms, {replicates:,} replicates, draws "
        f"included. R tests {in_r:,} replicates that numpy drew, at every n; its time is that of "
        f"its loop alone, times {replicates / in_r:,.0f}."
    )
    return Section("Two arms, power at every n", work, tuple(rows), tuple(checks))


def _row(name: str, spent: float, reference: float, wanted: float | None = None) -> Row:
    bound = None if wanted is None else Wanted(wanted)
    return Row(name, seconds(spent), spent / reference, bound)


def _r_agrees(p_values: Floats, treated: Floats, control: Floats) -> Check:
    from simulator.analysis.mann_whitney import mann_whitney

    mine = [
        [mann_whitney(x[:n], y[:n]).p_value for n in SIZES]
        for x, y in zip(treated, control, strict=True)
    ]
    return same_p_values("R wilcox.test", np.array(mine, dtype=np.float64), p_values)
