"""How a command that asks one question of a scenario runs: read, evaluate, write, show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from simulator.engine.local import Progress
    from simulator.errors import Problem
    from simulator.output.answer_folder import Figures
    from simulator.scenario import Scenario


class Answer(Protocol):
    """What a question is answered with."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        ...


Found = TypeVar("Found", bound=Answer)


@dataclass(frozen=True, kw_only=True)
class Question:
    """The options that every such command has, see ``cli.options``."""

    source: str
    world: str | None
    seed: int | None
    output: Path | None
    force: bool
    as_json: bool
    replicates: int | None = None

    def ask(
        self,
        evaluate: Callable[[Scenario, Progress | None], Found],
        *,
        doing: str,
        show: Callable[[Found, Console], None],
        tables: Callable[[Found], Mapping[str, pd.DataFrame]],
        figures: Callable[[Found], Figures] = lambda _: {},
        settings: Callable[[Found], Mapping[str, Any]] = lambda _: {},
        warn: Callable[[Scenario, Found], Sequence[Problem]] = lambda *_: (),
        of_nature: bool = True,
    ) -> Found:
        """Answer the question, write the run folder that was asked for, and show the answer.

        Parameters
        ----------
        doing : what the progress bar says; empty where nothing takes long.
        figures : by name of the file; called within ``style.look``, only for a run folder.
        settings : what the provenance remembers beside file and world.
        warn : what is unwise beyond what the file itself shows.
        of_nature : whether the answer rests on what is assumed of nature, so that it is listed.
        """
        from simulator.cli import terminal
        from simulator.cli.record import origin
        from simulator.output.assumptions import caveats
        from simulator.output.json_text import to_json
        from simulator.scenario_files import read_scenario

        loaded = read_scenario(self.source, world=self.world, seed=self.seed)
        scenario = loaded.scenario
        with terminal.maybe_folder(self.output, force=self.force) as folder:
            if doing:
                terminal.announce_compilation()
            with terminal.progress(doing) if doing else nullcontext() as progress:
                found = evaluate(scenario, progress)
            seen = warn(scenario, found)
            answer = found.to_dict() | caveats(
                scenario,
                warnings=[*loaded.warnings, *seen],
                unstated=loaded.defaults,
                replicates=self.replicates,
            )
            if folder is not None:
                from simulator.output.answer_folder import write_answer_folder
                from simulator.output.style import look

                with look():
                    write_answer_folder(
                        folder,
                        answer,
                        tables=tables(found),
                        figures=figures(found),
                        scenario=scenario,
                        origin=origin(
                            scenario, source=self.source, world=self.world, **settings(found)
                        ),
                    )
        if self.as_json:
            typer.echo(to_json(answer))
            return found
        screen = terminal.console()
        screen.print(scenario.question, style="bold")
        show(found, screen)
        if of_nature:
            terminal.show_uncertain(scenario, screen)
        terminal.show_warnings([*loaded.warnings, *seen], screen)
        if of_nature:
            terminal.show_assumed(loaded, screen, replicates=self.replicates)
        if self.output is not None:
            terminal.show_folder(self.output, screen)
        return found
