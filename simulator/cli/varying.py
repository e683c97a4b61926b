"""The command that says which assumption moves n most: sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.guard import guarded
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
    from simulator.evaluation.sensitivity.result import Sensitivity
    from simulator.output.answer_folder import Figures


@guarded
def sensitivity(
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
    """Show which assumption moves the number of animals most.

    Every number of nature that the study uses goes to both ends of its range, one
    at a time, and so do the losses; n and the power at the planned n are shown.

    Example: [bold]afcsim sensitivity quick-start -o runs/sensitivity[/bold]
    """
    from simulator.cli.sensitivity_view import show_sensitivity
    from simulator.evaluation.sensitivity.sensitivity import sensitivity as evaluate

    question = Question(
        source=source,
        world=world,
        seed=seed,
        replicates=replicates,
        output=output,
        force=force,
        as_json=as_json,
    )
    question.ask(
        lambda scenario, progress: evaluate(
            scenario, replicates=replicates, threads=threads, progress=progress
        ),
        doing="moving assumptions",
        show=show_sensitivity,
        tables=lambda found: {"sensitivity": found.to_frame()},
        figures=_figures,
        settings=lambda found: {"replicates": found.replicates},
    )


def _figures(found: Sensitivity) -> Figures:
    from simulator.output.tornado_figure import tornado_figure

    return {"tornado": tornado_figure(found)}
