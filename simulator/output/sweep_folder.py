"""What the folder of a sweep holds beside its tables: origin, scenario, figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import OutputError
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin
from simulator.output.sweep_figure import draw_sweep
from simulator.scenario import Scenario
from simulator.scenario_files.laying import Layers
from simulator.sweeping.grid import Grid

if TYPE_CHECKING:
    from simulator.sweeping.sweep import SweepResult


def write_sweep(found: SweepResult, *, scenario: Scenario, origin: Provenance) -> Path:
    """Write figures and provenance beside the tables of a sweep; return the folder.

    Raises
    ------
    OutputError : they cannot be written; the tables stay.
    """
    try:
        draw_sweep(
            found.folder,
            found.grid,
            title=scenario.id,
            of=scenario.decision.power.of,
            folds=_folds(scenario, found.grid),
        )
        write_origin(found.folder, scenario, origin)  # last: with it the folder is complete
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"{found.folder}: the figures cannot be written: {reason}; the tables are there: see "
            "to it, and say --resume"
        ) from error
    return found.folder


def _folds(scenario: Scenario, grid: Grid) -> list[str]:
    """Return the paths of the grid whose numbers are folds over control."""
    layers, data = Layers(scenario), scenario.canonical()

    def fold(path: str) -> bool:
        above: Any = data
        for key in path.split(".")[:-1]:  # an id with a dot: then it is only not called a fold
            above = above.get(key) if isinstance(above, dict) else None
        return isinstance(above, dict) and above.get("model") == "fold"

    return [p for p, values in grid.axes.items() if all(map(fold, layers.full_paths(p, values[0])))]
