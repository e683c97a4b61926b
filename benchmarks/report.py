"""What was measured, as tables for the terminal and as the page docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.agreement import Check
from benchmarks.machine import Fact

HEADER = ("", "measured", "ratio", "wanted", "")


@dataclass(frozen=True)
class Wanted:
    """A bound that a ratio or a number should keep."""

    bound: float
    at_least: bool = True

    def met(self, value: float) -> bool:
        """Return whether a value keeps the bound."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.bound:,g}"


@dataclass(frozen=True)
class Row:
    """One line: what was measured, in its unit, and the number that is judged.

    Attributes
    ----------
    measured : text with unit; "not measured" where a peer is missing.
    ratio : the judged number; None for the reference line and for what is missing.
    """

    name: str
    measured: str
    ratio: float | None = None
    wanted: Wanted | None = None

    def cells(self) -> tuple[str, str, str, str, str]:
        """Return the cells of the row."""
        ratio = "" if self.ratio is None else f"{self.ratio:,.{2 if self.ratio < 10 else 0}f}"
        wanted = "" if self.wanted is None else str(self.wanted)
        verdict = ""
        if self.wanted is not None and self.ratio is not None:
            verdict = "reached" if self.wanted.met(self.ratio) else "missed"
        return self.name, self.measured, ratio, wanted, verdict


@dataclass(frozen=True)
class Section:
    """One comparison: what everybody had to do, the rows, and whether the answers agree."""

    title: str
    work: str
    rows: tuple[Row, ...]
    checks: tuple[Check, ...] = ()


def seconds(value: float) -> str:
    """Return a time in a unit that suits it."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1.0:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def show(section: Section, console: Console) -> None:
    """Print a section."""
    table = Table(title=section.title, title_justify="left", title_style="bold", box=None)
    for place, name in enumerate(HEADER):
        table.add_column(name, justify="right" if place in (1, 2) else "left", overflow="fold")
    for row in section.rows:
        cells = row.cells()
        style = {"missed": "yellow", "reached": "green"}.get(cells[-1])
        table.add_row(*cells, style=style)
    console.print(table)
    for check in section.checks:
        console.print(f"  {check.text}", style=None if check.holds else "bold red")
    console.print()


def page(sections: Sequence[Section], facts: Sequence[Fact], *, quick: bool) -> str:
    """Return the page in Markdown."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Each comparison is one run: both sides do the same work, taking"
        " turns, the best of equally many tries counts. One thread and processor seconds, which"
        " other work on the machine disturbs least, unless said otherwise. A ratio is the other's"
        " time per unit of work over ours, unless the row says otherwise. What"
        " both sides answer is compared as well.",
        "",
    ]
    if quick:
        lines += ["**Quick mode: little work, so the ratios mean little.**", ""]
    lines += ["## Machine and versions", "", "| | |", "|---|---|"]
    lines += [f"| {fact.name} | {fact.value} |" for fact in facts]
    for section in sections:
        lines += ["", f"## {section.title}", "", section.work, ""]
        lines += ["| | measured | ratio | wanted | |", "|---|---:|---:|---|---|"]
        lines += ["| " + " | ".join(row.cells()) + " |" for row in section.rows]
        if section.checks:
            lines += ["", *(f"- {check.text}" for check in section.checks)]
    return "\n".join(lines) + "\n"
