"""A run folder says where it comes from."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime

import numpy

from simulator import load_scenario
from simulator.output.json_text import to_json
from simulator.output.provenance import provenance


def test_it_names_everything_that_can_change_a_number() -> None:
    scenario = load_scenario("quick-start", seed=7)
    before = datetime.now(UTC).replace(microsecond=0)
    found = provenance(scenario, command=["afcsim", "power"], settings={"n": 8}).to_dict()
    assert found["digest"] == scenario.digest
    assert found["seed"] == 7
    assert found["command"] == ("afcsim", "power")
    assert found["settings"] == {"n": 8}
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["numpy"] == numpy.__version__
    assert set(found["versions"]) == {
        "afcsim", "python", "numpy", "scipy", "numba", "pandas", "simpy",
    }  # fmt: skip
    assert before <= datetime.fromisoformat(found["made_at"]) <= datetime.now(UTC)
    assert json.loads(to_json(found))["made_by"] == "afcsim"


def test_a_changed_seed_is_another_digest() -> None:
    first, second = load_scenario("quick-start", seed=7), load_scenario("quick-start", seed=8)
    assert provenance(first).digest != provenance(second).digest
