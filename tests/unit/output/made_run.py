"""Runs for tests: small ones, as the commands make them."""

from __future__ import annotations

from pathlib import Path

from simulator.evaluation.power import power
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.evaluation.worlds import power_by_world
from simulator.output.provenance import provenance
from simulator.output.results import write_answer
from simulator.output.run import Run, run_of
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
    """Return the run of ``afcsim power``, with the worlds of the file."""
    loaded = read_scenario(source) if isinstance(source, str) else source
    result = power(loaded.scenario, n=n, replicates=replicates)
    worlds = power_by_world(loaded.worlds, n=result.n_per_arm, replicates=replicates)
    origin = provenance(
        loaded.scenario,
        command=["afcsim", "power"],
        made_with="power",
        settings={"n": result.n_per_arm, "replicates": replicates},
    )
    return run_of(loaded, result, worlds=worlds, origin=origin)


def sized(source: str | Loaded, *, replicates: int = 500) -> Run:
    """Return the run of ``afcsim size``, without worlds."""
    loaded = read_scenario(source) if isinstance(source, str) else source
    found = find_sample_size(loaded.scenario, replicates=replicates)
    origin = provenance(
        loaded.scenario,
        command=["afcsim", "size"],
        made_with="size",
        settings={"replicates": replicates},
    )
    return run_of(loaded, found, worlds={}, origin=origin)


def hostile() -> Run:
    """Return the run of a scenario whose texts want to break the page."""
    return powered(load_text(HOSTILE_FILE), n=4)


def written(run: Run, folder: Path) -> Path:
    """Write the run folder."""
    with run_folder(folder, command=run.origin.made_with) as aside:
        write_answer(aside, run)
    return folder
