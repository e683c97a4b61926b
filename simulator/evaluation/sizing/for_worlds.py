"""The number of animals that is enough whichever world of the file is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.evaluation.sizing.world_size import PLANNED
from simulator.model.response_table import respond
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from simulator.engine.local import Progress
    from simulator.evaluation.sizing.size_result import SampleSizeResult


@dataclass(frozen=True)
class SizeForWorlds:
    """The answers of all worlds.

    Attributes
    ----------
    by_world : the answer of each world that has an effect, the planned one first.
    without_effect : worlds in which there is nothing to be found, so no n either.
    deciding : the world whose answer is that for all: the certified one with most animals, or
        the first that has none.
    """

    by_world: Mapping[str, SampleSizeResult]
    without_effect: tuple[str, ...]
    deciding: str

    @property
    def answer(self) -> SampleSizeResult:
        """The answer for all worlds together.

        A certified n is enough at every larger n of the range too, so the largest of the worlds'
        n is enough in each of them, and one animal less is too few in the deciding one.
        """
        return self.by_world[self.deciding]


def find_sample_size_for_worlds(
    planned: Scenario,
    worlds: Mapping[str, Scenario],
    *,
    replicates: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SizeForWorlds:
    """Certify an n in the planned world and in every other that has an effect.

    Parameters
    ----------
    planned : the study as its file plans it.
    worlds : the others by their ids, as ``Loaded.worlds``.
    replicates, threads, progress : as of ``find_sample_size``.

    Raises
    ------
    ValueError : no world has an effect.
    """
    named = {PLANNED: planned, **worlds}
    empty = tuple(name for name, world in named.items() if not has_effect(world))
    found = {
        name: find_sample_size(
            world,
            replicates=replicates,
            threads=threads,
            progress=progress,
        )
        for name, world in named.items()
        if name not in empty
    }
    if not found:
        raise ValueError("no world has an effect: there is nothing to find a sample size for")
    return SizeForWorlds(found, empty, _deciding(found))


def has_effect(scenario: Scenario) -> bool:
    """Return whether any comparison of the decision differs from the null twin of the study."""
    true, null = respond(scenario), respond(scenario.null_twin())
    layout = layout_of(scenario, [scenario.decision.n.stop])
    asked = [c for c, is_asked in zip(layout.comparisons, layout.target, strict=True) if is_asked]
    return any(
        not true.same(null, arm, c.endpoint) for c in asked for arm in (c.treated, c.control)
    )


def _deciding(found: Mapping[str, SampleSizeResult]) -> str:
    for status in ("infeasible", "unresolved"):
        for name, result in found.items():
            if result.status == status:
                return name
    return max(found, key=lambda name: found[name].n_per_arm or 0)
