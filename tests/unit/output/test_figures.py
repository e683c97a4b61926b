"""Figures: written, deterministic, with units on the axes, and safe with any text."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from simulator import Scenario, assurance, load_scenario, power, simulate_cohort
from simulator.output.cohort_figure import cohort_figure
from simulator.output.dose_figure import dose_figure
from simulator.output.dose_series import dose_series, true_curve
from simulator.output.figures import draw_cohort, draw_power
from simulator.output.power_curves import Curve, averaged
from simulator.output.power_figure import _label_places, power_figure
from simulator.output.report.plan_figure import plan_figure
from simulator.output.style import PAGE_WIDTH, SMALL, ArmStyle, arm_styles, look
from simulator.scenario_files import load_text

STUDY = "secretome-healthy-mice"

ODD = r"""
schema_version: 1
id: odd
question: "$\\frac{1}{0}$ & <b>_x_</b>"
seed: 1
design:
  animals: {strain: "$x"}
  arms:
    saline: {role: control}
    a_b: {role: test}
  endpoints:
    weight_mg: {kind: continuous, distribution: normal, measured_in: "$mg_{dry}$ & <g>", day: 5}
truth:
  weight_mg: {control: 100, response: {model: fold, a_b: 1.2}}
  variability: {weight_mg: {sd: 10}}
"""


def _text(folder: Path, name: str) -> str:
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def test_the_study_has_four_figures_with_units(tmp_path: Path) -> None:
    scenario = load_scenario(STUDY)
    result = power(scenario, n=8, replicates=200)
    draw_power(result, tmp_path, scenario=scenario, certified=8)
    draw_cohort(simulate_cohort(scenario, n=8), tmp_path, scenario=scenario)
    names = {"plan", "power-curve", "cohort", "dose-response"}
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.{kind}" for name in names for kind in ("svg", "png")
    }
    for name in names:
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    curve, cohort, doses = (_text(tmp_path, n) for n in ("power-curve", "cohort", "dose-response"))
    for words in ("animals per arm (n)", "power", "certified n = 8", "target 80%", "Wilson"):
        assert words in curve
    for arm in scenario.design.arms_of("test"):
        assert arm in curve
    for words in ("afc (AFC per spleen)", "titer (reciprocal titer, HAU)", "(% of cells)",
                  "(particles per cell)", "10⁵"):  # fmt: skip
        assert words in cohort
    for words in ("dose (µg/kg per injection)", "afc (AFC per spleen)", "secretome IM",
                  "secretome SC", "thymalin", "control", "175"):  # fmt: skip
        assert words in doses


def test_equal_figures_are_equal_files(tmp_path: Path) -> None:
    scenario = load_scenario(STUDY)
    cohort = simulate_cohort(scenario, n=5)
    for folder in ("a", "b"):
        draw_cohort(cohort, tmp_path / folder, scenario=scenario)
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert "<dc:date>" not in _text(tmp_path / "a", "cohort")


def test_text_of_a_scenario_is_text_and_never_a_formula(tmp_path: Path) -> None:
    scenario = load_text(ODD).scenario
    draw_power(power(scenario, n=5, replicates=100), tmp_path, scenario=scenario)
    draw_cohort(simulate_cohort(scenario, n=5), tmp_path, scenario=scenario)
    assert "weight_mg ($mg_{dry}$ &amp; &lt;g&gt;)" in _text(tmp_path, "cohort")
    assert not (tmp_path / "dose-response.svg").exists()  # no arm has a dose


@pytest.mark.parametrize("wish", ["any", "all"])
def test_a_joint_target_has_its_own_curve(tmp_path: Path, wish: str) -> None:
    scenario = load_scenario(STUDY)
    decision = scenario.decision.model_copy(
        update={"power": scenario.decision.power.model_copy(update={"of": wish})}
    )
    scenario = scenario.model_copy(update={"decision": decision})
    draw_power(power(scenario, n=6, replicates=100), tmp_path, scenario=scenario)
    assert f"{wish} of them" in _text(tmp_path, "power-curve")


def test_a_range_of_one_n_is_drawn(tmp_path: Path) -> None:
    scenario = load_scenario("too-small")
    assert draw_power(power(scenario, replicates=100), tmp_path, scenario=scenario)


def test_equal_values_empty_arms_and_zero_counts_are_drawn(tmp_path: Path) -> None:
    scenario = load_scenario(STUDY)
    cohort = simulate_cohort(scenario, n=4)
    table = cohort.observations
    table.loc[table["arm"] == "control", "value"] = 0.0  # no plaque on any plate
    table.loc[table["arm"] == "thymalin", "value"] = np.nan
    draw_cohort(cohort, tmp_path, scenario=scenario)
    assert "no values" in _text(tmp_path, "cohort")
    table["value"] = 0.0
    draw_cohort(cohort, tmp_path, scenario=scenario)


def test_dose_series_are_substance_by_route() -> None:
    series = dose_series(load_scenario(STUDY))
    assert [one.title for one in series] == ["secretome IM", "secretome SC"]
    assert series[0].doses == pytest.approx((35, 70, 175), rel=1e-12)  # rounding of units only
    assert dose_series(load_scenario("quick-start")) == ()


DOSES = """
schema_version: 1
id: doses
question: What do two doses do?
seed: 1
design:
  substances: {{drug: {{role: test, stock: 20 mg/mL}}}}
  schedules: {{once: {{days: [0]}}}}
  arms:
    saline: {{role: control}}
    drug: {{substance: drug, dose: {doses}, route: IP, schedule: once}}
  endpoints:
    afc: {{kind: plaque_count, day: 5, plated: {plated}}}
