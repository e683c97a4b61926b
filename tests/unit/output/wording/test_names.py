"""Numbers of a plan have words, and those that move the sample size are known as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.output.assumptions import assumptions, parameters
from simulator.output.wording.names import Name, name_of
from simulator.scenario_files import catalogue, read_scenario

VALID = Path(__file__).parents[3] / "scenarios" / "valid"
FILES = [*(entry.id for entry in catalogue()), *sorted(str(one) for one in VALID.glob("*.yaml"))]


@pytest.mark.parametrize("source", FILES, ids=lambda source: Path(source).stem)
def test_every_number_has_words(source: str) -> None:
    loaded = read_scenario(source)
    truth = parameters(loaded.scenario.truth.model_dump(mode="json"), "truth")
    paths = [one.path for one in assumptions(loaded.scenario, loaded.defaults)]
    paths += [path for path, _ in truth]
    assert [path for path in paths if name_of(path).words == path] == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("truth.variability.afc.sd_ln",
         Name("spread of afc between animals (sd on the natural log scale)", "spread", "afc")),
        ("truth.variability.sensitivity.sd_ln",
         Name("spread of drug sensitivity between animals (sd on the natural log scale)",
              "spread")),
        # an arm may have a dot in its id
        ("truth.spleen.response.drug-0.02",
         Name("fold of spleen over control in drug-0.02", "effect", "spleen")),
        ("truth.effects.thymalin.any_route.rise",
         Name("effect of thymalin by any route, the same at every dose", "effect")),
        ("truth.variability.cage_icc",
         Name("share of the spread that cage mates have in common", "cages")),
        ("design.attrition.loss", Name("share of animals that die", "losses")),
        ("truth.kinetics.d0", Name("early rate at which blasts become AFC", "other")),
        ("truth.afc.response.{0}", Name("fold of afc over control in {0}", "effect", "afc")),
        ("nobody.knows", Name("nobody.knows", "other")),
    ],
)  # fmt: skip
def test_names_are_words_with_their_kind(path: str, name: Name) -> None:
    assert name_of(path) == name
