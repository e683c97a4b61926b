"""The figures of an audit: right, deterministic, and safe with any text."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from simulator.evaluation.characteristics import Estimate
from simulator.output import audit_agreement_figure as agreement
from simulator.output import audit_null_figure as null
from simulator.output import audit_zip_figure as zips
from simulator.output.audit_figures import SENTENCES, draw_audit
from simulator.output.style import look
from simulator.scenario_files import load_text
from tests.unit.output.audit_fakes import audit, evidence, scenario

STUDY = "secretome-healthy-mice"


def _text(folder: Path, name: str) -> str:
    """Return the words of a figure, lines of a caption joined."""
    found = (folder / f"{name}.svg").read_text(encoding="utf-8")
    return " ".join(unescape(re.sub("<[^>]*>", " ", found)).split())


def test_all_figures_are_written_as_svg_and_png(tmp_path: Path) -> None:
    written = draw_audit(audit(STUDY, wrong=True), tmp_path, scenario=scenario(STUDY))
    assert {path.name for path in written} == {
        f"{name}.{kind}" for name in SENTENCES for kind in ("svg", "png")
    }
    for words in ("p of the plan's own analysis", "the same: 8,", "afc differs: 1,", "(0.05)"):
        assert words in _text(tmp_path, "p-agreement")
    for words in ("afc against control", "afc against thymalin", "titer against control",
                  "secretome-im-10", "alpha 0.05", "binomial limits", "99%"):  # fmt: skip
        assert words in _text(tmp_path, "null-p")
    for words in ("fold of medians", "afc: secretome-sc-50 v control", "covers 0.9", "Wilson"):
        assert words in _text(tmp_path, "coverage")
    assert "titer" not in _text(tmp_path, "coverage")  # the first family only


def test_equal_figures_are_equal_files(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        draw_audit(audit(wrong=True), tmp_path / folder, scenario=scenario())
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_without_intervals_there_is_no_zip_plot(tmp_path: Path) -> None:
    draw_audit(audit(estimates=False), tmp_path, scenario=scenario())
    assert {path.stem for path in tmp_path.iterdir()} == {"p-agreement", "null-p"}


def test_without_any_result_there_is_no_figure(tmp_path: Path) -> None:
    found = audit()
    nothing = {
        world: replace(
            run, p_value=run.p_value * np.nan, ci_low=run.p_value * np.nan, estimate=run.u
        )
        for world, run in found.runs.items()
    }
    assert draw_audit(replace(found, runs=nothing), tmp_path, scenario=scenario()) == ()


def test_text_of_a_scenario_is_text_and_never_a_formula(tmp_path: Path) -> None:
    study = load_text(r"""
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
    weight_mg: {kind: continuous, distribution: normal, measured_in: mg, day: 5}
truth:
  weight_mg: {control: 100, response: {model: fold, a_b: 1.2}}
  variability: {weight_mg: {sd: 10}}
