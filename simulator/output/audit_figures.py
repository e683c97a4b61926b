"""The figures of an audit, each as SVG and PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.output.audit_agreement_figure import agreement_figure
from simulator.output.audit_null_figure import null_figure
from simulator.output.audit_zip_figure import zip_figure
from simulator.output.style import look, save
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from simulator.auditing.result import Audit

#: Names of the figures, and what each says in a sentence.
SENTENCES: Final = {
    "p-agreement": "Every p-value of the analysis against the plan's own of the same data: on the "
    "line they are the same.",
    "null-p": "How often p falls at or below every value where nothing has an effect: curves "
    "above the band claim too much.",
    "coverage": "The intervals of the simulated studies, those furthest from the truth at the "
    "top: where the colour changes is the coverage.",
}


def draw_audit(audit: Audit, folder: Path, *, scenario: Scenario) -> tuple[Path, ...]:
    """Write ``p-agreement``, ``null-p`` and ``coverage`` into a folder (made if missing).

    A figure for which the analysis gave nothing is left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with look():
        figures = {
            "p-agreement": agreement_figure(audit.runs, scenario=scenario),
            "null-p": null_figure(audit.runs["null"], scenario=scenario),
            "coverage": zip_figure(audit, scenario=scenario),
        }
        for name, figure in figures.items():
            if figure is not None:
                written += save(figure, folder, name)
    return tuple(written)
