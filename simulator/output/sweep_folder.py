"""What the folder of a sweep holds beside its tables: origin, scenario, figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import OutputError
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin
from simulator.output.sweep_figure import draw_sweep
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from simulator.sweeping.sweep import SweepResult


def write_sweep(found: SweepResult, *, scenario: Scenario, origin: Provenance) -> Path:
    """Write figures and provenance beside the tables of a sweep; return the folder.

    Raises
    ------
    OutputError : they cannot be written; the tables stay.
    """
    try:
        draw_sweep(found.folder, found.grid, title=scenario.id, of=scenario.decision.power.of)
        write_origin(found.folder, scenario, origin)  # last: with it the folder is complete
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{found.folder}: the figures cannot be written: {reason}; the tables are there: see "
            "to it, and say --resume"
        ) from error
    return found.folder
