"""The whole study at every n: the engine, a plain numpy and scipy program, and the bare draws."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import study_numpy
from benchmarks.agreement import same_power
from benchmarks.report import Row, Section, Wanted, seconds
from benchmarks.study_draws import floor_job, variates
from benchmarks.timing import Job, alternate
from simulator import load_scenario
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import Counts, simulate_counts

SCENARIO_ID = "secretome-healthy-mice"
SIZES = tuple(range(3, 31))


def measure(*, quick: bool = False) -> Section:
    """Time them on the same replicates."""
    replicates = 500 if quick else 20_000
    scenario = load_scenario(SCENARIO_ID)
    layout = layout_of(scenario, list(SIZES))
    study = study_numpy.study_of(scenario)
    ours: list[Counts] = []
    theirs: list[study_numpy.Power] = []

    def engine(count: int) -> None:
        ours.append(simulate_counts(scenario, layout, replicates=count, threads=1)[0])

    def plain() -> None:
        theirs.append(study_numpy.power(study, SIZES, replicates=replicates, seed=11 + len(theirs)))

    engine(500)  # compiled before the clock starts
    draws = floor_job(study, replicates=replicates, n=max(SIZES))
    jobs: dict[str, Job] = {"ours": partial(engine, replicates), "plain": plain, "draws": draws}
    times = alternate(jobs, rounds=1 if quick else 2)
    reference = times["ours"]
    rows = (
        Row("afcsim", seconds(reference)),
        Row(
            "numpy + scipy program", seconds(times["plain"]), times["plain"] / reference, Wanted(40)
        ),
        Row(
            "numpy, random variates alone (ratio: ours over it)",
            seconds(times["draws"]),
            reference / times["draws"],
            Wanted(2, at_least=False),
        ),
    )
    many = len(theirs) * replicates
    pooled = [
        np.mean([getattr(p, part) for p in theirs], axis=0) for part in ("adjusted", "trends")
    ]
    checks = tuple(
        same_power(
            f"numpy + scipy, {name}", counts / replicates, power, replicates=(replicates, many)
        )
        for name, counts, power in (
            ("comparisons", ours[-1].adjusted, pooled[0]),
            ("trend", ours[-1].trends, pooled[1]),
        )
    )
    work = (
        f"`{SCENARIO_ID}`: {len(layout.comparisons)} comparisons on "
        f"{len(scenario.design.endpoints)} endpoints in {len(scenario.design.arms)} arms, the test "
        "exact or normal per data set as R chooses, Holm within families, the trend over doses, "
        f"at every n from {SIZES[0]} to {SIZES[-1]}; {replicates:,} replicates, one world. The "
        "numpy + scipy program (`benchmarks/study_numpy.py`) draws once at the largest n and is "
        "vectorised over comparisons and replicates. The bare draws are the "
        f"{variates(study)} variates that the animals of one place in every arm take, at the "
        "study's parameters, by numpy's default generator."
    )
    return Section("The study, all comparisons at every n", work, rows, checks)
