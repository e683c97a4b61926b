"""What a run folder holds: one function per command that writes one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis import analyse
from simulator.output.figures import draw_cohort, draw_power
from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin, write_text
from simulator.scenario import Scenario
from simulator.tables import (
    ANALYSIS_COLUMNS,
    DOSE_COLUMNS,
    OBSERVATION_COLUMNS,
    SUBJECT_COLUMNS,
    TIMELINE_COLUMNS,
    write_table,
)

if TYPE_CHECKING:
    from simulator.analysis import Analysis
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.run import Run
    from simulator.trial.cohort.simulate import Cohort


def write_cohort(
    folder: Path, cohort: Cohort, *, scenario: Scenario, origin: Provenance
) -> Analysis:
    """Write one simulated study: its tables, truth, analysis, figures; return the analysis.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    """
    analysis = analyse(cohort.observations, scenario.analysis)
    write_table(cohort.subjects, folder / "subjects.csv", columns=SUBJECT_COLUMNS)
    write_table(cohort.doses, folder / "doses.csv", columns=DOSE_COLUMNS)
    write_table(cohort.observations, folder / "observations.csv", columns=OBSERVATION_COLUMNS)
    write_table(cohort.timeline, folder / "timeline.csv", columns=TIMELINE_COLUMNS)
    write_table(analysis.to_frame(), folder / "analysis.csv", columns=ANALYSIS_COLUMNS)
    write_text(folder / "truth.json", to_json(cohort.truth))
    draw_cohort(cohort, folder / "figures", scenario=scenario, replicate=cohort.replicate)
    write_origin(folder, scenario, origin)
    return analysis


def write_answer(folder: Path, run: Run) -> None:
    """Write a power or sample-size result: JSON, tables, figures with one example cohort."""
    import pandas as pd

    from simulator.trial.cohort.simulate import (
        simulate_cohort,  # pandas, SimPy: only where files are wanted
    )

    scenario, result = run.scenario, run.result
    write_text(folder / "result.json", to_json(run.to_dict()))
    write_table(result.to_frame(), folder / "comparisons.csv")
    write_table(pd.DataFrame(_curve_rows(result)), folder / "curve.csv")
    figures = folder / "figures"
    draw_power(
        result,
        figures,
        scenario=scenario,
        certified=run.certified,
        world=run.world,
        assurance=run.assurance,
    )
    draw_cohort(simulate_cohort(scenario, n=result.n_per_arm), figures, scenario=scenario)
    write_origin(folder, scenario, run.origin)


def _curve_rows(result: PowerResult) -> Sequence[dict[str, Any]]:
    """Return a row per n and comparison of the decision's family, then any, all and FWER."""
    rows = []
    for point in result.curve:
        named = [
            (c.family, c.endpoint, c.treated, c.control, "power", probability)
            for c, probability in zip(result.curve_comparisons, point.comparisons, strict=True)
        ]
        family = result.decision_family
        named += [
            (family, "", "", "", what, getattr(point, what)) for what in ("any", "all", "fwer")
        ]
        for name, endpoint, treated, control, what, probability in named:
            low, high = probability.ci
            rows.append(
                {
                    "n": point.n,
                    "family": name,
                    "endpoint": endpoint,
                    "treated": treated,
                    "control": control,
                    "what": what,
                    "value": probability.value,
                    "mcse": probability.known_mcse,
                    "low": low,
                    "high": high,
                    "replicates": probability.replicates,
                }
            )
    return rows
