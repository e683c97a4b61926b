"""The first file of a planner: a commented scenario to change, or one of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from simulator.errors import Problem, ScenarioError
from simulator.scenario_files.catalogue import catalogue

_STARTER = """\
# Change what you know; delete what you do not need. Everything left out has a default:
# afcsim validate {file} shows the plan and what it assumes.
schema_version: 1
id: {id}
question: How many mice per arm show the effect of the drug on antibody-forming cells?
seed: 1            # the same seed gives the same numbers

design:            # what the laboratory does
  substances:
    saline: {{role: vehicle}}
    drug: {{role: test, stock: 3.5 mg/mL}}     # the stock makes 10 uL/kg and 35 ug/kg one dose
  schedules:
    daily: {{start: 0 d, every: 1 d, count: 5}} # day 0 is the immunization
  arms:
    control: {{substance: saline, dose: 10 uL/kg, route: IM, schedule: daily}}
    drug: {{substance: drug, dose: [10 uL/kg, 50 uL/kg], route: IM, schedule: daily}} # two arms
  endpoints:
    afc: {{kind: plaque_count, day: 5, primary: true}}

truth:             # what you expect of nature
  afc:
    control: 5e4 /spleen                      # median of control mice
    cv: 45 %                                  # how much mice of one arm differ
    response: {{model: fold, drug: 3}}          # fold over control

analysis:          # what the statistician does
  families:
    primary: {{endpoint: afc, arms: test, against: control, adjust: holm, alpha: 0.05}}

decision:          # what you want to know
  power: 0.80
  n: {{from: 3, to: 30}}                        # animals per arm
"""


def starter_text(file: Path, *, template: str | None = None) -> str:
    """Return the text of a first scenario file.

    Parameters
    ----------
    file : where it will be; its name becomes the scenario's id.
    template : id of a catalogue scenario to copy; None for the general one.

    Raises
    ------
    ScenarioError : no such template.
    """
    if template is not None:
        return _copy(template)
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", file.stem).strip("-_.")[:64] or "my-study"
    # A bare number would be read as a number, not as a name.
    name = name if re.match(r"[A-Za-z]", name) else f"study-{name}"[:64]
    shown = str(file) if str(file).isprintable() else file.name.encode("ascii", "replace").decode()
    return _STARTER.format(file=shown, id=name)


def _copy(template: str) -> str:
    known = {entry.id: entry.path for entry in catalogue()}
    if template not in known:
        raise ScenarioError(
            template,
            [Problem("--from", f"no such scenario in the catalogue: {', '.join(known)}")],
        )
    return known[template].read_text(encoding="utf-8")
