"""Runs for the tests of the statement: few replicates, since they test words and not numbers."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from simulator.evaluation.power import power
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.evaluation.worlds import power_by_world
from simulator.output.document import Bullets, Document, Marked, Paragraph, Section, Table
from simulator.output.json_text import to_json
from simulator.output.provenance import provenance
from simulator.output.run import Run, run_of
from simulator.output.statement.statement import Form, statement
from simulator.scenario_files import Loaded, catalogue, load_text, read_scenario

FEW = 500
STUDY = "secretome-healthy-mice"
#: Two arms and a titer, nothing but what a file must hold: {design}, {analysis}, {decision} add.
SMALL = """
schema_version: 1
id: small
question: Does the drug raise the titer?
seed: 3
design:
  arms: {{saline: {{role: control}}, drug: {{role: test{arm}}}}}
  endpoints: {{titer: {{kind: titer, day: 5, primary: true}}}}
  {design}
truth:
  titer: {{control: 200, sd_log2: 1, response: {{model: fold, drug: 6}}}}
{analysis}
decision: {{power: 0.8, n: {{from: 4, to: 15}}{decision}}}
"""


def small(*, design: str = "", analysis: str = "", decision: str = "", arm: str = "") -> Loaded:
    """Return the small study with something added."""
    return load_text(SMALL.format(design=design, analysis=analysis, decision=decision, arm=arm))


def sized(loaded: Loaded, *, replicates: int = FEW) -> Run:
    """Return the run of a search for n, with the worlds of the file."""
    found = find_sample_size(loaded.scenario, replicates=replicates)
    worlds = power_by_world(loaded.worlds, n=found.result.n_per_arm, replicates=FEW)
    command = ["afcsim", "size", loaded.scenario.id]
    origin = provenance(loaded.scenario, command=command, made_with="size")
    return run_of(loaded, found, worlds=worlds, origin=origin)


def powered(loaded: Loaded, *, n: int, **settings: Any) -> Run:
    """Return the run of the power at one n."""
    found = power(loaded.scenario, n=n, replicates=FEW)
    origin = provenance(loaded.scenario, made_with="power", settings=settings)
    return run_of(loaded, found, worlds={}, origin=origin)


@cache
def of_catalogue(name: str) -> Run:
    """Return the run of a search for n of a catalogue scenario, searched once."""
    return sized(read_scenario(name))


NAMES = [entry.id for entry in catalogue()]


def answers(run: Run) -> dict[str, Any]:
    """Return the run's JSON, parsed."""
    found: dict[str, Any] = json.loads(to_json(run.to_dict()))
    return found


def told(run: Run, *, form: Form = "arrive") -> str:
    """Return all sentences of a statement with their marks, a line each; no tables."""
    return "\n".join(p.text for p in paragraphs(statement(run, form=form)))


def paragraphs(part: Document | Section) -> list[Paragraph]:
    """Return all paragraphs, those of lists too."""
    blocks = part.sections if isinstance(part, Document) else part.blocks
    found: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Section):
            found += paragraphs(block)
        elif isinstance(block, Bullets):
            found += block.items
        elif isinstance(block, Paragraph):
            found.append(block)
    return found


def tables(part: Document | Section) -> list[Table]:
    """Return all tables."""
    blocks = part.sections if isinstance(part, Document) else part.blocks
    found: list[Table] = []
    for block in blocks:
        if isinstance(block, Section):
            found += tables(block)
        elif isinstance(block, Table):
            found.append(block)
    return found


def marks(run: Run, kind: str, *, form: Form = "arrive") -> list[str]:
    """Return the marked pieces of a kind."""
    return [
        piece.text
        for paragraph in paragraphs(statement(run, form=form))
        for piece in paragraph.pieces
        if isinstance(piece, Marked) and piece.kind == kind
    ]
