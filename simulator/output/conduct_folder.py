"""What the run folder of a feasibility answer holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.output.gantt_figure import gantt_figure
from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin, write_text
from simulator.output.style import look, save
from simulator.scenario import Scenario
from simulator.tables import write_table

if TYPE_CHECKING:
    from simulator.evaluation.feasibility_result import Feasibility


def write_conduct(
    folder: Path,
    found: Feasibility,
    *,
    answer: dict[str, Any],
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write the answer, its days, the work of one course, and the Gantt chart.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    answer : what goes into ``result.json``: the result with its warnings and assumptions.
    """
    write_text(folder / "result.json", to_json(answer))
    write_table(found.to_frame(), folder / "days.csv")
    write_table(found.work_frame(), folder / "work.csv")
    draw_conduct(found, folder / "figures")
    write_origin(folder, scenario, origin)


def draw_conduct(found: Feasibility, folder: Path) -> tuple[Path, ...]:
    """Write ``gantt`` into a folder (made if missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        return save(gantt_figure(found), folder, "gantt")
