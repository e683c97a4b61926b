"""What the run folder of a control ratio holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.output.run_folder import digest_of, write_origin, write_text
from simulator.scenario import Scenario
from simulator.tables import write_table

if TYPE_CHECKING:
    from simulator.evaluation.control_ratio.result import ControlRatioResult


def write_ratio(
    folder: Path,
    found: ControlRatioResult,
    *,
    answer: dict[str, Any],
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write the answer, every pair looked at, and the figure.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    """
    from simulator.output.ratio_figure import ratio_figure
    from simulator.output.style import look, save

    result = folder / "result.json"
    write_text(result, to_json(answer))
    write_table(found.to_frame(), folder / "pairs.csv")
    figures = folder / "figures"
    figures.mkdir()
    with look():
        save(ratio_figure(found), figures, "control-ratio")
    write_origin(folder, scenario, replace(origin, answer=digest_of(result)))
