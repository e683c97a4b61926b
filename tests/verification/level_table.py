"""The tables of attained size in docs/verification.md, between two marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.analysis.relabelings import UNTIED_RELABELINGS

from .level_grid import (
    ALPHA,
    FEWER,
    LARGEST_RELABELED,
    LIST_SD,
    REPLICATES,
    RESAMPLES,
    SEED,
    SIZES,
    TESTS,
    TIES,
    Cell,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
BEGIN = "<!-- attained size: written by tests/verification/test_level_grid.py -->"
END = "<!-- attained size: end -->"
TITLES = {
    "none": "No ties",
    "12 wells": "Titers on 12 wells (normal, SD 2 wells)",
    "4 levels": "4 levels (probabilities 0.3, 0.4, 0.2, 0.1)",
    "2 levels": "2 levels (0.6, 0.4)",
}


def table(cells: Sequence[Cell]) -> str:
    """Return the text between the marks: a table per tie level, and the largest excess."""
    found = {(cell.test, cell.ties, cell.n): cell for cell in cells}
    mcse = [100 * (ALPHA * (1 - ALPHA) / many) ** 0.5 for many in (REPLICATES, FEWER)]
    lines = [
        f"Percent of data sets without any effect that are called significant at "
        f"{ALPHA:.0%}, two-sided unless said; n animals in every arm. "
        "**Bold**: the test claims to be exact there.",
        f"{REPLICATES:,} data sets per cell (MCSE {mcse[0]:.2f} at 5 %); {FEWER:,} (MCSE "
        f"{mcse[1]:.2f}) of Steel's normal test, with ties or without, and of tests that relabel "
        f"tied data: these have n up to {LARGEST_RELABELED}, as Steel's normal one with ties, and "
        f"{RESAMPLES:,} relabelings where there are too many to look at all. Without ties there "
        f"are then {UNTIED_RELABELINGS:,}, the same for every data set of one size, and the size "
        f"at that n is off by a constant with standard deviation {100 * LIST_SD:.2f}: the last "
        f"column allows for it. Seed {SEED}.",
    ]
    for ties in TIES:
        lines += ["", f"**{TITLES[ties]}**", ""]
        lines.append("| test | " + " | ".join(f"n = {n}" for n in SIZES) + " |")
        lines.append("|---|" + "---:|" * len(SIZES))
        for test in TESTS:
            row = [_entry(found.get((test, ties, n))) for n in SIZES]
            lines.append(f"| {test} | " + " | ".join(row) + " |")
    lines += ["", "Where a test claims to be exact, its largest attained size:", ""]
    lines += ["| test | percent | where | standard errors above 5 % |", "|---|---:|---|---:|"]
    for test in TESTS:
        claims = [cell for cell in cells if cell.test == test and cell.exact]
        if claims:
            worst = max(claims, key=lambda cell: cell.excess)
            where = f"{worst.ties if worst.ties != 'none' else 'no ties'}, n = {worst.n}"
            lines.append(f"| {test} | {100 * worst.size:.2f} | {where} | {worst.excess:.1f} |")
    return "\n".join(lines)


def _entry(cell: Cell | None) -> str:
    if cell is None:
        return ""
    percent = f"{100 * cell.size:.1f}"
    return f"**{percent}**" if cell.exact else percent


def written() -> str:
    """Return the text that the page holds between the marks."""
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].strip("\n")


def write(text: str) -> None:
    """Put the text between the marks of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
