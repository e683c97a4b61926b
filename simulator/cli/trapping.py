"""The part of the command audit that gives traps: small data sets with known right answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from simulator.cli.guard import NO

if TYPE_CHECKING:
    from simulator.scenario_files import Loaded

#: The scenario whose names the tables have where none is named.
BORROWED: Final = "quick-start"


def give_traps(
    command: str,
    loaded: Loaded,
    settings: dict[str, Any],
    *,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Give the traps to a command, print what came of them, and write the run folder.

    Parameters
    ----------
    settings : what the folder remembers of the command line; with the time limit and the
        number of runs at the same time.
    """
    from simulator.auditing.audit import traps_command
    from simulator.auditing.traps import battery
    from simulator.cli import terminal
    from simulator.cli.audit_view import show_report
    from simulator.cli.record import origin
    from simulator.cli.traps_view import show_traps
    from simulator.output.audit_folder import write_traps
    from simulator.output.audit_words import traps_verdict
    from simulator.output.json_text import to_json
    from simulator.output.trap_tables import TABLES, write_trap_tables

    scenario = loaded.scenario
    with terminal.maybe_folder(output, force=force) as folder:
        with terminal.progress("traps") as progress:
            results = traps_command(
                command,
                scenario,
                timeout=settings["timeout"],
                jobs=settings["jobs"],
                progress=progress,
            )
        verdict = traps_verdict(results)
        answer = {
            "analysis": command,
            "verdict": verdict,
            "scenario": scenario.id,
            "digest": scenario.digest,
            "traps": [one.to_dict() for one in results],
        }
        if folder is not None:
            made = origin(scenario, **settings)
            write_traps(
                folder, results, answer=answer, analysis=command, scenario=scenario, origin=made
            )
            write_trap_tables(folder, battery(scenario), plan=scenario.analysis)
    if as_json:
        typer.echo(to_json(answer))
    else:
        screen = terminal.console()
        show_traps(
            results,
            screen,
            analysis=command,
            scenario=scenario,
            borrowed=settings["source"] == BORROWED,
        )
        show_report(output, screen)
        if output is not None:
            screen.print(f"tables:     {output / TABLES}", soft_wrap=True)
    if verdict != "pass":
        raise typer.Exit(NO)