""").scenario
    runs = {
        world: evidence(world, study, wrong=0.5)  # type: ignore[arg-type]
        for world in ("as written", "null")
    }
    found = replace(audit(), runs=runs, truth=(Estimate(3.0, 0.0),))
    draw_audit(found, tmp_path, scenario=study)
    assert "weight_mg: a_b v saline" in _text(tmp_path, "coverage")
    assert "weight_mg differs" in _text(tmp_path, "p-agreement")


# --- p-values beside the plan's -----------------------------------------------------------------


def test_points_that_lie_on_each_other_are_drawn_once() -> None:
    own = np.array([0.01, 0.01, 0.01, 0.5, 0.5])
    said = np.array([0.01, 0.01, 0.005, 0.5, 0.25])
    kinds = np.array([0, 0, 1, 0, 2])
    chosen = agreement._told_apart(own, said, kinds)
    assert sorted(zip(own[chosen], said[chosen], strict=True)) == [
        (0.01, 0.005), (0.01, 0.01), (0.5, 0.25), (0.5, 0.5),
    ]  # fmt: skip


def test_endpoints_on_the_same_points_take_turns() -> None:
    own = np.repeat(np.linspace(0.1, 1, 40), 2)
    kinds = np.tile([1, 2], 40)
    chosen = agreement._told_apart(own, own / 2, kinds)
    assert np.bincount(kinds[chosen]).tolist() == [0, 20, 20]


def test_there_are_never_too_many_points() -> None:
    rng = np.random.default_rng(1)
    own, said = rng.uniform(size=(2, 60_000))
    for share in (0.0, 0.5, 1.0):
        kinds = (rng.uniform(size=own.size) < share).astype(np.int64)
        chosen = agreement._told_apart(own, said, kinds)
        # and whatever differs is seen, as is what is the same
        assert 4_000 < chosen.size <= agreement.MOST_POINTS + 500
        assert set(kinds[chosen]) == set(kinds)
        assert np.unique(chosen).size == chosen.size


def test_p_of_zero_is_drawn_at_the_edge(tmp_path: Path) -> None:
    found = audit()
    runs = {
        world: replace(run, p_value=np.where(run.p_value < 0.1, 0.0, run.p_value))
        for world, run in found.runs.items()
    }
    draw_audit(replace(found, runs=runs), tmp_path, scenario=scenario())
    assert "is drawn at the edge" in _text(tmp_path, "p-agreement")


def test_the_caption_says_what_became_of_points_on_each_other(tmp_path: Path) -> None:
    found = audit(wrong=True)
    draw_audit(found, tmp_path, scenario=scenario())
    drawn = re.search(r"400 comparisons .* drawn as (\d+) points: comparisons at the same place "
                      "are drawn once. On", _text(tmp_path, "p-agreement"))  # fmt: skip
    assert drawn is not None
    assert 100 < int(drawn[1]) < 400
    assert "of so many only evenly spaced ones" in agreement._drawn(agreement.MOST_POINTS)


# --- without any effect -------------------------------------------------------------------------


@pytest.mark.parametrize("total", [20, 500, 20_000])
@pytest.mark.parametrize("curves", [1, 30])
def test_the_band_holds_its_level_by_its_tails(total: int, curves: int) -> None:
    places, low, high = null.uniform_band(total, curves=curves)
    low, high = np.rint(low * total), np.rint(high * total)
    outside = binom.cdf(low - 1, total, places) + binom.sf(high, total, places)
    assert curves * outside.sum() <= null.BAND_LEVEL * (1 + 1e-9)
    assert np.all(np.diff(low) >= 0)
    assert np.all(np.diff(high) >= 0)
    # nor is it wider than a single count: one less on either side breaks the tail of a place
    tail = null.BAND_LEVEL / (2 * places.size * curves)
    assert np.all(binom.cdf(low, total, places) >= tail * (1 - 1e-9))
    narrower = binom.sf(high - 1, total, places)
    assert np.all((narrower > tail * (1 - 1e-9)) | (high == 0))


def test_the_band_holds_uniform_p_values_by_simulation() -> None:
    runs, total = 2_000, 200
    places, low, high = null.uniform_band(total, curves=1)
    p = np.sort(np.random.default_rng(7).uniform(size=(runs, total)), axis=1)
    share = np.array([np.searchsorted(row, places, side="right") for row in p]) / total
    left = int(((share < low - 1e-12) | (share > high + 1e-12)).any(axis=1).sum())
    # a band at its level leaves more out with a chance below 1e-6
    assert left <= binom.isf(1e-6, runs, null.BAND_LEVEL)


def test_the_share_at_or_below_is_that_of_scipy() -> None:
    from scipy.stats import ecdf

    p = np.random.default_rng(3).integers(1, 40, size=300) / 40
    places, heights = null._cumulated(p)
    expected = ecdf(p).cdf
    assert places[1:-1].tolist() == expected.quantiles[: places.size - 2].tolist()
    np.testing.assert_array_equal(heights[1:-1], expected.probabilities[: heights.size - 2])
    assert (places[0], heights[0], places[-1], heights[-1]) == (0, 0, 1, 1)


def test_a_missing_p_value_is_never_at_or_below() -> None:
    p = np.array([0.1, math.nan, 0.2, math.nan])
    assert null._cumulated(p)[1].max() == 0.5


def test_the_plans_own_curve_is_seen_on_both_sides_of_one_on_it() -> None:
    found = audit()
    with look():
        figure = null.null_figure(found.runs["null"], scenario=scenario())
        assert figure is not None
        (axes,) = figure.axes
        own, said = (line for line in axes.lines if line.get_drawstyle() == "steps-post")
        assert own.get_color() == said.get_color()
        assert own.get_linewidth() > 2 * said.get_linewidth()
        assert own.get_zorder() < said.get_zorder()


# --- intervals ----------------------------------------------------------------------------------


def test_intervals_are_ordered_by_their_distance_from_the_truth() -> None:
    run = evidence("as written", scenario(), replicates=5)
    low = np.array([[0.0], [2.0], [4.5], [np.nan], [-np.inf]])
    high = np.array([[6.0], [7.0], [5.5], [1.0], [np.inf]])
    run = replace(run, ci_low=low, ci_high=high)
    found = zips.ordered(run, 0, Estimate(4.0, 0.0), ratio=False)
    assert found is not None
    # (3 - 4)/3 and (4.5 - 4)/2.5 half widths off, (5 - 4)/0.5 is outside, an open one tells nothing
    assert found.low.tolist() == [-np.inf, 2.0, 0.0, 4.5]
    assert found.covers.tolist() == [True, True, True, False]
    assert (found.coverage.count, found.coverage.replicates) == (3, 4)


def test_distances_of_ratios_are_those_of_their_logarithms() -> None:
    run = evidence("as written", scenario(), replicates=3)
    run = replace(
        run, ci_low=np.array([[1.0], [0.25], [-1.0]]), ci_high=np.array([[4.0], [2.0], [9.0]])
    )
    found = zips.ordered(run, 0, Estimate(2.0, 0.0), ratio=True)
    assert found is not None
    # the middle of 1 and 4 is 2; 2 is the end of 0.25 to 2; an interval from below 0 has no middle
    assert found.low.tolist() == [1.0, -1.0, 0.25] or found.low.tolist() == [-1.0, 1.0, 0.25]
    assert found.covers.all()


@pytest.mark.parametrize("truth", [math.nan, math.inf])
def test_without_a_truth_there_are_no_intervals(truth: float) -> None:
    run = evidence("as written", scenario())
    assert zips.ordered(run, 0, Estimate(truth, 0.0), ratio=True) is None


def test_the_coverage_that_is_drawn_is_that_of_all_intervals(tmp_path: Path) -> None:
    found = audit(replicates=1_200)
    run = found.runs["as written"]
    covers = int(((run.ci_low <= 3) & (run.ci_high >= 3)).sum())
    draw_audit(found, tmp_path, scenario=scenario())
    text = _text(tmp_path, "coverage")
    assert f"covers {covers / 1200:.3f}" in text
    assert "500 of 1,200 intervals are drawn" in text


def test_of_many_comparisons_those_that_cover_least_are_drawn() -> None:
    study = scenario(STUDY)
    found = audit(STUDY)
    run = found.runs["as written"]
    low = run.ci_low.copy()
    low[:150, 3] = 1e6
    found = replace(found, runs={**found.runs, "as written": replace(run, ci_low=low)})
    chosen = zips._chosen(found)
    assert len(chosen) <= zips.MOST_PANELS
    assert study.analysis.comparisons[3] in [one.comparison for one in chosen]
    assert {one.comparison.family for one in chosen} == {study.analysis.comparisons[0].family}


@pytest.mark.parametrize("spread", [1e-9, 0.01, 0.3, 8.0])
@pytest.mark.parametrize("estimand", ["fold_of_medians", "difference_of_means"])
def test_an_axis_of_any_range_has_ticks(spread: float, estimand: str) -> None:
    found = audit()
    run = found.runs["as written"]
    centre = 3 * np.exp(np.random.default_rng(2).normal(0, spread / 4, size=run.p_value.shape))
    run = replace(run, ci_low=centre / math.exp(spread), ci_high=centre * math.exp(spread))
    found = replace(found, runs={**found.runs, "as written": run}, estimand=estimand)
    with look():
        figure = zips.zip_figure(found, scenario=scenario())
        assert figure is not None
        figure.canvas.draw()
        (axes,) = figure.axes
        first, last = axes.get_xlim()
        assert first < 3 < last
        if spread > 1e-3:
            assert sum(first <= tick <= last for tick in axes.get_xticks()) >= 3
