"""What the run folders of a detectable effect and of a sensitivity hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.output.detectable_figure import detectable_figure
from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin, write_text
from simulator.output.style import look, save
from simulator.output.tornado_figure import tornado_figure
from simulator.scenario import Scenario
from simulator.tables import write_table

if TYPE_CHECKING:
    from simulator.evaluation.detectable.result import Detectable
    from simulator.evaluation.sensitivity.result import Sensitivity


def write_detectable(
    folder: Path,
    found: Detectable,
    *,
    answer: dict[str, Any],
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write the answer, a row per n and endpoint, and the curve where there are several n.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    answer : what goes into ``result.json``: the result with its warnings and assumptions.
    """
    write_text(folder / "result.json", to_json(answer))
    write_table(found.to_frame(), folder / "effects.csv")
    figures = folder / "figures"
    with look():
        figure = detectable_figure(found, scenario=scenario)
        if figure is not None:
            figures.mkdir(parents=True, exist_ok=True)
            save(figure, figures, "detectable-effect")
    write_origin(folder, scenario, origin)


def write_sensitivity(
    folder: Path,
    found: Sensitivity,
    *,
    answer: dict[str, Any],
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write the answer, a row per assumption and end, and the tornado.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    answer : what goes into ``result.json``: the result with its warnings and assumptions.
    """
    write_text(folder / "result.json", to_json(answer))
    write_table(found.to_frame(), folder / "sensitivity.csv")
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    with look():
        save(tornado_figure(found), figures, "tornado")
    write_origin(folder, scenario, origin)
