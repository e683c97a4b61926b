"""The worlds of a plan side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.evaluation.staying import n_reaching
from simulator.output.wording.answer import candidates_text
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.power_result import CurvePoint, PowerResult
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.evaluation.sizing.world_size import WorldSize
    from simulator.output.run import Run
    from simulator.scenario import Decision, Scenario

WORLD_COLUMNS: Final = ("world", "power [95 % CI]", "family-wise error", "n for the target")


def world_rows(run: Run) -> Sequence[tuple[str, ...]]:
    """Return a row per world in ``WORLD_COLUMNS``, the planned one first.

    Power is that of the decision: for ``each`` the least of its comparisons. The planned world
    has the answer of ``size`` where that was asked; in the others the n for the target is where
    the simulated curve comes to it and stays, which is not certified.
    """
    wanted = run.scenario.decision
    rows = [(run.world, *_planned(run))]
    for name, result in run.worlds.items():
        own = _of(result)
        needed = _answered(run.by_world[name]) if name in run.by_world else _needed(result, wanted)
        rows.append((name, share(own.target), share(own.fwer), needed))
    return rows


def for_all_text(run: Run) -> str | None:
    """Say how an n for all worlds was found; None where it is of one world alone."""
    if not run.by_world:
        return None
    each = "; ".join(f"{name}: {_answered(one)}" for name, one in run.by_world.items())
    left = [name for name in run.worlds if name not in run.by_world]
    told = f"asked for every world that has an effect ({each}), the world {run.world} decides"
    if not left:
        return told
    no = "has no effect, so it has no n" if len(left) == 1 else "have no effect, so they have no n"
    return f"{told}; {' and '.join(left)} {no}"


def changes_text(scenario: Scenario, world: str) -> str:
    """Return what a world of the file takes for true, by path; "" where the file has it not."""
    stated = scenario.decision.worlds.get(world, {})
    return ", ".join(f"{path} {value}" for path, value in stated.items())


def world_lines(run: Run, planned: Scenario | None) -> list[str]:
    """Say in which world of its file a study is judged; nothing where it is as planned.

    The first line is the world and what it changes, the others what is not shown because of it.

    Parameters
    ----------
    planned : the scenario as the file plans it, where the run is of another world.
    """
    from simulator.scenario.priors import priors

    if planned is None:
        return []
    changes = changes_text(planned, run.world)
    lines = [f"in the world {run.world}" + (f": {changes}" if changes else "")]
    if not run.worlds:
        lines.append("the table of the worlds is shown without --world")
    if priors(planned) and not priors(run.scenario):
        lines.append(
            "no assurance: this world states a single value for each number that is a "
            "distribution in the file"
        )
    return lines


def _planned(run: Run) -> tuple[str, str, str]:
    own, size = _of(run.result), run.size
    if size is None:
        needed = _needed(run.result, run.scenario.decision)
        return share(own.target), share(own.fwer), needed
    return share(size.power), share(own.fwer), _answered(size)


def _answered(found: SampleSizeResult | WorldSize) -> str:
    """Return the answer of a search in a word or two."""
    told = candidates_text(found.candidates)
    return {
        "certified": f"{found.n_per_arm}, certified",
        "unresolved": f"unresolved: {told}" if told else "unresolved",
        "infeasible": "infeasible",
    }[found.status]


def _of(result: PowerResult) -> CurvePoint:
    """Return the point of the curve that is the n of the result."""
    return next(point for point in result.curve if point.n == result.n_per_arm)


def _needed(result: PowerResult, wanted: Decision) -> str:
    """Return the n of the range from which on every simulated power is at or above the target."""
    curve = [p for p in result.curve if wanted.n.start <= p.n <= wanted.n.stop]
    n = n_reaching(curve, wanted.power.target)
    if n is None:
        return f"more than {curve[-1].n}"
    return f"{n} or fewer" if n == curve[0].n else f"about {n}"