truth:
  afc: {{control: 5e4 /spleen, cv: 20 %, response: {{model: fold, drug: 2}}}}
"""


def test_one_dose_is_no_dose_response(tmp_path: Path) -> None:
    scenario = load_text(DOSES.format(doses="5 mg/kg", plated="0.1 %")).scenario
    draw_cohort(simulate_cohort(scenario, n=4), tmp_path, scenario=scenario)
    assert {path.stem for path in tmp_path.iterdir()} == {"cohort"}


@pytest.mark.parametrize(
    ("plated", "words"),
    [
        # 100,000 AFC: 100 plaques a plate hide 100/5100 of themselves, 1000 hide 1000/6000
        ("0.1 %", None),
        ("1 %", "by up to 17%"),
    ],
)
def test_doses_in_the_arms_unit_and_crowding_in_the_caption(
    tmp_path: Path, plated: str, words: str | None
) -> None:
    scenario = load_text(DOSES.format(doses="[500 ug/kg, 5 mg/kg]", plated=plated)).scenario
    draw_cohort(simulate_cohort(scenario, n=4), tmp_path, scenario=scenario)
    text = _text(tmp_path, "dose-response")
    assert "dose (mg/kg per injection)" in text
    assert ">0.5<" in text
    assert ("plates are crowded" in text) == (words is not None)
    if words is not None:
        assert words in " ".join(text.split())


@pytest.mark.parametrize(
    ("ends", "places"),
    [
        ([0.5], [0.5]),  # alone, at its end
        ([0.9, 0.2, 0.6], [0.9, 0.2, 0.6]),  # well apart, at their ends
        ([0.98, 1.0, 0.99], [0.83, 1.0, 0.915]),  # too close: a list from the top, best first
    ],
)
def test_curves_are_named_at_their_ends_or_in_a_list(
    ends: list[float], places: list[float]
) -> None:
    style = ArmStyle("#000000", "o", (0, ()))
    one = np.array([3.0])
    curves = [Curve("", style, one, np.array([end]), one, one) for end in ends]
    assert _label_places(curves) == pytest.approx(places, abs=1e-12)  # rounding of sums


def many(count: int) -> str:
    """Return a plan of many arms, each a little stronger than the one before."""
    arms = "\n".join(f"    drug-{k}: {{role: test}}" for k in range(count))
    folds = ", ".join(f"drug-{k}: {1 + 4 * k / count:.3f}" for k in range(count))
    return MANY.format(arms=arms, folds=folds)


MANY = """
schema_version: 1
id: many
question: Are many arms readable?
seed: 1
design:
  arms:
    saline: {{role: control}}
{arms}
  endpoints:
    afc: {{kind: plaque_count, day: 5}}
truth:
  afc: {{control: 5e4 /spleen, cv: 20 %, response: {{model: fold, {folds}}}}}
