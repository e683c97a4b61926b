"""Commands about scenario files: scenarios, new, validate, simulate, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.guard import command_name, guarded
from simulator.cli.options import AsJson, Force, Seed, Source, World


@guarded
def scenarios(*, as_json: AsJson = False) -> None:
    """List the scenarios that come with the program.

    Example: [bold]afcsim scenarios[/bold]
    """
    from simulator.cli.terminal import console
    from simulator.output.json_text import to_json
    from simulator.scenario_files import catalogue

    found = [{"id": entry.id, "question": entry.question} for entry in catalogue()]
    if as_json:
        typer.echo(to_json({"scenarios": found}))
        return
    from rich.table import Table

    table = Table("scenario", "question", box=None, pad_edge=False, header_style="bold")
    for row in found:
        table.add_row(row["id"], row["question"])
    console().print(table)


@guarded
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write, e.g. mine.yaml.")],
    *,
    template: Annotated[
        str | None, typer.Option("--from", help="Catalogue scenario to start from.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a commented scenario file to start from.

    Example: [bold]afcsim new mine.yaml --from secretome-healthy-mice[/bold]
    """
    from simulator.cli.starter import write_starter

    write_starter(file, template=template, force=force)
    typer.echo(f"wrote {file}; change it, then: afcsim validate {file}")


@guarded
def validate(
    source: Source,
    *,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Print the file with everything filled in.")
    ] = False,
    world: World = None,
    as_json: AsJson = False,
) -> None:
    """Check a scenario file and show the plan: arms, doses, comparisons, assumptions.

    Example: [bold]afcsim validate mine.yaml --resolved[/bold]
    """
    from simulator.cli import plan_view, terminal
    from simulator.scenario_files import dump_scenario, read_scenario

    loaded = read_scenario(source, world=world, swept=True)
    if as_json:
        from simulator.output.json_text import to_json

        typer.echo(to_json(plan_view.as_dict(loaded, resolved=resolved)))
    elif resolved:
        typer.echo(dump_scenario(loaded.scenario), nl=False)
        for warning in loaded.warnings:
            terminal.note(f"warning: {warning}")
    else:
        plan_view.show(loaded, terminal.console(), source=source)


@guarded
def simulate(
    source: Source,
    output: Annotated[Path, typer.Option("--output", "-o", help="Run folder to write.")],
    *,
    replicate: Annotated[
        int, typer.Option("--replicate", min=0, max=10**9, help="Which simulated study.")
    ] = 0,
    n: Annotated[
        int | None, typer.Option("--n", min=1, max=10_000, help="Animals per arm (default: 10).")
    ] = None,
    seed: Seed = None,
    world: World = None,
    force: Force = False,
) -> None:
    """Simulate one study: every mouse, dose and reading as CSV, analysed, with figures.

    Example: [bold]afcsim simulate quick-start -o runs/one-study --n 8[/bold]
    """
    from simulator.cli import analysis_view, terminal
    from simulator.cli.record import origin
    from simulator.output.results import write_cohort
    from simulator.output.run_folder import run_folder
    from simulator.scenario_files import read_scenario
    from simulator.trial.cohort.simulate import simulate_cohort

    loaded = read_scenario(source, world=world, seed=seed)
    scenario = loaded.scenario
    with run_folder(output, force=force, command=command_name()) as folder:
        cohort = simulate_cohort(scenario, replicate=replicate, n=n)
        made = origin(scenario, source=source, world=world, replicate=replicate, n=cohort.n)
        analysis = write_cohort(folder, cohort, scenario=scenario, origin=made)
    screen = terminal.console()
    lost = int(cohort.subjects["lost"].sum())
    screen.print(
        f"{scenario.id}, simulated study {replicate}: {len(cohort.subjects)} mice, {lost} lost"
    )
    analysis_view.show(analysis, screen)
    terminal.show_warnings(loaded.warnings, screen)
    terminal.show_folder(output, screen)


@guarded
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML.

    Example: [bold]afcsim schema > afcsim.schema.json[/bold]
    """
    from simulator.output.json_text import to_json
    from simulator.scenario_files import scenario_schema

    typer.echo(to_json(scenario_schema()))
