"""What a result assumes is said, nature first, and nothing that does not matter."""

from __future__ import annotations

from simulator.output.assumptions import assumptions
from simulator.scenario_files import Loaded, read_scenario


def _found(name: str) -> tuple[Loaded, dict[str, str]]:
    loaded = read_scenario(name)
    return loaded, {one.path: one.value for one in assumptions(loaded.scenario, loaded.defaults)}


def test_what_the_file_calls_assumed_comes_first() -> None:
    _, found = _found("secretome-healthy-mice")
    assert found["truth.variability.afc.sd_ln"] == "0.6"
    assert list(found).index("truth.variability.afc.sd_ln") < list(found).index(
        "truth.kinetics.KAg"
    )
    assert "truth.effects.secretome.IM.emax" not in found  # fitted
    assert "truth.kinetics.rho" not in found  # published


def test_a_study_that_does_not_use_the_kinetic_model_does_not_assume_its_rates() -> None:
    loaded, found = _found("quick-start")
    assert not any(path.startswith("truth.kinetics") for path in found)
    assert set(found) == {one.path for one in loaded.defaults if one.status == "assumed"}
    assert next(iter(found)).startswith("truth.")


def test_every_assumption_says_where_it_is_from() -> None:
    loaded, _ = _found("secretome-healthy-mice")
    assert all(one.source for one in assumptions(loaded.scenario, loaded.defaults))