decision: {{n: {{from: 3, to: 8}}}}
"""


@pytest.mark.parametrize(("count", "named"), [(12, 12), (40, 8)])
def test_of_many_arms_a_few_are_named_and_the_rest_counted(count: int, named: int) -> None:
    scenario = load_text(many(count)).scenario
    with look():
        figure = power_figure(power(scenario, replicates=100), scenario=scenario)
        figure.canvas.draw()
        panel = figure.axes[0]
        told = [text for text in panel.texts if text.get_text().startswith(("drug-", "and "))]
        boxes = [text.get_window_extent() for text in told]
    names = [text.get_text() for text in told]
    assert sum(name.startswith("drug-") for name in names) == named
    rest = [name for name in names if name.startswith("and ")]
    assert rest == ([] if count == named else [f"and {count - named} more, all in pale grey"])
    if rest:  # the weakest and the strongest, of which more than four may be found always
        shown = sorted(int(name.removeprefix("drug-")) for name in names if name not in rest)
        assert max(shown[:4]) < count / 4
        assert min(shown[4:]) > count / 4
    for box, other in combinations(boxes, 2):
        assert not box.overlaps(other)
    assert all(box.x1 <= figure.bbox.x1 + 1 for box in boxes)
    drawn = [line for line in panel.lines if len(line.get_xdata()) == 6]
    assert len(drawn) == count + (named < count)  # every arm; the pale ones' key is one of them


def test_a_world_is_named_in_its_figure(tmp_path: Path) -> None:
    scenario = load_scenario("uncertain-effect", world="pessimistic")
    result = power(scenario, replicates=100)
    draw_power(result, tmp_path / "world", scenario=scenario, world="pessimistic")
    told = _text(tmp_path / "world", "power-curve")
    assert "primary, world pessimistic" in told
    assert "uncertain-effect, world pessimistic: share of" in told
    draw_power(result, tmp_path / "planned", scenario=scenario)
    assert "world" not in _text(tmp_path / "planned", "power-curve")


def test_assurance_is_drawn_beside_power() -> None:
    scenario = load_scenario("uncertain-effect")
    result, believed = power(scenario, replicates=500), assurance(scenario, draws=20)
    with look():
        figure = power_figure(result, scenario=scenario, assurance=believed)
    panel = figure.axes[0]
    curves = [line for line in panel.lines if len(line.get_xdata()) == len(result.curve)]
    (drawn,) = (line for line in curves if line.get_marker() in ("", "None"))
    assert len(curves) == 2  # the other has a marker
    arms = arm_styles(scenario.design).values()
    assert averaged(believed, 30).style.line not in {style.line for style in arms}
    values = [point.assurance.value for point in believed.curve]
    np.testing.assert_array_equal(np.asarray(drawn.get_ydata()), values)
    assert [t.get_text() for t in panel.texts].count("assurance") == 1
    assert len(panel.collections) == 2  # each with its band
    words = "\n".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")
    assert "averaged over the distributions in the file (20 draws)" in words


def test_the_smallest_letters_are_legible() -> None:
    scenario = load_scenario(STUDY)
    cohort, result = simulate_cohort(scenario, n=4), power(scenario, n=4, replicates=50)
    with look():
        figures = [
            power_figure(result, scenario=scenario),
            cohort_figure(cohort, scenario=scenario),
            dose_figure(cohort, scenario=scenario),
            plan_figure(scenario, sizes=result.sizes),
        ]
    for figure in figures:
        assert figure is not None
        assert figure.get_size_inches()[0] == PAGE_WIDTH
        sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text()]
        assert min(sizes) >= SMALL


def test_schedules_that_differ_are_series_of_their_own() -> None:
    titles = [one.title for one in dose_series(load_scenario("schedule-matters"))]
    assert len(titles) == len(set(titles)) == 3


def test_the_true_line_passes_through_the_arms_own_truth() -> None:
    scenario: Scenario = load_scenario(STUDY)
    control = simulate_cohort(scenario, n=1).truth["endpoints"]["afc"]["arms"]
    for one in dose_series(scenario):
        doses, curves = true_curve(scenario, one, ["afc"])
        ends = [control[one.arms[0]]["expected"], control[one.arms[-1]]["expected"]]
        assert (doses[0], doses[-1]) == pytest.approx((35, 175), rel=1e-12)
        # 1e-6: the dose of an end of the grid differs from the arm's in the last bits only
        assert [curves["afc"][0], curves["afc"][-1]] == pytest.approx(ends, rel=1e-6)
