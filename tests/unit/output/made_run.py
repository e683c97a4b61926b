"""Runs for tests: small ones, as the commands make them."""

from __future__ import annotations

from pathlib import Path

from simulator.output.answering import Asked, powered_run, sized_run
from simulator.output.results import write_answer
from simulator.output.run import Run
from simulator.output.run_folder import run_folder
from simulator.scenario_files import Loaded, load_text, read_scenario

#: What somebody could write who wants to break a page: tags, quotes, signs of Markdown and of
#: formulas, an override of the direction of writing, right-to-left letters, an emoji.
HOSTILE = (
    "</title><script>alert(1)</script> \"'`*_[x](http://example.org)| &amp; $\\frac{1}{0}$ "
    "\u202egnp.exe\u202c \u05e9\u05dc\u05d5\u05dd 🐁"
)
_IN_YAML = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
#: The same with an endpoint, a strain and sources of such names; one source is nearly 1 MB.
LONG = ("    " + "<b>long</b> " * 75 + "\n") * 1_000
HOSTILE_FILE = f"""
schema_version: 1
id: hostile
question: "{_IN_YAML}"
sources:
  "{_IN_YAML}": "{_IN_YAML}"
  long: |
{LONG}seed: 1
design:
  animals: {{strain: "{_IN_YAML}"}}
  immunization: {{antigen: "{_IN_YAML}"}}
  arms:
    saline: {{role: control}}
    a_b: {{role: test}}
  endpoints:
    weight_mg: {{kind: continuous, distribution: normal, measured_in: "<b>$m_g$ \u05e9 🐁", day: 5}}
truth:
  weight_mg:
    control: {{value: 100, status: assumed, source: "{_IN_YAML}"}}
    response: {{model: fold, a_b: {{value: 1.2, status: published, source: "{_IN_YAML}"}}}}
  variability: {{weight_mg: {{sd: 10}}}}
decision: {{n: {{from: 3, to: 6}}}}
"""


def powered(source: str | Loaded, *, n: int | None = None, replicates: int = 100) -> Run:
    """Return the run of ``afcsim power``."""
    loaded = read_scenario(source) if isinstance(source, str) else source
    how = Asked(command=("afcsim", "power"), made_with="power", replicates=replicates)
    return powered_run(loaded, how, n=n)


def sized(source: str | Loaded, *, replicates: int = 500) -> Run:
    """Return the run of ``afcsim size``."""
    loaded = read_scenario(source) if isinstance(source, str) else source
    how = Asked(command=("afcsim", "size"), made_with="size", replicates=replicates)
    return sized_run(loaded, how)


def hostile() -> Run:
    """Return the run of a scenario whose texts want to break the page."""
    return powered(load_text(HOSTILE_FILE), n=4)


def written(run: Run, folder: Path) -> Path:
    """Write the run folder."""
    with run_folder(folder, command=run.origin.made_with) as aside:
        write_answer(aside, run)
    return folder
