"""Randomization, order of work and blinding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.output.document import Bullets, Marked, listed, say
from simulator.output.statement.stated import gap

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated

_ORDERS: Final = {
    "by-block": "one mouse of every group in random order, then the next of every group",
    "randomized": "all mice in random order",
    "by-arm": "group by group, which lets the time of day be taken for an effect",
    "by-cage": "cage by cage, cages in random order",
}


def randomization(stated: Stated) -> Bullets:
    """Return how mice get their group, and in which order they are worked on."""
    items = [
        say(
            "Allocation in the plan: ",
            stated.say("design.randomization.balance", _allocation(stated)),
            ".",
        ),
        say(
            "Sequence: afcsim allocate draws it from a seed and writes the list; ",
            gap("who draws it, and that this list, or which other, is used"),
        ),
        say("Order of treatment, killing and reading: ", _order(stated)),
    ]
    return listed(items)


def _allocation(stated: Stated) -> str:
    design = stated.design
    alike = " and ".join(design.randomization.balance)
    if not design.animals.arms_share_cages:
        weighed = "weight" in design.randomization.balance
        return "whole cages drawn at random" + (", groups alike in weight" if weighed else "")
    equal = len({(arm.pace, arm.n) for arm in design.arms.values()}) == 1
    block = "of one mouse of every group" if equal else "with every group by its size"
    return f"at random, in blocks {block}" + (f", groups alike in {alike}" if alike else "")


def _order(stated: Stated) -> str | Marked:
    conduct = stated.design.conduct
    if conduct is None:
        return gap("order of the mice; the scenario does not state it")
    return stated.say("design.conduct.order", _ORDERS[conduct.order])


def blinding() -> Bullets:
    """Return what the program gives for blinding; who is blinded only the applicant knows."""
    return listed(
        [
            say(
                "Means: afcsim allocate writes coded labels and a sheet for the bench that names "
                "no group; the key is a file of its own."
            ),
            say(
                "Who is blinded: ",
                gap("who, in treatment, killing, reading and analysis; or why nobody"),
            ),
            say("Key: ", gap("who keeps the key, and when it is opened")),
        ]
    )
