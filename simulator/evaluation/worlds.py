"""The same study under other assumptions, on the same random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.evaluation.power import power

if TYPE_CHECKING:
    from simulator.engine.local import Progress
    from simulator.evaluation.power_result import PowerResult
    from simulator.scenario import Scenario


def power_by_world(
    worlds: Mapping[str, Scenario],
    *,
    n: int,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[str, PowerResult]:
    """Return what the study does in each world.

    All worlds have the seed of the file, so their animals are the same animals: differences
    between worlds have less simulation error than the worlds themselves.

    Parameters
    ----------
    worlds : scenarios by the id of their world, as ``Loaded.worlds``.
    n, replicates, threads, progress : see ``power``; the progress of each world by itself.
    """
    return {
        name: power(world, n=n, replicates=replicates, threads=threads, progress=progress)
        for name, world in worlds.items()
    }
