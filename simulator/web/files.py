"""The files that a page gives away, made of the same objects as those of the commands."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.output.run import Run
    from simulator.output.statement.statement import Form
    from simulator.web.known import Answer


def yaml_text(answer: Answer) -> str:
    """Return the plan as a scenario file, everything filled in."""
    from simulator.scenario_files import dump_scenario

    return dump_scenario(answer.loaded.scenario)


def json_answer(answer: Answer) -> str:
    """Return the answer as ``afcsim size --json`` prints it."""
    from simulator.output.json_text import to_json

    return to_json(settled(answer).to_dict()) + "\n"


def sheets(answer: Answer) -> bytes:
    """Return the sheets of ``afcsim allocate`` as a ZIP."""
    from simulator.output.provenance import provenance
    from simulator.output.sheets import write_sheets
    from simulator.trial.allocation.allocate import allocate
    from simulator.trial.allocation.dosing_sheet import dosing_sheet

    scenario, plan = answer.loaded.scenario, answer.plan
    found = allocate(scenario, n=answer.n, source=plan.name)
    dosing = dosing_sheet(scenario, found, source=plan.name)
    origin = provenance(
        scenario, command=("afcsim", "serve"), made_with="allocate", settings={"n": answer.n}
    )
    stream = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="afcsim-") as name:
        folder = Path(name)
        write_sheets(folder, found, dosing, scenario=scenario, origin=origin)
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, f"{scenario.id}/{path.relative_to(folder).as_posix()}")
    return stream.getvalue()


def report(answer: Answer) -> str:
    """Return the report of ``afcsim report`` as one HTML file."""
    from simulator.output.document_html import to_html
    from simulator.output.report.contents import report_of

    return to_html(report_of(settled(answer)))


def statement(answer: Answer, form: Form) -> str:
    """Return the statement of ``afcsim statement``, as Markdown."""
    from simulator.output.statement.written import statement_text

    return statement_text(settled(answer), form=form, format="markdown")


def settled(answer: Answer) -> Run:
    """Return the run of an answer, which is there once it is offered."""
    if answer.run is None:
        raise ValueError("the answer is not settled yet")
    return answer.run
