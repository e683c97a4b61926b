"""Simulate animal studies of the immune response before a single animal is ordered.

The front door: names only, each imported when it is first used, so that ``import simulator``
costs nothing.

>>> import simulator
>>> scenario = simulator.load_scenario("quick-start")
>>> scenario.id
'quick-start'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.analysis.analyse import analyse
    from simulator.auditing.audit import audit
    from simulator.auditing.testing.assertions import assert_operating_characteristics
    from simulator.errors import (
        DataError,
        InputError,
        MissingExtraError,
        OutputError,
        Problem,
        ScenarioError,
        SimulatorError,
    )
    from simulator.evaluation.assurance import assurance
    from simulator.evaluation.control_ratio.control_ratio import control_ratio
    from simulator.evaluation.detectable.detect import smallest_detectable_effect
    from simulator.evaluation.diagnosis.diagnose import diagnose
    from simulator.evaluation.exact.enumerated import power_by_enumeration
    from simulator.evaluation.feasibility import feasibility
    from simulator.evaluation.power import power
    from simulator.evaluation.sensitivity.sensitivity import sensitivity
    from simulator.evaluation.sizing.sample_size import find_sample_size
    from simulator.scenario import (
        AnalysisPlan,
        Arm,
        Comparison,
        Decision,
        Design,
        Endpoint,
        Family,
        Scenario,
        Trend,
        Truth,
    )
    from simulator.scenario_files import dump_scenario, load_scenario
    from simulator.sweeping.sweep import sweep
    from simulator.trial.allocation.allocate import allocate
    from simulator.trial.cohort.simulate import simulate_cohort

    __version__: str

__all__ = [
    "AnalysisPlan",
    "Arm",
    "Comparison",
    "DataError",
    "Decision",
    "Design",
    "Endpoint",
    "Family",
    "InputError",
    "MissingExtraError",
    "OutputError",
    "Problem",
    "Scenario",
    "ScenarioError",
    "SimulatorError",
    "Trend",
    "Truth",
    "__version__",
    "allocate",
    "analyse",
    "assert_operating_characteristics",
    "assurance",
    "audit",
    "control_ratio",
    "diagnose",
    "dump_scenario",
    "feasibility",
    "find_sample_size",
    "load_scenario",
    "power",
    "power_by_enumeration",
    "sensitivity",
    "simulate_cohort",
    "smallest_detectable_effect",
    "sweep",
]

_ROOMS = {
    "simulator.analysis.analyse": ("analyse",),
    "simulator.auditing.testing.assertions": ("assert_operating_characteristics",),
    "simulator.auditing.audit": ("audit",),
    "simulator.evaluation.assurance": ("assurance",),
    "simulator.evaluation.control_ratio.control_ratio": ("control_ratio",),
    "simulator.evaluation.detectable.detect": ("smallest_detectable_effect",),
    "simulator.evaluation.diagnosis.diagnose": ("diagnose",),
    "simulator.evaluation.exact.enumerated": ("power_by_enumeration",),
    "simulator.evaluation.feasibility": ("feasibility",),
    "simulator.evaluation.power": ("power",),
    "simulator.evaluation.sensitivity.sensitivity": ("sensitivity",),
    "simulator.evaluation.sizing.sample_size": ("find_sample_size",),
    "simulator.sweeping.sweep": ("sweep",),
    "simulator.scenario_files": ("dump_scenario", "load_scenario"),
    "simulator.trial.allocation.allocate": ("allocate",),
    "simulator.trial.cohort.simulate": ("simulate_cohort",),
    "simulator.errors": (
        "DataError",
        "InputError",
        "MissingExtraError",
        "OutputError",
        "Problem",
        "ScenarioError",
        "SimulatorError",
    ),
    "simulator.scenario": (
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
    ),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return _version()
    if name not in _HOME:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("afcsim")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0+source"
