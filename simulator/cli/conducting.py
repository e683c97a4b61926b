"""The command about the laboratory: conduct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import NO, guarded
from simulator.cli.options import AsJson, Force, OutFolder, Seed, Source, World
from simulator.cli.question import Question

if TYPE_CHECKING:
    from simulator.evaluation.feasibility_result import Feasibility
    from simulator.output.answer_folder import Figures


@guarded
def conduct(
    source: Source,
    *,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=1000, help="Animals per arm (default: top of the range)."),
    ] = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show whether the laboratory can do a study: every day against the shift.

    With it: how long each arm waits, the largest study that fits, and with -o a
    Gantt chart. How the laboratory works is design.conduct in the file.

    Exit code 1: a day does not fit the shift.

    Example: [bold]afcsim conduct secretome-healthy-mice --n 8 -o runs/laboratory[/bold]
    """
    from simulator.cli.conduct_view import show_conduct
    from simulator.evaluation.advice import about_cages
    from simulator.evaluation.feasibility import feasibility

    question = Question(
        source=source,
        world=world,
        seed=seed,
        output=output,
        force=force,
        as_json=as_json,
    )
    found = question.ask(
        lambda scenario, _: feasibility(scenario, n=n),
        doing="",
        show=lambda found, screen: show_conduct(found, screen, n_stated=n is not None),
        tables=lambda found: {"days": found.to_frame(), "work": found.work_frame()},
        figures=_figures,
        settings=lambda found: {"n": found.n_per_arm},
        warn=lambda scenario, found: about_cages(scenario, found.n_per_arm),
        of_nature=False,
    )
    if not found.fits:
        raise typer.Exit(NO)


def _figures(found: Feasibility) -> Figures:
    from simulator.output.gantt_figure import gantt_figure

    return {"gantt": gantt_figure(found)}
