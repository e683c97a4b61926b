"""Files, catalogue, worlds, seeds: everything around the text of a scenario."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import (
    catalogue,
    dump_scenario,
    load_scenario,
    load_text,
    read_scenario,
)

STUDY = "secretome-healthy-mice"
VALID = Path(__file__).parents[2] / "scenarios" / "valid"


def test_the_catalogue_opens_with_its_questions() -> None:
    entries = catalogue()
    assert [entry.id for entry in entries] == [
        "quick-start",
        STUDY,
        "schedule-matters",
        "suppression-and-rescue",
        "pilot-to-confirmatory",
        "uncertain-effect",
        "no-effect",
        "too-small",
        "arm-by-arm-kill",
        "whole-cage-arms",
        "two-day-kill",
        "one-technician",
    ]
    for entry in entries:
        text = entry.path.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert "Sources" in text.split("schema_version")[0]
        scenario = load_scenario(entry.id)
        assert scenario.id == entry.id
        assert scenario.question == entry.question
        assert scenario.question.endswith("?")
        assert scenario.sources


def test_the_study_is_the_study() -> None:
    scenario = load_scenario(STUDY)
    arms = scenario.design.arms
    assert list(arms) == [
        "control",
        "thymalin",
        *(f"secretome-{route}-{dose}" for route in ("im", "sc") for dose in (10, 20, 50)),
    ]
    assert arms["secretome-im-50"].group == "secretome-im"
    doses = [arms[f"secretome-sc-{n}"].regimens[0].dose for n in (10, 20, 50)]
    assert [(dose.volume, dose.mass) for dose in doses] == [(10, 35), (20, 70), (50, 175)]
    assert scenario.design.schedules["daily"].days == (0, 1, 2, 3, 4)
    assert scenario.analysis.families["afc-over-thymalin"].arms == tuple(arms)[2:]
    assert scenario.analysis.trends["afc-im"].arms == ("control", *tuple(arms)[2:5])


def test_volume_and_mass_are_two_views_of_one_dose() -> None:
    text = next(e for e in catalogue() if e.id == "pilot-to-confirmatory").path.read_text()
    assert "dose: 70 ug/kg" in text
    by_mass = load_text(text).scenario
    by_volume = load_text(text.replace("dose: 70 ug/kg", "dose: 20 uL/kg")).scenario
    assert by_mass == by_volume
    assert by_mass.digest == by_volume.digest
    ten = load_scenario(VALID / "both-views.yaml").design.arms
    assert ten["by-volume"].regimens == ten["by-mass"].regimens


def test_loading_the_study_takes_less_than_a_second() -> None:
    load_scenario(STUDY)  # imports and the units library's own start
    began = time.perf_counter()
    load_scenario(STUDY)
    # Measured 0.06 s on a slow core; a second is what a person notices.
    assert time.perf_counter() - began < 1


def test_a_seed_replaces_the_file_s() -> None:
    assert load_scenario("quick-start", seed=7).seed == 7
    with pytest.raises(ScenarioError, match="-1 must be a whole number from 0"):
        load_scenario("quick-start", seed=-1)


def test_a_world_changes_what_it_says_and_nothing_else() -> None:
    base, world = load_scenario(STUDY), load_scenario(STUDY, world="pessimistic")
    spread = world.truth.variability.endpoints["afc"]
    assert spread.log_sd == 0.9
    effect = world.truth.effects["secretome"].IM
    assert effect is not None
    assert effect.emax is not None
    assert effect.emax.value == 0.35
    assert world.design == base.design
    assert world.analysis == base.analysis
    assert world.truth.effects["thymalin"] == base.truth.effects["thymalin"]
    with pytest.raises(ScenarioError, match='did you mean "pessimistic"'):
        load_scenario(STUDY, world="pesimistic")


def test_every_world_is_loaded_with_the_file() -> None:
    loaded = read_scenario(STUDY, seed=5)
    assert set(loaded.worlds) == set(loaded.scenario.decision.worlds)
    for world, scenario in loaded.worlds.items():
        assert scenario == load_scenario(STUDY, world=world, seed=5)


def test_an_amount_is_written_with_its_unit() -> None:
    resolved = load_scenario(VALID / "every-shorthand.yaml").canonical()["truth"]
    assert resolved["phagocytosis"]["control"]["value"] == "60 %"
    assert resolved["variability"]["phagocytosis"]["sd"]["value"] == "7 %"
    assert resolved["variability"]["temperature"]["sd"]["value"] == "0.4 °C"
    assert resolved["spleen"]["control"]["value"] == "120 mg"


def test_worlds_reach_shorthand_dose_lists_roles_and_schedules() -> None:
    path = VALID / "every-shorthand.yaml"
    strong = load_scenario(path, world="strong")
    doses = [strong.design.arms[a].regimens[0].dose for a in ("secretome-10", "secretome-0.02")]
    assert {(dose.volume, dose.mass) for dose in doses} == {(20, 70)}
    assert strong.truth.variability.endpoints["spleen"].cv is not None
    short = load_scenario(path, world="short")
    assert short.design.schedules["daily"].days == (0, 1, 2)
    dose = short.design.arms["secretome-10"].regimens[0].dose
    assert (dose.volume, dose.mass) == (10, 70)  # the syringe stays, the stock is twice as strong


def test_folds_by_arm_go_before_dose_lists_and_roles() -> None:
    scenario = load_scenario(VALID / "roles-and-groups.yaml")
    for endpoint in ("afc", "titer"):
        response = scenario.truth.endpoints[endpoint].response
        assert response is not None
        assert response.model == "fold"
        folds = {arm: fold.value for arm, fold in response.folds.items()}
        assert folds == {"thymalin": 2.5, "a-5": 3, "a-10": 4, "b-5": 2, "b-10": 2}


def test_yaml_1_2_scalars() -> None:
    scenario = load_scenario(VALID / "yaml-traps.yaml")
    assert scenario.id == "no"
    assert scenario.seed == 16
    assert scenario.sources == {
        "paper": "on", "other": "3 mice", "third": "1e8", "fourth": "~",
    }  # fmt: skip
    assert list(scenario.design.arms) == ["off", "y"]
    assert scenario.design.immunization.dose == 1e8


def test_what_the_file_did_not_state() -> None:
    defaults = {d.path: d for d in read_scenario("quick-start").defaults}
    assert defaults["design.animals.strain"].status == "assumed"
    assert defaults["decision.n.to"].value == "30"
    assert defaults["analysis.method"].value == "auto"
    assert "drug against saline, holm" in defaults["analysis.families.primary"].value
    assert "decision.power.target" not in defaults
    assert not any(path.startswith("truth.kinetics") for path in defaults)
    study = {d.path: d for d in read_scenario(STUDY).defaults}
    assert study["truth.kinetics.N0"].status == "published"
    assert study["truth.kinetics.N0"].source.startswith("about 10^3")
    assert study["truth.phagocytosis.response"].value == "no effect"
    assert "truth.variability.afc.sd_ln" not in study


@pytest.mark.parametrize(
    ("strain", "afc", "titer"),
    [("outbred white", 0.60, 1.6), ("C57BL/6", 0.40, 1.0), ("an inbred line", 0.40, 1.0)],
)
def test_spreads_follow_the_strain(strain: str, afc: float, titer: float) -> None:
    text = f"""\
