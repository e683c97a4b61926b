"""The command that says what the flaws of a plan cost: diagnose."""

from __future__ import annotations

from typing import Annotated

import typer

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


@guarded
def diagnose(
    source: Source,
    *,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=1000, help="Animals per arm (default: top of the range)."),
    ] = None,
    replicates: Replicates = None,
    threads: Threads = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show which flaw of the plan costs what: order of the animals, cages, days, waiting spleens.

    The plan as written beside the same plan with each flaw mended: power,
    attained type I error, how far the fold is off, and the family-wise error.

    Example: [bold]afcsim diagnose arm-by-arm-kill[/bold]
    """
    from simulator.cli.diagnosis_view import show_diagnosis
    from simulator.evaluation.diagnosis.diagnose import diagnose as evaluate

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
            scenario, n=n, replicates=replicates, threads=threads, progress=progress
        ),
        doing="diagnosing",
        show=show_diagnosis,
        tables=lambda found: {"variants": found.to_frame()},
        settings=lambda found: {"n": found.n_per_arm, "replicates": found.replicates},
    )
