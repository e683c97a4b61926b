"""The command that draws who gets what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.guard import command_name, fail, guarded
from simulator.cli.options import AsJson, Force, Seed, Source, World

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario_files import Loaded
    from simulator.trial.allocation.allocate import Allocation
    from simulator.trial.allocation.dosing_sheet import DosingSheet


@guarded
def allocate(
    source: Source,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the sheets to.")],
    *,
    n: Annotated[
        int | None, typer.Option("--n", min=1, max=1000, help="Animals per arm of ratio 1.")
    ] = None,
    animals: Annotated[
        Path | None,
        typer.Option(
            "--animals",
            help="CSV of the real animals: id, weight_g, and cage. Without it: a rehearsal with "
            "simulated weights.",
        ),
    ] = None,
    seed: Seed = None,
    world: World = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Draw which animal gets what: allocation sheet, preparation sheet and blinded dosing sheet.

    The folder key/ tells the arms; blinded/ is what the bench may see.
    File and seed give the same sheets again: keep the seed from whoever must not
    know, or take another with --seed.

    Example: [bold]afcsim allocate secretome-healthy-mice --n 8 -o runs/sheets[/bold]

    With the real mice: [bold]afcsim allocate my.yaml --animals mice.csv --n 8 -o sheets[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.record import origin
    from simulator.output.blinding import telling_animals, telling_cages
    from simulator.output.run_folder import run_folder
    from simulator.output.sheets import write_sheets
    from simulator.scenario_files import read_scenario
    from simulator.tables.animals import read_animals
    from simulator.trial.allocation.allocate import allocate as drawn
    from simulator.trial.allocation.dosing_sheet import dosing_sheet

    loaded = read_scenario(source, world=world, seed=seed)
    scenario = loaded.scenario
    size = n
    if size is None:
        if any(arm.n is None for arm in scenario.design.arms.values()):
            fail(
                "how many animals per arm? Give --n, e.g. --n 8; the smallest n that is enough: "
                f"afcsim size {source}"
            )
        size = 1  # every arm has its own fixed number
    listed = None if animals is None else read_animals(animals)
    with run_folder(output, force=force, command=command_name()) as folder:
        found = drawn(scenario, n=size, animals=listed, source=str(animals or source))
        dosing = dosing_sheet(scenario, found, source=source)
        file = None if animals is None else str(animals)
        made = origin(scenario, source=source, world=world, n=size, animals=file)
        telling = [
            *telling_cages(found, scenario=scenario),
            *telling_animals(found, scenario=scenario),
        ]
        notes = [*found.notes, *dosing.notes, *telling]
        write_sheets(folder, found, dosing, scenario=scenario, origin=made)
    if as_json:
        from simulator.output.json_text import to_json

        typer.echo(to_json(_as_dict(found, dosing, notes, output)))
        return
    _show(found, dosing, notes, loaded, terminal.console(), output)


def _as_dict(
    found: Allocation, dosing: DosingSheet, notes: list[str], output: Path
) -> dict[str, Any]:
    from simulator.output.sheet_rows import allocation_rows, dosing_rows, preparation_rows

    data: dict[str, Any] = {
        "scenario": found.scenario_id,
        "digest": found.digest,
        "seed": found.seed,
        "n_per_arm": found.n,
        "animals": "simulated" if found.rehearsal else "listed",
        "method": found.method,
        "notes": notes,
        "folder": str(output),
    }
    tables = {
        "allocation": allocation_rows(found),
        "preparation": preparation_rows(dosing),
        "dosing": dosing_rows(dosing),
    }
    for name, (columns, rows) in tables.items():
        data[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return data


def _show(
    found: Allocation,
    dosing: DosingSheet,
    notes: list[str],
    loaded: Loaded,
    screen: Console,
    output: Path,
) -> None:
    """Print what was drawn, without the key: who looks over a shoulder learns nothing."""
    from simulator.cli import terminal
    from simulator.cli.table import show_table
    from simulator.output.sheet_rows import dilution_text
    from simulator.output.sheets import REHEARSAL

    kind = f" ({REHEARSAL})" if found.rehearsal else ""
    screen.print(
        f"{found.scenario_id}: {len(found.animals)} animals allocated, "
        f"{len(found.reserve)} in reserve{kind}"
    )
    screen.print(f"{found.method}; seed {found.seed}\n")
    arms: dict[str, list[float]] = {}
    for animal in found.animals:
        arms.setdefault(animal.arm, []).append(animal.weight)
    contents: dict[str, list[str]] = {}
    for one in dosing.syringes:
        text = f"{dilution_text(one)}, {_plain(one.filling.per_kg)} µL/kg {one.regimen.route}"
        contents.setdefault(one.arm, []).append(text)
    rows = [
        (
            arm,
            str(len(arms[arm])),
            f"{sum(arms[arm]) / len(arms[arm]):.2f}",
            "\n".join(contents.get(arm, ["-"])),
        )
        for arm in found.arms
    ]
    columns = ("arm", "animals", "mean weight, g", "in the syringe (proposal)")
    show_table(columns, rows, screen, whole=columns[:3], right=columns[1:3])
    screen.print()
    for note in notes:
        screen.print(f"note: {note}")
    terminal.show_warnings(loaded.warnings, screen)
    screen.print(f"key:     {output / 'key'}: for its keeper alone", soft_wrap=True)
    screen.print(f"blinded: {output / 'blinded'}: for the bench", soft_wrap=True)


def _plain(number: float) -> str:
    return f"{number:.0f}" if number >= 1000 else f"{number:.4g}"
