"""What the run folder of a question with one answer holds: the answer, its tables, its figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin, write_text
from simulator.output.style import save
from simulator.scenario import Scenario
from simulator.tables import write_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    #: Figures by the name of their file.
    Figures: TypeAlias = Mapping[str, Figure]


def write_answer_folder(
    folder: Path,
    answer: Mapping[str, Any],
    *,
    tables: Mapping[str, pd.DataFrame],
    figures: Figures,
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write ``result.json``, ``NAME.csv`` of every table, ``figures/NAME`` of every figure.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    answer : the result with its warnings and assumptions.
    figures : drawn within ``style.look``, in which they are to be written too.
    """
    write_text(folder / "result.json", to_json(answer))
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
    for name, figure in figures.items():
        (folder / "figures").mkdir(exist_ok=True)
        save(figure, folder / "figures", name)
    write_origin(folder, scenario, origin)
