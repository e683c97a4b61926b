"""How many cages a study takes, and what a full cage is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.scenario.design import Design


def groups_of(design: Design) -> int:
    """Return how many times the arms are enrolled: main animals, and those of each satellite."""
    satellites = sum(endpoint.satellite for endpoint in design.endpoints.values())
    # where every endpoint has animals of its own, there are no others
    return satellites + (satellites < len(design.endpoints))


def cages_needed(design: Design, sizes: Mapping[str, int]) -> int:
    """Return the cages that a study takes; satellite animals have their own, like the main ones.

    Parameters
    ----------
    sizes : animals enrolled per arm, as ``design.sizes(n)``.
    """
    per_cage = design.animals.per_cage
    held = [sum(sizes.values())] if design.animals.arms_share_cages else sizes.values()
    return groups_of(design) * sum(-(-size // per_cage) for size in held)


def full_cages(design: Design, size: int) -> int:
    """Return the animals of an arm, made up to whole cages where its cages hold no other arm."""
    animals = design.animals
    return size if animals.arms_share_cages else -(-size // animals.per_cage) * animals.per_cage
