"""The sheets of an allocation: the key, what is prepared, and what the bench may see.

``key/`` tells the arms: allocation and preparation. ``blinded/`` names no arm, no substance and
no seed (whoever has the scenario file and the seed can draw the allocation again).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from simulator.output.arm_labels import dose_text, number
from simulator.output.blinding import reveals, shows_ids
from simulator.output.printable import bullets, page, paragraph, section, table
from simulator.output.run_folder import write_origin, write_text
from simulator.output.sheet_rows import (
    allocation_rows,
    dilution_text,
    dosing_rows,
    preparation_rows,
    volume_text,
)
from simulator.tables.write import write_table
from simulator.trial.allocation.dilution import SMALLEST, SMALLEST_PIPETTED, SPARE
from simulator.trial.allocation.dosing_sheet import days_text

if TYPE_CHECKING:
    from simulator.output.provenance import Provenance
    from simulator.scenario import Scenario
    from simulator.trial.allocation.allocate import Allocation
    from simulator.trial.allocation.dosing_sheet import DosingSheet, Injection, Preparation

Line = TypeVar("Line", "Injection", "Preparation")

REHEARSAL = "simulated weights, for a rehearsal"
_KEY = "KEY: keep it away from whoever doses, kills, plates or reads"
_LABELS = (
    "Label each mouse before the first dose: whoever keeps this key writes the label of the animal "
    "on its tail, ear or cage card."
)
#: Boxes to tick in one table: what fits on A4.
_DAYS = 8


def write_sheets(
    folder: Path,
    allocation: Allocation,
    dosing: DosingSheet,
    *,
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write ``key/`` and ``blinded/``, each sheet as CSV and as a page, and the provenance.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    """
    import pandas as pd

    key, blinded = folder / "key", folder / "blinded"
    key.mkdir()
    blinded.mkdir()
    tables = {
        key / "allocation": allocation_rows(allocation),
        key / "preparation": preparation_rows(dosing),
        blinded / "dosing": dosing_rows(dosing, ids=shows_ids(allocation, scenario=scenario)),
    }
    pages = {
        key / "allocation": allocation_page(allocation),
        key / "preparation": preparation_page(allocation, dosing),
        blinded / "dosing": dosing_page(allocation, dosing, scenario=scenario),
    }
    for path, (columns, rows) in tables.items():
        # objects: a whole number stays whole beside empty cells and broken ones
        frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
        write_table(frame, path.with_suffix(".csv"))
        write_text(path.with_suffix(".html"), pages[path])
    write_origin(folder, scenario, origin)


def allocation_page(allocation: Allocation) -> str:
    """Return the key as a page: label, animal, arm."""
    syringes: dict[str, list[str]] = {}
    for (arm, _), code in allocation.syringes.items():
        syringes.setdefault(arm, []).append(code)
    columns = ["label", "animal", "arm", "extra for", "block", "cage", "weight, g", "syringe"]
    rows = [
        [
            *(animal.label, animal.animal, animal.arm, animal.satellite_of),
            *(str(animal.block or ""), animal.cage, f"{animal.weight:.1f}"),
            " ".join(syringes.get(animal.arm, [])),
        ]
        for animal in sorted(allocation.animals, key=lambda one: one.label)
    ]
    # a column that says nothing only takes room
    kept = [k for k in range(len(columns)) if any(row[k] for row in rows)]
    columns, rows = [columns[k] for k in kept], [[row[k] for k in kept] for row in rows]
    parts = [
        section(
            "How it was drawn",
            paragraph(f"{allocation.method[0].upper()}{allocation.method[1:]}."),
            bullets(allocation.notes),
            _summary(allocation),
        ),
        section(
            "Who gets what",
            paragraph(_LABELS),
            table(columns, rows, number=("block", "weight, g"), code=("label", "syringe")),
        ),
    ]
    if allocation.reserve:
        spare = [(one.animal, one.cage, f"{one.weight:.1f}") for one in allocation.reserve]
        names = ("animal", "cage", "weight, g")
        parts.append(section("Reserve, not enrolled", table(names, spare, number=names[2:])))
    return page(
        "Allocation sheet",
        facts=_facts(allocation),
        body=parts,
        banners=[("key", _KEY), *_rehearsal(allocation)],
    )


def preparation_page(allocation: Allocation, dosing: DosingSheet) -> str:
    """Return what is to be mixed for every syringe code, and from what."""
    contents = [
        (
            one.code,
            one.arm,
            one.regimen.substance,
            f"{dose_text(one.regimen.dose)} {one.regimen.route}",
            dilution_text(one),
            f"{number(one.filling.per_kg)}",
            days_text(one.days) if one.days else "none",
        )
        for one in sorted(dosing.syringes, key=lambda one: one.code)
    ]
    columns = ("syringe", "arm", "substance", "dose", "content", "inject, µL/kg", "given on")
    parts = [
        section(
            "What the codes stand for",
            table(columns, contents, number=("inject, µL/kg",), code=("syringe",)),
            bullets(dosing.notes),
        )
    ]
    for days, lines in _alike(dosing.preparations):
        rows = [
            (
                line.syringe.code,
                str(line.animals),
                "" if not line.mixed.stock else f"{line.syringe.regimen.substance}",
                "" if not line.mixed.stock else volume_text(line.mixed.stock),
                "" if not line.mixed.vehicle else line.syringe.diluent,
                "" if not line.mixed.vehicle else volume_text(line.mixed.vehicle),
                volume_text(line.mixed.total),
            )
            for line in lines
        ]
        columns = ("syringe", "animals", "stock of", "take", "dilute in", "add", "makes")
        head = days_text(days)
        each = ", for each of them" if len(days) > 1 else ""
        parts.append(
            section(
                f"{head[0].upper()}{head[1:]}{each}",
                table(columns, rows, number=("animals", "take", "add", "makes"), code=("syringe",)),
            )
        )
    parts.append(section("Assumed", bullets(_assumed())))
    return page(
        "Preparation sheet",
        facts=_facts(allocation),
        body=parts,
        banners=[("key", _KEY), *_rehearsal(allocation)],
    )