schema_version: 1
id: spreads
question: How much do mice differ?
seed: 1
design:
  animals: {{strain: {strain}}}
  arms: {{a: {{role: control}}, b: {{role: test}}}}
  endpoints: {{afc: {{kind: plaque_count, day: 5}}, titer: {{kind: titer, day: 5}}}}
truth: {{response: kinetic}}
"""
    spreads = load_text(text).scenario.truth.variability.endpoints
    assert spreads["afc"].sd_ln is not None
    assert spreads["afc"].sd_ln.value == afc
    assert spreads["titer"].sd_log2 is not None
    assert spreads["titer"].sd_log2.value == titer
    assert spreads["afc"].sd_ln.status == "assumed"


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match='did you mean "quick-start"'):
        load_scenario("quick-strat.yaml")
    with pytest.raises(ScenarioError, match="is a folder"):
        load_scenario(tmp_path)
    with pytest.raises(ScenarioError, match="is not a file"):
        load_scenario(os.devnull)
    for name in ("\0", "x" * 5000, ""):
        with pytest.raises(ScenarioError, match="no such file"):
            load_scenario(name)


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(10_000_000)
    with pytest.raises(ScenarioError, match="10,000,000 bytes; a scenario has at most 1,000,000"):
        load_scenario(path)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.yaml"
    path.write_text("schema_version: 1\n")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    # By chmod this could not be tested as root, who may read everything.
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ScenarioError, match="no permission"):
        load_scenario(path)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 9_000,
        "? " * 4_000 + "\n",
        "".join(f"k{i}: 1\n" for i in range(80_000)),
        "&a\n" * 100_000,
        "%a\n" * 200_000,
        "a: " + "!" * 900_000,
        "{" + "a," * 400_000,
        "- - - -\n" * 100_000,
        "a: |\n" + " x\n" * 300_000,
    ],
    ids=["deep", "keys", "many", "anchors", "directives", "tag", "flow", "lists", "scalar"],
)
def test_absurd_text_is_refused_quickly(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ScenarioError, match=r"\d+ problem") as caught:
        load_text(text)
    # Without the limits of the reader these take half a minute; 10 s tells the two apart.
    assert time.perf_counter() - began < 10
    assert len(str(caught.value)) < 100_000


PAIR = """\
schema_version: 1
id: pair
question: What does the drug do?
seed: 1
design:
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
    titer: {kind: titer, day: 5}
