"""Power of the Mann-Whitney test at every n from 3 to 30: the power engine and scipy, in one run.

Both draw log-normal values of two arms and test them at every n; scipy draws once too and tests
the first n animals with its vectorised ``mannwhitneyu``. One thread each. Absolute times are noise
on a shared machine, so the ratio is what counts.

    python benchmarks/rank_power.py [--replicates 20000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy.stats import mannwhitneyu

from simulator.evaluation.layout import layout_of
from simulator.evaluation.replicates import simulate_counts
from simulator.scenario import Scenario

SIZES = range(3, 31)
FOLD, SD_LN = 2.0, 0.6

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


def ours(replicates: int) -> list[float]:
    """Return power at every n from the power engine."""
    counts, _ = simulate_counts(
        SCENARIO, layout_of(SCENARIO, list(SIZES)), replicates=replicates, threads=1
    )
    return [float(count) / replicates for count in counts.adjusted[0]]


def peer(replicates: int) -> list[float]:
    """Return power at every n from numpy draws and scipy's vectorised test."""
    draws = np.random.default_rng(2).normal(scale=SD_LN, size=(2, replicates, max(SIZES)))
    control, treated = np.exp(draws[0]), FOLD * np.exp(draws[1])
    return [
        float(np.mean(mannwhitneyu(treated[:, :n], control[:, :n], axis=1).pvalue <= 0.05))
        for n in SIZES
    ]


def timed(job: Callable[[int], list[float]], replicates: int) -> tuple[float, list[float]]:
    """Return the best of three times in seconds, and the powers."""
    job(500)  # compile and warm up
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = job(replicates)
        times.append(time.perf_counter() - start)
    return min(times), found


def main() -> None:
    """Run both on the same job and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=20_000)
    replicates = parser.parse_args().replicates
    (our_time, our_power), (peer_time, peer_power) = (
        timed(job, replicates) for job in (ours, peer)
    )
    worst = max(abs(a - b) for a, b in zip(our_power, peer_power, strict=True))
    print(f"power at n = {SIZES[0]}..{SIZES[-1]}, {replicates:,} replicates, one thread")
    print("  afcsim                         1.0")
    print(f"  numpy + scipy.mannwhitneyu  {peer_time / our_time:6.1f} times as long")
    print(f"  largest difference of the two power curves {worst:.4f} (Monte Carlo error of both)")


if __name__ == "__main__":
    main()
