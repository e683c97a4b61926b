"""A small study to be swept."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario_files import load_text
from simulator.sweeping.check import grid_of
from simulator.sweeping.grid import Grid

TEXT = """
schema_version: 1
id: swept
question: Which design?
seed: 7
design:
  arms:
    saline: {role: control}
    low: {role: test}
    high: {role: test}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
truth:
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, low: 2, high: 3}}
analysis:
  families:
    main: {endpoint: afc, arms: [low, high], against: saline, adjust: holm}
  trends:
    rise: {endpoint: afc, arms: [saline, low, high]}
decision:
  power: {target: 0.80, of: each, arms: high}
  n: {from: 4, to: 8}
  replicates: 700
  sweep:
    SWEEP
"""
SMALL = "grid: {truth.afc.cv: [30 %, 45 %], truth.afc.response.high: [2, 3]}"


def swept(sweep: str = SMALL) -> tuple[Scenario, Grid]:
    """Return the study with a sweep, and its designs."""
    scenario = load_text(TEXT.replace("SWEEP", sweep)).scenario
    return scenario, grid_of(scenario)
