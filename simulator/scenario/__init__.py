"""The nouns of a study: frozen models with units resolved. No files, no randomness."""

from simulator.scenario.analysis_plan import AnalysisPlan, Comparison, Family, Trend
from simulator.scenario.decision import Decision
from simulator.scenario.design import Arm, Design, Endpoint
from simulator.scenario.study import Scenario
from simulator.scenario.truth import Truth

__all__ = [
    "AnalysisPlan",
    "Arm",
    "Comparison",
    "Decision",
    "Design",
    "Endpoint",
    "Family",
    "Scenario",
    "Trend",
    "Truth",
]
