"""The n for all worlds: the largest of the worlds' own, and why there is none."""

from __future__ import annotations

import pytest

from simulator.evaluation.power import power
from simulator.evaluation.sizing.for_worlds import find_sample_size_for_worlds, has_effect
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.scenario_files.loading import load_text

STUDY = """
schema_version: 1
id: worlds
question: How many mice are enough whichever world is true?
seed: {seed}
design:
  arms:
    saline: {{role: control}}
    drug: {{role: test}}
  endpoints:
    y: {{kind: continuous, day: 7, measured_in: mg}}
truth:
  y: {{control: 10 mg, sd_ln: 0.5, response: {{model: fold, drug: {fold}}}}}
decision:
  n: {{from: 3, to: {top}}}
  replicates: 2000
  worlds:
    weak: {{truth.y.response.drug: 2}}
    strong: {{truth.y.response.drug: 5}}
    no-effect: {{truth.y.response.drug: 1}}
"""


def _loaded(*, fold: float = 3, top: int = 25, seed: int = 5):
    return load_text(STUDY.format(fold=fold, top=top, seed=seed), name="worlds")


def test_the_largest_of_the_worlds_own_n_is_the_answer_for_all() -> None:
    loaded = _loaded()
    found = find_sample_size_for_worlds(loaded.scenario, loaded.worlds)
    assert list(found.by_world) == ["planned", "weak", "strong"]
    assert found.without_effect == ("no-effect",)
    assert found.deciding == "weak"
    alone = find_sample_size(loaded.worlds["weak"])
    assert found.answer.to_dict() == alone.to_dict()
    n = found.answer.n_per_arm
    assert n is not None
    # enough in the worlds that did not decide: on fresh studies, far above their target
    for name, world in (("planned", loaded.scenario), ("strong", loaded.worlds["strong"])):
        again = power(world.model_copy(update={"seed": 77}), n=n, replicates=2000)
        assert again.comparisons[0].power.interval(0.9999)[0] > 0.8, name


def test_a_world_that_is_out_of_reach_decides() -> None:
    loaded = _loaded(top=9)
    found = find_sample_size_for_worlds(loaded.scenario, loaded.worlds)
    assert (found.deciding, found.answer.status) == ("weak", "infeasible")
    assert found.by_world["planned"].status == "certified"


def test_where_nothing_has_an_effect_there_is_nothing_to_find() -> None:
    loaded = _loaded(fold=1)
    assert not has_effect(loaded.scenario)
    assert has_effect(loaded.worlds["weak"])
    with pytest.raises(ValueError, match="no world has an effect"):
        find_sample_size_for_worlds(loaded.scenario, {"no-effect": loaded.worlds["no-effect"]})
