"""What must not stand on a blinded sheet: names that tell an arm or a substance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.scenario import Scenario
    from simulator.trial.allocation.allocate import Allocation


def reveals(text: str, scenario: Scenario) -> bool:
    """Return whether a text names an arm or a substance, or shares a longer word with one."""
    design = scenario.design
    groups = {arm.group for arm in design.arms.values() if arm.group}
    names = {name.casefold() for name in (*design.arms, *design.substances, *groups)}
    plain = text.casefold()
    words = set(re.findall(r"[^\W\d_]{3,}", plain))
    shared = words & {word for name in names for word in re.findall(r"[^\W\d_]{3,}", name)}
    whole = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain) for name in names)
    return bool(shared) or whole


def shows_ids(allocation: Allocation, *, scenario: Scenario) -> bool:
    """Return whether the animals' own ids may stand on the blinded sheet.

    They were given before the draw, so they tell nothing of it, unless they name an arm or a
    substance. Simulated animals have no ids.
    """
    return not allocation.rehearsal and not _telling_ids(allocation, scenario)


def telling_animals(allocation: Allocation, *, scenario: Scenario) -> list[str]:
    """Return a note if animals are called after arms: their ids are kept off the blinded sheet."""
    telling = _telling_ids(allocation, scenario)
    if not telling:
        return []
    return [
        f'animal "{telling[0]}" is called after an arm or a substance: the blinded sheet shows '
        "labels only, no ids"
    ]


def _telling_ids(allocation: Allocation, scenario: Scenario) -> list[str]:
    return [one.animal for one in allocation.animals if reveals(one.animal, scenario)]


def telling_cages(allocation: Allocation, *, scenario: Scenario) -> list[str]:
    """Return a note if cages, which stand on the blinded sheet, are called after arms."""
    cages = dict.fromkeys(animal.cage for animal in allocation.animals)
    telling = [cage for cage in cages if cage and reveals(cage, scenario)]
    if not telling:
        return []
    return [
        f'cage "{telling[0]}" is called after an arm or a substance and stands on the blinded '
        "sheet: give the cages neutral names"
    ]
