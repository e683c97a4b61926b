"""Numbers of nature that are distributions: reading, medians, quantiles, other values."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from scipy import stats

from simulator.scenario.priors import Prior, believed, parameters, priors, with_values
from simulator.scenario_files import dump_scenario, load_scenario, read_scenario
from simulator.scenario_files.loading import Loaded, load_text

FILE = Path(__file__).parents[2] / "scenarios" / "valid" / "priors.yaml"
FOLD = ("truth", "afc", "response", "drug")


def test_a_distribution_stands_for_its_median_unless_a_value_is_given() -> None:
    truth = load_scenario(FILE).truth
    control = truth.endpoints["afc"].control
    assert control is not None
    assert (control.value, control.uniform) == (50_000.0, (40_000.0, 60_000.0))
    assert truth.variability.endpoints["afc"].cv.value == 0.45
    assert truth.endpoints["afc"].response.folds["drug"].value == 2.8
    assert truth.variability.endpoints["gamma-globulin"].sd.lognormal == (1.0, 0.1)
    assert truth.variability.cage_icc.value == 0.1


def test_the_resolved_form_says_the_same_again() -> None:
    scenario = load_scenario(FILE)
    again = load_text(dump_scenario(scenario), name="again").scenario
    assert again == scenario
    assert priors(again) == priors(scenario)


@pytest.mark.parametrize(
    ("prior", "reference"),
    [
        (Prior("normal", 3.0, 1.0), stats.norm(3, 1)),
        (Prior("normal", 3.0, 1.0, 0.0, 4.0), stats.truncnorm(-3, 1, loc=3, scale=1)),
        (Prior("lognormal", 3.0, 0.5), stats.lognorm(0.5, scale=3)),
        (Prior("uniform", 2.0, 6.0), stats.uniform(2, 4)),
        (Prior("uniform", -1.0, 1.0, 0.0, math.inf), stats.uniform(0, 1)),
    ],
    ids=["normal", "cut off", "lognormal", "uniform", "half of a uniform"],
)
def test_quantiles_are_those_of_scipy(prior: Prior, reference: stats.rv_continuous) -> None:
    for share in (0.001, 0.1, 0.5, 0.9, 0.999):
        # NormalDist and scipy invert the normal by different rational functions
        assert prior.quantile(share) == pytest.approx(reference.ppf(share), rel=1e-9)


def test_what_cannot_be_is_told_by_its_probability() -> None:
    assert Prior("normal", 0.05, 0.03, low=0.0).outside == pytest.approx(stats.norm.cdf(-5 / 3))
    (warning,) = [
        w
        for w in _quick("{normal: [1, 0.5]}").warnings
        if w.path == "truth.afc.response.drug.normal"
    ]
    assert "2.3 % of this distribution is not possible" in warning.message


def test_a_prior_that_is_cut_off_says_where_its_middle_is() -> None:
    """The planned value is the median of the whole law, what is drawn has another."""
    loaded = _quick("{normal: [0.3, 0.4]}")
    (warning,) = [w for w in loaded.warnings if w.path == "truth.afc.response.drug.normal"]
    median = stats.truncnorm(-0.75, math.inf, loc=0.3, scale=0.4).median()
    assert f"whose median is {median:.3g}, not the planned 0.3" in warning.message
    assert "median" not in _about("{normal: [3, 1.5], value: 3.04}")


def test_a_wide_lognormal_prior_is_questioned() -> None:
    low, high = stats.lognorm(1.5, scale=2.5).ppf([0.05, 0.95])
    assert f"90 % of this distribution is {low:.3g} to {high:.3g}" in _about(
        "{lognormal: [2.5, 1.5]}"
    )
    assert _about("{lognormal: [2.5, 0.9]}") == ""


def test_what_is_believed_is_told_with_its_5_to_95_percent() -> None:
    scenario = _quick("{lognormal: [2.5, 0.35]}").scenario
    low, high = stats.lognorm(0.35, scale=2.5).ppf([0.05, 0.95])
    assert believed(scenario)["truth.afc.response.drug"].endswith(
        f"5 % to 95 %: {low:.3g} to {high:.3g}"
    )


def test_other_values_change_these_numbers_and_nothing_else() -> None:
    scenario = load_scenario(FILE)
    changed = with_values(scenario, {FOLD: 5.0})
    before, after = dict(parameters(scenario)), dict(parameters(changed))
    assert [place for place in before if before[place] != after[place]] == [FOLD]
    assert after[FOLD].value == 5.0
    assert after[FOLD].prior is None
    assert with_values(scenario, {}) == scenario
    assert scenario.truth.endpoints["afc"].response.folds["drug"].value == 2.8


def test_every_number_of_the_studies_of_the_catalogue_can_be_another() -> None:
    for name in ("secretome-healthy-mice", "quick-start"):
        scenario = load_scenario(name)
        other = {place: number.value for place, number in parameters(scenario)}
        assert with_values(scenario, other) == scenario
        assert len(other) > 20


def test_endpoints_that_follow_the_studys_response_follow_its_prior() -> None:
    scenario = load_text(
        """
schema_version: 1
id: two-endpoints
question: Do AFC and titer share one curve?
seed: 1
design:
  substances: {drug: {role: test, stock: 1 mg/mL}}
  schedules: {once: {days: [0]}}
  arms:
    saline: {role: control}
    drug: {substance: drug, dose: 1 mg/kg, route: SC, schedule: once}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
    titer: {kind: titer, day: 5}
truth:
  response: {model: emax, drug: {SC: {emax: {normal: [1, 0.1]}, ed50: 500 ug/kg}}}
  afc: {control: 5e4 /spleen, cv: 45 %}
  titer: {control: 128, sd_log2: 1}
""",
        name="two",
    ).scenario
    place = ("truth", "response", "drug", "SC", "emax")
    assert list(priors(scenario)) == [place]
    changed = with_values(scenario, {place: 2.0})
    for key in ("afc", "titer"):
        assert changed.truth.response_of(key).curves["drug"].SC.emax.value == 2.0


def _about(fold: str) -> str:
    """Return the warnings about the prior of a fold."""
    return " ".join(w.message for w in _quick(fold).warnings if "response.drug" in w.path)


def _quick(fold: str) -> Loaded:
    text = FILE.read_text(encoding="utf-8")
    return load_text(
        text.replace("{lognormal: [3, 0.2], value: 2.8, source: pilot of 6 mice}", fold),
        name="quick",
    )


def test_the_file_says_what_is_a_prior() -> None:
    assert not read_scenario(FILE).warnings
