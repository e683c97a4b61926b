"""Who may be enrolled: how many animals each arm needs, and which of the listed ones they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.model.animals import draw_animals
from simulator.scenario import Scenario
from simulator.streams import SEARCH_BLOCK
from simulator.tables.animals import ListedAnimal


class Group(NamedTuple):
    """Animals of one arm for one purpose: ``satellite_of`` an endpoint, or empty."""

    arm: str
    satellite_of: str
    size: int


def groups_of(scenario: Scenario, n: int) -> tuple[Group, ...]:
    """Return all animals that the study enrols when an arm of ratio 1 gets ``n``."""
    design = scenario.design
    satellites = [key for key, endpoint in design.endpoints.items() if endpoint.satellite]
    kinds = satellites if len(satellites) == len(design.endpoints) else ["", *satellites]
    sizes = design.sizes(n)
    return tuple(Group(arm, kind, size) for kind in kinds for arm, size in sizes.items())


def counted(groups: Sequence[Group]) -> str:
    """Return in words what the animals are for."""
    arms = len({group.arm for group in groups})
    satellites = sum(group.size for group in groups if group.satellite_of)
    words = f"{arms} arm{'s' if arms > 1 else ''}"
    return f"{words}; {satellites} animals for satellite endpoints" if satellites else words


def simulated_animals(scenario: Scenario, n: int) -> tuple[ListedAnimal, ...]:
    """Return the animals of the first simulated cohort, under names that tell no arm."""
    sizes = scenario.design.sizes(n)
    shared = scenario.design.animals.arms_share_cages
    cages: dict[tuple[str, str, int], int] = {}
    found: list[tuple[int, float]] = []
    for kind in dict.fromkeys(group.satellite_of for group in groups_of(scenario, n)):
        drawn = draw_animals(scenario, block=SEARCH_BLOCK, sizes=sizes, satellites_of=kind or None)
        for arm, group in drawn.items():
            for cage, weight in zip(group.cage, group.weight[:, 0], strict=True):
                home = (kind, "" if shared else arm, int(cage))
                # scales show tenths of a gram
                found.append((cages.setdefault(home, len(cages) + 1), round(float(weight), 1)))
    found.sort(key=lambda one: one[0])
    return tuple(
        ListedAnimal(f"sim-{number:03d}", weight, f"cage-{cage:02d}")
        for number, (cage, weight) in enumerate(found, start=1)
    )


def nearest_median(
    generator: np.random.Generator,
    listed: Sequence[ListedAnimal],
    *,
    among: Sequence[int],
    count: int,
) -> list[int]:
    """Return the ``count`` of these animals nearest to the median weight of all, ties at random.

    Parameters
    ----------
    among : indices into ``listed``.
    """
    median = float(np.median([animal.weight for animal in listed]))
    # rounded: 20.1 and 19.9 are equally far from 20 whatever binary fractions say
    far = np.array([round(abs(listed[k].weight - median), 9) for k in among])
    order = np.lexsort((generator.random(len(among)), far))[:count]
    return sorted(among[int(k)] for k in order)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key of sorting by which "cage 2" comes before "cage 10"."""
    parts = re.split(r"([0-9]+)", text.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