truth:
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, drug: 3}}
  titer: {control: 200, sd_log2: 1.6}
"""
DRUG = ", response: {model: fold, drug: 3}"


def test_an_untested_endpoint_without_response_is_listed_as_no_effect() -> None:
    said = {d.path: d.value for d in load_text(PAIR).defaults}
    assert said["truth.titer.response"] == "no effect"
    assert "truth.afc.response" not in said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (DRUG, ", response: fold"),
        (DRUG, ", response: {model: fold}"),
        ("truth:\n", "truth:\n  response: fold\n"),
    ],
)
def test_no_effect_may_be_stated_in_short(old: str, new: str) -> None:
    loaded = load_text(PAIR.replace(old, new).replace(DRUG, ""))
    response = loaded.scenario.truth.response_of("afc")
    assert response.model == "fold"
    assert response.folds == {}


def test_a_compared_endpoint_without_response_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"truth\.afc\.response  is missing: what drug does"):
        load_text(PAIR.replace(DRUG, ""))
    both = PAIR.replace(", primary: true", "")  # without a primary endpoint, all are compared
    with pytest.raises(ScenarioError, match=r"truth\.titer\.response  is missing"):
        load_text(both)


def test_spaces_of_a_word_processor_are_spaces() -> None:
    pasted = PAIR.replace("  arms", "\u00a0\u00a0arms").replace("seed: ", "seed:\u00a0")
    pasted = pasted.replace("5e4 /", "5e4\u202f/")
    assert load_text(pasted).scenario == load_text(PAIR).scenario


def test_escaped_spaces_of_a_word_processor_survive_the_dump() -> None:
    asked = PAIR.replace("What does the drug do?", '"What\\u00a0does\\u202fit \\\\\\u00a0do?"')
    scenario = load_text(asked).scenario
    assert scenario.question == "What\u00a0does\u202fit \\\u00a0do?"
    assert load_text(dump_scenario(scenario)).scenario == scenario


def test_the_dump_says_percent_and_concentration_as_people_do() -> None:
    short = "{x: {role: test, stock: 3.5 mg/mL}}"
    text = PAIR.replace("design:\n", f"design:\n  substances: {short}\n").replace("45 %", "35 %")
    dumped = dump_scenario(load_text(text).scenario)
    assert "stock: 3.5 mg/mL" in dumped
    assert "value: 0.35" in dumped
    assert "0.350" not in dumped


def test_a_titer_with_three_decimals_survives_the_dump() -> None:
    scenario = load_text(PAIR.replace("control: 200", 'control: "64.1250"')).scenario
    assert scenario.truth.endpoints["titer"].control.value == 64.125
    assert load_text(dump_scenario(scenario)).scenario == scenario


def test_too_many_arms_are_counted() -> None:
    arms = "\n".join(f"    a{k}: {{role: test}}" for k in range(300))
    text = (
        "schema_version: 1\nid: many\nquestion: Is there an effect?\nseed: 1\ndesign:\n"
        f"  arms:\n    saline: {{role: control}}\n{arms}\n"
        "  endpoints: {afc: {kind: plaque_count, day: 5}}\n"
        "truth: {afc: {control: 5e4 /spleen, response: {model: fold}}}\n"
    )
    with pytest.raises(ScenarioError, match=r"design\.arms +has 301, more than the 200 allowed"):
        load_text(text)
