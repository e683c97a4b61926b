"""What a sweep found, on the screen and as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded
    from simulator.sweeping.sweep import SweepResult

#: Most designs on the screen, and in the JSON object.
_ON_SCREEN, _IN_JSON = 40, 2_000


def sweep_answer(found: SweepResult, loaded: Loaded) -> dict[str, Any]:
    """Return the answer for ``--json``: a record per design, the first of very many."""
    return {
        "scenario": loaded.scenario.id,
        "digest": loaded.scenario.digest,
        "seed": loaded.scenario.seed,
        "folder": str(found.folder),
        "designs_in_all": len(found.grid),
        "designs_failed": found.failed,
        "replicates": found.replicates,
        "paths": list(found.grid.paths),
        **simplified(loaded.scenario),
        "designs": _first(found, _IN_JSON),
    }


def simplified(scenario: Scenario) -> dict[str, list[str]]:
    """Return what a sweep makes simpler than the file: priors at planned values, worlds left out.

    Priors are named by path, those that a swept value states too.
    """
    from simulator.scenario.noun import PRIORS
    from simulator.scenario.priors import priors

    swept = scenario.decision.sweep
    named = {".".join(place): None for place in priors(scenario)}
    written = [] if swept is None else [*swept.grid.items()]
    if swept is not None:
        written += [(p, (v,)) for laid in swept.designs.values() for p, v in laid.items()]
    for path, values in written:
        if any(isinstance(value, dict) and set(PRIORS) & set(value) for value in values):
            named[path] = None
    return {"at_planned_value": list(named), "worlds_left_out": list(scenario.decision.worlds)}


def show_sweep(found: SweepResult, loaded: Loaded, screen: Console) -> None:
    """Print the smallest n of every design, with its interval, and the animals."""
    from simulator.cli import terminal
    from simulator.cli.table import show_table
    from simulator.scenario_files.laying import shown

    wish = loaded.scenario.decision.power
    screen.print(
        f"{loaded.scenario.id}: {len(found.grid):,} designs, {found.replicates:,} simulated "
        "studies of each, on the same random numbers"
    )
    paths = [*(["design"] if found.grid.named else []), *found.grid.paths]
    rows = []
    for row in _first(found, _ON_SCREEN):
        values = [row["name"]] if found.grid.named else []
        values += ["" if row[p] is None else shown(row[p]) for p in found.grid.paths]
        if row["error"]:
            rows.append([str(row["design"]), *values, "-", "", "", row["error"]])
            continue
        rows.append(
            [
                str(row["design"]),
                *values,
                _smallest(row),
                _interval(row, "n"),
                _animals(row),
                f"{row['power']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
                + ("" if row["n"] else f" at n = {row['searched_to']}"),
            ]
        )
    headings = ["", *(_heading(p) for p in paths), "n", "95 %", "animals", "power at n [95 %]"]
    whole = ["", "n", "95 %", "animals"]
    show_table(
        headings,
        rows,
        screen,
        whole=whole,
        right=["", "n"],
        title=f"smallest n per arm with power {wish.target:g} ({wish.of})",
    )
    if len(found.grid) > _ON_SCREEN:
        screen.print(f"and {len(found.grid) - _ON_SCREEN:,} more: designs.csv has all of them")
    if found.failed:
        screen.print(
            f"{found.failed:,} designs have values that do not go together: the column error says "
            "why",
            style="yellow",
        )
    screen.print(
        "n: the simulated curve reaches the target there and at every larger n; 95 %: from the "
        "smallest n not shown to be too small to the smallest shown to be enough. Nothing is "
        "certified: for that, afcsim size the design you choose",
        style="dim",
    )
    simpler = simplified(loaded.scenario)
    if simpler["at_planned_value"]:
        screen.print(
            f"at the planned value of its distribution: {', '.join(simpler['at_planned_value'])}. "
            "This is no assurance: for the average over what is believed, write the design as a "
            "file of its own, and ask afcsim power",
        )
    if simpler["worlds_left_out"]:
        screen.print(
            f"worlds play no part in a sweep: {', '.join(simpler['worlds_left_out'])}. Sweep the "
            "paths that they change",
        )
    terminal.show_warnings(loaded.warnings, screen)


def _first(found: SweepResult, most: int) -> list[dict[str, Any]]:
    """Return the first designs, as records of plain values."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(found.folder / "designs.parquet") as file:
        batch = next(file.iter_batches(batch_size=most), None)
    records: list[dict[str, Any]] = [] if batch is None else batch.to_pylist()
    return records


def _heading(path: str) -> str:
    return ".".join(path.split(".")[-2:])


def _smallest(row: dict[str, Any]) -> str:
    return f"> {row['searched_to']}" if row["n"] is None else str(row["n"])


def _interval(row: dict[str, Any], what: str) -> str:
    """Return ``6 to 7``; what lies beyond the range of n is said to be there."""
    low, high = row[f"{what}_low"], row[f"{what}_high"]
    beyond = f"> {row['searched_to']}"
    first = beyond if low is None else str(low)
    last = beyond if high is None else str(high)
    return first if first == last else f"{first} to {last}"


def _animals(row: dict[str, Any]) -> str:
    if row["animals"] is None:
        return ""
    return str(row["animals"])
