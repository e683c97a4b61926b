"""Software, versions, digest and seed; and everything that is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.output.document import Block, Bullets, Table, listed, say
from simulator.output.statement.stated import is_choice
from simulator.output.wording.names import name_of
from simulator.output.wording.repeat import repeat_lines

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated


_WHAT, _PATH = "what", "place in the scenario"


def software(stated: Stated) -> Bullets:
    """Return what it takes to repeat the numbers bit for bit."""
    origin, result = stated.run.origin, stated.run.result
    rest = ", ".join(f"{k} {v}" for k, v in origin.versions.items() if k != "afcsim")
    return listed(
        [
            say(f"Software: afcsim {origin.versions.get('afcsim', 'of unknown version')} ({rest})"),
            say(
                f"Run digest (SHA-256 of the resolved scenario {origin.scenario_id}): "
                f"{origin.digest}"
            ),
            say(f"Seed: {origin.seed}"),
            say(f"Simulated studies at the n of the tables: {result.replicates:,}"),
            say(f"Made: {origin.made_at}"),
            *map(say, repeat_lines(origin)),
        ]
    )


def everything_assumed(stated: Stated) -> tuple[Block, ...]:
    """Return all that the answer rests on and nobody has shown, then the choices left open."""
    if not stated.run.assumed:
        return (say("Nothing: the scenario states all that the simulation uses."),)
    captions = {
        False: "ASSUMED: about the mice and the laboratory, and not stated in the scenario, or "
        "itself called assumed there",
        True: "Choices that the scenario does not state, and what was used",
    }
    tables = []
    for choice, caption in captions.items():
        some = [one for one in stated.run.assumed if is_choice(one.path) == choice]
        columns = (_WHAT, "used" if choice else "ASSUMED", "source", _PATH)
        rows = tuple((name_of(one.path).words, one.value, one.source, one.path) for one in some)
        if some:
            tables.append(Table(caption=caption, columns=columns, rows=rows, small=(_PATH,)))
    return tuple(tables)
