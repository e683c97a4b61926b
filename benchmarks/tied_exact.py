"""Exact p-values with ties: our kernel, exactRankTests, coin, and scipy's permutations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.agreement import Check, same_p_values
from benchmarks.r_peers import ask_r, missing
from benchmarks.report import Row, Section, Wanted, seconds
from benchmarks.timing import Job, alternate
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.null_codes import FAR_TAIL, TWO_SIDED
from simulator.analysis.tied_null import tied_p
from simulator.compiled import kernel

Floats = npt.NDArray[np.float64]

LEVELS, RESAMPLES = 8, 9_999
#: Animals per arm, and our data sets there.
OURS = {5: 5_000, 10: 20_000, 20: 4_000, 30: 2_000}
#: What the peers do at 10 v 10: data sets, and the ratio wanted.
PEERS = {"exactRankTests": (1_000, 100.0), "coin": (200, 700.0)}
SCIPY = (20, 5_000.0)
#: Chance that a right permutation p-value is called wrong anywhere.
FALSE_ALARM = 1e-4


@kernel
def _p_values(treated: Floats, control: Floats, found: Floats) -> None:
    for row in range(found.size):
        x, y = np.sort(treated[row]), np.sort(control[row])
        u2, _, counts = count_pairs(x, y)
        found[row] = tied_p(counts, x.size, u2, FAR_TAIL, TWO_SIDED, False)


def exact_p_values(treated: Floats, control: Floats) -> Floats:
    """Return our p-value of each row, from the values on: ranks and ties are counted too."""
    found = np.empty(treated.shape[0])
    _p_values(treated, control, found)
    return found


def data_sets(count: int, *, n: int, seed: int) -> tuple[Floats, Floats]:
    """Return data sets of n v n values on 8 levels, no two alike in their ties (count, n).

    The levels' chances differ between data sets and arms, so both tails and odd tie patterns
    occur; data sets with one value only are left out.
    """
    rng = np.random.default_rng(seed)
    parts: list[npt.NDArray[np.int64]] = []
    seen: set[bytes] = set()
    while len(parts) < count:
        chances = np.cumsum(rng.dirichlet(np.full(LEVELS, 2.0), size=2), axis=1)[:, :-1]
        luck = rng.random((2, n))
        values = np.array([np.searchsorted(chances[arm], luck[arm]) for arm in range(2)])
        key = np.sort(values, axis=None).tobytes()
        if key not in seen and values.min() < values.max():
            seen.add(key)
            parts.append(values)
    drawn = np.array(parts, dtype=np.float64)
    return np.ascontiguousarray(drawn[:, 0]), np.ascontiguousarray(drawn[:, 1])


def by_scipy(treated: Floats, control: Floats) -> Floats:
    """Return scipy's Monte Carlo p-values, one data set after the other."""
    method = stats.PermutationMethod(n_resamples=RESAMPLES, rng=np.random.default_rng(4))
    return np.array(
        [
            stats.mannwhitneyu(x, y, method=method).pvalue
            for x, y in zip(treated, control, strict=True)
        ]
    )


def measure(*, quick: bool = False) -> Section:
    """Time them per data set."""
    share = 100 if quick else 1
    sets = {n: data_sets(max(20, count // share), n=n, seed=n) for n, count in OURS.items()}
    treated, control = sets[10]
    exact = exact_p_values(treated, control)  # compiled before the clock starts
    answers: dict[str, Floats] = {}
    jobs: dict[str, Job] = {f"ours {n}": _ours(*sets[n]) for n in OURS}
    counts = {f"ours {n}": len(sets[n][0]) for n in OURS}
    for name, (count, _) in PEERS.items():
        if missing(name) is None:
            counts[name] = max(5, count // share)
            jobs[name] = _in_r(name, treated, control, counts[name], answers)
    counts["scipy"] = max(2, SCIPY[0] // share)

    def scipy_job() -> None:
        answers["scipy"] = by_scipy(treated[: counts["scipy"]], control[: counts["scipy"]])

    jobs["scipy"] = scipy_job
    times = alternate(jobs, rounds=1 if quick else 3)
    each = {name: spent / counts[name] for name, spent in times.items()}
    reference = each["ours 10"]
    rows = [Row("afcsim, 10 v 10", seconds(reference))]
    for name, (_, wanted) in PEERS.items():
        label = f"{name}, 10 v 10"
        if name not in each:
            rows.append(Row(label, f"not measured: no {missing(name)}", None, Wanted(wanted)))
            continue
        rows.append(Row(label, seconds(each[name]), each[name] / reference, Wanted(wanted)))
    rows.append(
        Row(
            f"scipy, {RESAMPLES:,} permutations, 10 v 10",
            seconds(each["scipy"]),
            each["scipy"] / reference,
            Wanted(SCIPY[1]),
        )
    )
    rows += [Row(f"afcsim, {n} v {n}", seconds(each[f"ours {n}"])) for n in OURS if n != 10]
    checks = [
        same_p_values(name, exact[: counts[name]], answers[name])
        for name in PEERS
        if name in answers
    ]
    checks.append(_permutations_agree(exact[: counts["scipy"]], answers["scipy"]))
    done = ", ".join(f"{name} {counts[name]:,}" for name in (*PEERS, "scipy") if name in counts)
    work = (
        f"Exact two-sided p-value (far tail) of data sets on {LEVELS} levels, no two with the "
        "same ties, one after the other; time per data set, from the values on. "
        f"Data sets at 10 v 10: afcsim {counts['ours 10']:,}, {done}; the peers' are the first of "
        "ours. R's time is that of its loop alone."
    )
    return Section("Exact test with ties", work, tuple(rows), tuple(checks))


def _ours(treated: Floats, control: Floats) -> Job:
    return lambda: exact_p_values(treated, control)


def _in_r(
    test: str, treated: Floats, control: Floats, count: int, answers: dict[str, Floats]
) -> Job:
    def job() -> float:
        answer = ask_r(test, treated[:count], control[:count], sizes=[treated.shape[1]])
        answers[test] = answer.p_values[:, 0]
        return answer.seconds

    return job


def _permutations_agree(exact: Floats, theirs: Floats) -> Check:
    # scipy's p is twice the smaller of two tails, each (1 + hits) / (1 + resamples)
    tails = exact / 2.0
    error = 2.0 * np.sqrt(tails * (1.0 - tails) / RESAMPLES)
    allowed = stats.norm.isf(FALSE_ALARM / 2.0 / exact.size) * error + 2.0 / (RESAMPLES + 1)
    apart = np.abs(np.minimum(exact, 1.0) - theirs)
    # beyond the centre both tails hold the middle, and twice the smaller is cut at 1
    holds = bool(np.all((apart <= allowed) | (exact > 0.9)))
    verdict = "within" if holds else "BEYOND"
    text = f"scipy, permutations: {exact.size} p-values {verdict} Monte Carlo error"
    return Check(f"{text}, largest difference {apart.max():.2g}", holds)