def dosing_page(allocation: Allocation, dosing: DosingSheet, *, scenario: Scenario) -> str:
    """Return the blinded page: label, cage, weight, syringe, volume, boxes to tick.

    With the animals' own ids where the list gave some and they tell no arm.
    """
    parts: list[str] = []
    ids = shows_ids(allocation, scenario=scenario)
    own = ("animal",) if ids else ()
    for days, lines in _alike(dosing.injections):
        for first in range(0, len(days), _DAYS):
            some = days[first : first + _DAYS]
            boxes = tuple(f"d {day:g}" for day in some)
            columns = (
                *("cage", "label", *own, "weight, g", "syringe", "route", "volume, µL"),
                *boxes,
            )
            rows = [
                (
                    *(one.cage, one.label, *((one.animal,) if ids else ())),
                    *(f"{one.weight:.1f}", one.code, one.route, f"{one.volume:.1f}"),
                    *("" for _ in some),
                )
                for one in lines
            ]
            shown = table(
                columns,
                rows,
                number=("weight, g", "volume, µL"),
                code=("label", "syringe"),
                box=boxes,
                group="cage",
            )
            head = days_text(some)
            parts.append(section(f"{head[0].upper()}{head[1:]}", shown, new_page=bool(parts)))
    if not parts:
        parts.append(paragraph("Nothing is injected."))
    facts = {"Plan": allocation.digest[:12], "Animals": str(len(allocation.animals))}
    if not reveals(allocation.scenario_id, scenario):
        facts = {"Study": allocation.scenario_id, **facts}
    facts["How to"] = (
        "Find the label in its cage, take the syringe with the code, inject the volume by the "
        "route, tick the day. Volumes are for the weights shown. Write down what went otherwise."
    )
    return page("Dosing sheet", facts=facts, body=parts, banners=_rehearsal(allocation))


def _facts(allocation: Allocation) -> dict[str, str]:
    return {
        "Study": allocation.scenario_id,
        "Question": allocation.question,
        "Animals": f"{len(allocation.animals)} enrolled, for n = {allocation.n} per arm",
        "Seed": str(allocation.seed),
        "Plan": f"{allocation.digest} (SHA-256 of the scenario)",
    }


def _rehearsal(allocation: Allocation) -> list[tuple[str, str]]:
    return [("rehearsal", REHEARSAL)] if allocation.rehearsal else []


def _summary(allocation: Allocation) -> str:
    arms: dict[str, list[float]] = {arm: [] for arm in allocation.arms}
    cages: dict[str, set[str]] = {}
    for animal in allocation.animals:
        arms[animal.arm].append(animal.weight)
        cages.setdefault(animal.arm, set()).add(animal.cage)
    rows = [
        (
            arm,
            str(len(weights)),
            f"{statistics.fmean(weights):.2f}",
            f"{min(weights):.1f} to {max(weights):.1f}",
            str(len(cages[arm] - {""}) or ""),
        )
        for arm, weights in arms.items()
    ]
    columns = ("arm", "animals", "mean weight, g", "range, g", "cages")
    return table(columns, rows, number=columns[1:])


def _assumed() -> list[str]:
    smallest = ", ".join(f"{route} {volume:g} µL" for route, volume in SMALLEST.items())
    return [
        f"smallest volume that can be injected: {smallest} (assumed)",
        f"smallest volume of stock that can be pipetted: {SMALLEST_PIPETTED:g} µL (assumed); "
        "where less is needed, more is mixed than is injected",
        f"spare: {100 * SPARE:g} % (assumed)",
        "that every substance may be diluted in the vehicle: ask its maker",
        "largest volumes: Diehl et al., J Appl Toxicol 2001, 21:15-23",
    ]


def _alike(
    lines: Iterable[Line],
) -> list[tuple[tuple[float, ...], list[Line]]]:
    """Return the days on which the same is done, with the lines of the first of them."""
    days: dict[float, list[Line]] = {}
    for line in lines:
        days.setdefault(line.day, []).append(line)
    found: dict[str, tuple[list[float], list[Line]]] = {}
    for day, those in days.items():
        found.setdefault(repr([_without_day(one) for one in those]), ([], those))[0].append(day)
    return [(tuple(alike), those) for alike, those in found.values()]


def _without_day(line: Injection | Preparation) -> Sequence[object]:
    return [value for name, value in vars(line).items() if name != "day"]
