"""What a sweep found, on the screen and as one JSON object."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from simulator.sweeping.columns import ALL_FIXED, NOT_REACHED, OR_FEWER

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded
    from simulator.sweeping.sweep import SweepResult

#: Most designs on the screen, and in the JSON object.
_ON_SCREEN, _IN_JSON = 40, 2_000


def sweep_answer(found: SweepResult, loaded: Loaded) -> dict[str, Any]:
    """Return the answer for ``--json``: a record per design, the first of very many."""
    from simulator.output.assumptions import caveats

    seen = caveats(
        loaded.scenario,
        warnings=loaded.warnings,
        unstated=loaded.defaults,
        replicates=found.replicates,
    )
    swept = _swept(loaded.scenario)
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
        "warnings": seen["warnings"],
        "assumed": [one for one in seen["assumed"] if not _within(one["path"], swept)],
    }


def simplified(scenario: Scenario) -> dict[str, list[str]]:
    """Return what a sweep makes simpler than the file: priors at planned values, worlds left out.

    Priors are named by path: those of the file that no swept value replaces in every design, and
    those that a swept value states.
    """
    from simulator.scenario.noun import PRIORS
    from simulator.scenario.priors import priors

    swept = scenario.decision.sweep
    stated = _swept(scenario)
    paths = (".".join(place) for place in priors(scenario))
    named = {path: None for path in paths if not _within(path, stated)}
    written = [] if swept is None else [*swept.grid.items()]
    if swept is not None:
        written += [(p, (v,)) for laid in swept.designs.values() for p, v in laid.items()]
    for path, values in written:
        if any(isinstance(value, dict) and set(PRIORS) & set(value) for value in values):
            named[path] = None
    return {"at_planned_value": list(named), "worlds_left_out": list(scenario.decision.worlds)}


def _swept(scenario: Scenario) -> frozenset[str]:
    """Return the full paths that every design states, so that the file's values play no part."""
    from simulator.scenario_files.laying import Layers

    swept = scenario.decision.sweep
    if swept is None:
        return frozenset()
    layers = Layers(scenario)
    found = [
        {full for path, value in laid.items() for full in layers.full_paths(path, value)}
        for laid in swept.designs.values()
    ]
    everywhere = set.intersection(*found) if found else set()
    for path, values in swept.grid.items():
        everywhere.update(layers.full_paths(path, values[0]))
    return frozenset(everywhere)


def _within(path: str, swept: Collection[str]) -> bool:
    """Return whether a swept path states this number, be it by another measure of its spread."""
    from simulator.scenario_files.schema_keys import SPREAD_FORMS

    place, _, form = path.rpartition(".")
    other = [f"{place}.{one}" for one in SPREAD_FORMS] if form in SPREAD_FORMS else []
    return any(path == one or path.startswith(one + ".") or one in other for one in swept)


def show_sweep(found: SweepResult, loaded: Loaded, screen: Console) -> None:
    """Print the smallest n of every design, with its interval, and the animals."""
    from simulator.cli import terminal
    from simulator.cli.table import show_table
    from simulator.output.assumptions import assumptions
    from simulator.scenario_files.laying import shown

    wish = loaded.scenario.decision.power
    screen.print(
        f"{loaded.scenario.id}: {len(found.grid):,} designs, {found.replicates:,} simulated "
        "studies of each, on the same random numbers"
    )
    paths = [*(["design"] if found.grid.named else []), *found.grid.paths]
    rows = []
    first = _first(found, _ON_SCREEN)
    for row in first:
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
                _interval(row),
                _animals(row),
                f"{row['power']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"
                + (f" at n = {row['searched_to']}" if row["n_is"] == NOT_REACHED else ""),
            ]
        )
    headings = ["", *(_heading(p) for p in paths), "n", "95 %", "animals", "power at n [95 %]"]
    whole = ["", "n", "95 %", "animals"]
    asked = any(p.partition(".")[0] == "decision" and "power" in p for p in found.grid.paths)
    wanted = "the power that each asks for" if asked else f"power {wish.target:g} ({wish.of})"
    show_table(
        headings,
        rows,
        screen,
        whole=whole,
        right=["", "n"],
        title=f"smallest n per arm with {wanted}",
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
    for text in _notes(first):
        screen.print(text)
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
    swept = _swept(loaded.scenario)
    every = assumptions(loaded.scenario, loaded.defaults)
    terminal.show_assumed(
        loaded,
        screen,
        replicates=found.replicates,
        but=[one.path for one in every if _within(one.path, swept)],
    )


def _notes(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say where n is not the smallest, and where it does nothing."""
    kinds = {row["n_is"] for row in rows}
    if OR_FEWER in kinds:
        starts = sorted({row["searched_from"] for row in rows if row["n_is"] == OR_FEWER})
        yield (
            "or fewer, ≤: smaller n were not looked at (decision.n.from: "
            f"{', '.join(map(str, starts))}), so fewer animals may be enough: do not rank these "
            "designs by n or by animals. Lower decision.n.from, in a new folder"
        )
    if ALL_FIXED in kinds:
        yield (
            "all arms fixed: every arm has its own number of animals, so n does nothing; the power "
            "is that of these animals, whose number is shown where it reaches the target"
        )


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
    if row["n_is"] == ALL_FIXED:
        return "all arms fixed"
    if row["n"] is None:
        return f"> {row['searched_to']}"
    return f"{row['n']} or fewer" if row["n_is"] == OR_FEWER else str(row["n"])


def _interval(row: dict[str, Any]) -> str:
    """Return ``6 to 7``; what lies beyond the range of n is said to be there."""
    if row["n_is"] == ALL_FIXED:
        return ""
    low, high = row["n_low"], row["n_high"]
    beyond = f"> {row['searched_to']}"
    first = beyond if low is None else str(low)
    last = beyond if high is None else str(high)
    start = "≤ " if low == row["searched_from"] > 1 else ""
    return start + (first if first == last else f"{first} to {last}")


def _animals(row: dict[str, Any]) -> str:
    if row["animals"] is None:
        return ""
    return f"{row['animals']} or fewer" if row["n_is"] == OR_FEWER else str(row["animals"])
