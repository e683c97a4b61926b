"""What ``import simulator`` offers, and what it does not."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import simulator

ROOT = Path(__file__).resolve().parents[2]

#: The public names. A change here is a change of the interface: it belongs in the CHANGELOG.
PUBLIC = [
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


def test_the_names_are_pinned() -> None:
    assert dir(simulator) == sorted(simulator.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_is_there(name: str) -> None:
    assert getattr(simulator, name) is not None


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="module 'simulator' has no attribute 'Experiment'"):
        simulator.Experiment  # noqa: B018


def test_star_import_gives_exactly_these() -> None:
    names: dict[str, object] = {}
    exec("from simulator import *", names)
    assert sorted(set(names) - {"__builtins__"}) == PUBLIC


def test_the_version_is_the_distributions() -> None:
    try:
        installed = version("afcsim")
    except PackageNotFoundError:
        installed = "0+source"
    assert simulator.__version__ == installed


def test_the_package_is_typed() -> None:
    assert (Path(simulator.__file__).parent / "py.typed").exists()


def test_importing_it_imports_no_other_room() -> None:
    code = (
        "import sys; before = set(sys.modules); import simulator;"
        "print(*sorted(m for m in set(sys.modules) - before if m.startswith('simulator')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["simulator"]
