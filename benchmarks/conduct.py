"""What a laboratory costs: power with `conduct` against power at the nominal times."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import count

import numpy as np

from benchmarks.agreement import Check
from benchmarks.report import Row, Section, Wanted, seconds
from benchmarks.timing import Job, alternate
from simulator import load_scenario
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.scenario import Scenario
from simulator.scenario.conduct import Conduct, Order, Task, Tasks
from simulator.trial.laboratory import timeline
from simulator.trial.realised import timeline_of

SCENARIO_ID = "secretome-healthy-mice"
SIZES = tuple(range(3, 21))
ORDERS: tuple[Order, ...] = ("by-block", "by-arm", "randomized")
#: Each time the timelines are new, so each try has a seed of its own; far from any file's.
FIRST_SEED = 900_000_001


def measure(*, quick: bool = False) -> Section:
    """Time the study with and without its laboratory, each time from the first timeline on."""
    replicates, sizes = (500, SIZES[::8]) if quick else (20_000, SIZES)
    plain = load_scenario(SCENARIO_ID)
    worlds = {order: _with(plain, Conduct(order=order)) for order in ORDERS}
    seeds = count(FIRST_SEED)

    def power(scenario: Scenario, *, null: bool = False) -> None:
        timeline._library.cache_clear()
        _counts(_reseeded(scenario, next(seeds)), sizes, replicates=replicates, null=null)

    def libraries(of: Sequence[int]) -> None:
        timeline._library.cache_clear()
        scenario = _reseeded(worlds["by-block"], next(seeds))
        for n in of:
            timeline_of(scenario, dict.fromkeys(scenario.design.arms, n))

    jobs: dict[str, Job] = {"nominal": partial(power, plain)}
    jobs |= {order: partial(power, world) for order, world in worlds.items()}
    jobs["nominal, twin"] = partial(power, plain, null=True)
    jobs["by-block, twin"] = partial(power, worlds["by-block"], null=True)
    jobs["library"] = partial(libraries, sizes[-1:])
    jobs["libraries"] = partial(libraries, sizes)
    for scenario in (plain, *worlds.values()):  # compiled before the clock starts
        _counts(scenario, sizes, replicates=1, null=True)
    times = alternate(jobs, rounds=1 if quick else 3)

    reference = times["nominal"]
    animals = len(plain.design.arms) * sizes[-1]
    wanted = Wanted(3, at_least=False)
    rows = [Row("nominal times, no conduct", seconds(reference))]
    rows += [
        Row(
            f"`conduct: {{{'' if order == 'by-block' else f'order: {order}'}}}` "
            f"(ratio: over no conduct)",
            seconds(times[order]),
            times[order] / reference,
            wanted,
        )
        for order in ORDERS
    ]
    rows += [
        Row("nominal times, with the null twin", seconds(times["nominal, twin"])),
        Row(
            "`conduct: {}`, with the null twin (ratio: over no conduct)",
            seconds(times["by-block, twin"]),
            times["by-block, twin"] / times["nominal, twin"],
            wanted,
        ),
        Row(
            f"{timeline.VARIANTS} timelines of {animals} mice (ratio: over no conduct)",
            seconds(times["library"]),
            times["library"] / reference,
        ),
        Row(
            f"{timeline.VARIANTS} timelines at every n (ratio: over no conduct)",
            seconds(times["libraries"]),
            times["libraries"] / reference,
        ),
    ]
    work = (
        f"Power of `{SCENARIO_ID}` ({len(plain.design.arms)} arms, "
        f"{len(plain.design.endpoints)} endpoints) at {len(sizes)} n from {sizes[0]} to "
        f"{sizes[-1]}, {replicates:,} replicates, with a laboratory (default staff, durations and "
        "hours) and without. Every try has a seed of its own and draws its timelines anew, so "
        "they count. In the order by block the animals of a small study are the first ones of a "
        "large one and one pass serves every n; in the other orders every n is a study of its own."
    )
    return Section("The laboratory", work, tuple(rows), (_idle_is_nominal(plain),))


def _idle_is_nominal(plain: Scenario) -> Check:
    """Compare the laboratory in which nothing takes time with the nominal times."""
    nothing = Task.model_validate({"takes": "0 min", "cv": 0.0})
    idle = Tasks(**dict.fromkeys(Tasks.model_fields, nothing))
    world = _with(plain, Conduct(tasks=idle))
    one, other = (_counts(s, SIZES, replicates=500) for s in (plain, world))
    equal = np.array_equal(one.adjusted, other.adjusted)
    said = "the same" if equal else "NOT the same"
    return Check(f"a laboratory where nothing takes time and no conduct: {said} counts", equal)


def _counts(
    scenario: Scenario, sizes: Sequence[int], *, replicates: int, null: bool = False
) -> Counts:
    layout = layout_of(scenario, list(sizes))
    return simulate_counts(scenario, layout, replicates=replicates, null=null, threads=1)[0]


def _with(scenario: Scenario, conduct: Conduct) -> Scenario:
    design = scenario.design.model_copy(update={"conduct": conduct})
    return scenario.model_copy(update={"design": design})


def _reseeded(scenario: Scenario, seed: int) -> Scenario:
    return scenario.model_copy(update={"seed": seed})
