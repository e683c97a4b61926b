"""The command that says how many animals the shared control gets: ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from simulator.cli.guard import NO, guarded
from simulator.cli.options import (
    AsJson,
    Force,
    OutFolder,
    Replicates,
    Seed,
    Source,
    Threads,
    World,
)
from simulator.cli.question import Question

if TYPE_CHECKING:
    from simulator.evaluation.control_ratio.result import ControlRatioResult
    from simulator.output.answer_folder import Figures


@guarded
def ratio(
    source: Source,
    *,
    replicates: Replicates = None,
    threads: Threads = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Find how many animals the control that all comparisons share needs to save animals.

    The square-root rule is the start, the pair (control, treated) of fewest animals
    that is shown to reach the wanted power is the answer: beside equal arms, with
    what it saves and what one animal less would cost.

    Exit code 1: no such pair, or it could not be told within the budget.

    Example: [bold]afcsim ratio secretome-healthy-mice -o runs/ratio[/bold]
    """
    from simulator.cli.ratio_view import show_ratio
    from simulator.evaluation.control_ratio.control_ratio import control_ratio

    question = Question(
        source=source,
        world=world,
        seed=seed,
        replicates=replicates,
        output=output,
        force=force,
        as_json=as_json,
    )
    found = question.ask(
        lambda scenario, progress: control_ratio(
            scenario, replicates=replicates, threads=threads, progress=progress
        ),
        doing="trying ratios",
        show=show_ratio,
        tables=lambda found: {"pairs": found.to_frame()},
        figures=_figures,
        settings=lambda found: {"replicates": found.replicates},
    )
    if found.best is None or found.status == "infeasible":
        raise typer.Exit(NO)


def _figures(found: ControlRatioResult) -> Figures:
    from simulator.output.ratio_figure import ratio_figure

    return {"control-ratio": ratio_figure(found)}
