"""Measure ourselves and the peers in one run, print the ratios, write docs/benchmarks.md.

    python -m benchmarks.run [--quick] [--only NAME ...] [--page FILE]

A quick run, or a part, writes a page only where ``--page`` says so. Exit 1 where two sides
disagree; ratios that miss their goal are shown, and fail nothing: they depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import (
    audit,
    brunner_munzel,
    conduct,
    scaling,
    study,
    sweeping,
    tied_exact,
    two_arms,
)
from benchmarks.machine import facts
from benchmarks.report import Section, page, show

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
MEASURES: dict[str, Callable[..., Section]] = {
    "study": study.measure,
    "conduct": conduct.measure,
    "two-arms": two_arms.measure,
    "audit": audit.measure,
    "tied-exact": tied_exact.measure,
    "brunner-munzel": brunner_munzel.measure,
    "scaling": scaling.measure,
    "sweeping": sweeping.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little work, to see that it runs")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--page", type=Path, help="where the page is written")
    options = parser.parse_args(arguments)
    wide = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if wide else 118, highlight=False)
    known = facts()
    console.print(", ".join(f"{fact.name} {fact.value}" for fact in known), style="dim")
    console.print()
    sections = []
    for name in options.only:
        sections.append(MEASURES[name](quick=options.quick))
        show(sections[-1], console)
    whole = not options.quick and list(options.only) == list(MEASURES)
    target = options.page or (PAGE if whole else None)
    if target is not None:
        target.write_text(page(sections, known, quick=options.quick), encoding="utf-8")
        console.print(f"written: {target.name}")
    return 0 if all(check.holds for section in sections for check in section.checks) else 1


if __name__ == "__main__":
    raise SystemExit(main())
