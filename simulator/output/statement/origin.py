"""Software, versions, digest and seed; and everything that is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.output.document import Block, Bullets, Table, listed, say

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated


_ASSUMED = ("what", "ASSUMED", "source")


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
            say(f"Command: {' '.join(origin.command) or 'called from Python'}"),
            say(f"Made: {origin.made_at}"),
        ]
    )


def everything_assumed(stated: Stated) -> tuple[Block, ...]:
    """Return all that the answer rests on and nobody has shown."""
    if not stated.run.assumed:
        return (say("Nothing: the scenario states all that the simulation uses."),)
    return (
        Table(
            caption="ASSUMED: what the scenario leaves to the program, or itself calls assumed",
            columns=_ASSUMED,
            rows=tuple((one.path, one.value, one.source) for one in stated.run.assumed),
        ),
    )
