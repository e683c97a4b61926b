"""What the run folder of an audit holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.output.audit_figures import SENTENCES, draw_audit
from simulator.output.audit_journal import put_journal
from simulator.output.audit_page import audit_page, traps_page
from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.output.run_folder import write_origin, write_text
from simulator.scenario import Scenario
from simulator.tables import write_table

if TYPE_CHECKING:
    import pandas as pd

    from simulator.auditing.evidence import Evidence, World
    from simulator.auditing.result import Audit, TrapResult

_LINE_COLUMNS = (
    "measure", "family", "endpoint", "treated", "control", "value", "value_mcse", "plan",
    "plan_mcse", "limit", "verdict", "needed", "note",
)  # fmt: skip
#: Worlds in tables: pandas reads "null" as a missing cell.
WORLD_WORDS: Final[Mapping[World, str]] = {"as written": "as written", "null": "no effect"}
_FAILED_COLUMNS = ("world", "replicate", "failure", "message")
_TRAP_COLUMNS = ("id", "verdict", "catches", "right", "said", "source")
_SAID = ("p_value", "p_adjusted", "estimate", "ci_low", "ci_high", "u", "rejected")
_PLAN = ("plan_p_value", "plan_p_adjusted", "plan_u", "plan_estimate", "plan_rejected")


def write_audit(
    folder: Path,
    audit: Audit,
    *,
    answer: dict[str, Any],
    scenario: Scenario,
    origin: Provenance,
    journal: Path | None = None,
) -> None:
    """Write an audit: JSON, lines, every single run, figures, the page, and the journal.

    Parameters
    ----------
    folder : an existing folder, see ``run_folder``.
    answer : what goes into ``result.json``: the audit with its warnings and assumptions.
    journal : what came of every run, from which the audit can go on; it is copied.
    """
    import pandas as pd

    write_text(folder / "result.json", to_json(answer))
    lines = audit.to_frame()
    lines["needed"] = lines["needed"].astype("Int64")
    write_table(lines, folder / "lines.csv", columns=_LINE_COLUMNS)
    runs = pd.concat([runs_frame(run) for run in audit.runs.values()])
    write_table(runs, folder / "runs.csv")
    failed = [
        asdict(one) | {"world": WORLD_WORDS[one.world]}
        for run in audit.runs.values()
        for one in run.failed
    ]
    if failed:
        write_table(pd.DataFrame(failed), folder / "failed.csv", columns=_FAILED_COLUMNS)
    figures = folder / "figures"
    draw_audit(audit, figures, scenario=scenario)
    drawn = {name: figures / f"{name}.svg" for name in SENTENCES}
    texts = {n: path.read_text(encoding="utf-8") for n, path in drawn.items() if path.exists()}
    write_text(folder / "report.html", audit_page(audit, scenario=scenario, figures=texts))
    if journal is not None and journal.exists():
        put_journal(journal, folder)
    write_origin(folder, scenario, origin)


def write_traps(
    folder: Path,
    results: Sequence[TrapResult],
    *,
    answer: dict[str, Any],
    analysis: str,
    scenario: Scenario,
    origin: Provenance,
) -> None:
    """Write what an analysis made of the traps: JSON, a row per trap, and the page."""
    import pandas as pd

    write_text(folder / "result.json", to_json(answer))
    rows = pd.DataFrame([one.to_dict() for one in results], columns=list(_TRAP_COLUMNS))
    write_table(rows, folder / "traps.csv")
    write_text(folder / "report.html", traps_page(results, analysis=analysis, scenario=scenario))
    write_origin(folder, scenario, origin)


def runs_frame(run: Evidence) -> pd.DataFrame:
    """Return one row per replicate and comparison: what was said, and what the plan says.

    ``rejected`` is what the analysis says of it, ``decision`` what follows from all it says;
    ``failure`` is why a run has no result.
    """
    import pandas as pd

    comparisons = run.plan.comparisons
    shape = run.p_value.shape
    failure = np.full(run.replicates, "", dtype=object)
    for one in run.failed:
        failure[one.replicate] = one.failure
    columns: dict[str, Any] = {
        "world": WORLD_WORDS[run.world],
        "replicate": np.repeat(np.arange(run.replicates), len(comparisons)),
    }
    for name in ("family", "endpoint", "treated", "control"):
        columns[name] = [getattr(one, name) for one in comparisons] * run.replicates
    said = {name: getattr(run, name).ravel() for name in (*_SAID, *_PLAN)}
    decision = np.where(run.ran[:, None], run.decisions, np.nan).ravel()
    columns |= {name: said[name] for name in _SAID} | {"decision": decision}
    columns |= {name: said[name] for name in _PLAN}
    columns["failure"] = np.broadcast_to(failure[:, None], shape).ravel()
    frame = pd.DataFrame(columns)
    for name in ("rejected", "decision", "plan_rejected"):
        frame[name] = frame[name].astype("boolean")
    return frame
