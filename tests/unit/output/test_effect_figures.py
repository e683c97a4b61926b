"""The figures of detect and sensitivity: what is drawn where something is missing."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simulator import load_scenario, smallest_detectable_effect
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.sensitivity.result import AtEnd, Reached, Row, Sensitivity
from simulator.output.detectable_figure import _ticks, detectable_figure
from simulator.output.style import look, svg_text
from simulator.output.tornado_figure import tornado_figure

SHARE = Probability(80, 100)


def place_of(path: str) -> str:
    """Return where a spread stands in the resolved scenario."""
    return path.replace("truth.afc.cv", "truth.variability.afc.cv")


def row(path: str, low: AtEnd, high: AtEnd) -> Row:
    return Row(path, "1", "its range", low, high, 3, True, True, 0.1, place=place_of(path))


def found(planned: Reached, *rows: Row) -> Sensitivity:
    return Sensitivity(
        scenario_id="study",
        digest="",
        seed=1,
        family="f",
        target=0.8,
        of="each",
        replicates=100,
        smallest=3,
        largest=30,
        planned=planned,
        n=8,
        power=SHARE,
        rows=rows,
        left={},
    )


def drawn(sensitivity: Sensitivity) -> str:
    with look():
        return svg_text(tornado_figure(sensitivity))


def test_what_is_beyond_the_range_or_cannot_be_is_said() -> None:
    beyond = AtEnd("0.5", Reached(None, None, None), SHARE)
    refused = AtEnd("60 %", None, None, "impossible")
    text = drawn(found(Reached(8, 8, 9), row("truth.afc.cv", beyond, refused)))
    assert "Arrow: beyond n = 30." in text
    assert "cannot be" in text
    assert "spread of afc between animals" in text


def test_a_plan_beyond_the_range_is_drawn_too() -> None:
    near = AtEnd("0.2", Reached(20, 19, None), SHARE)
    beyond = AtEnd("0.9", Reached(None, None, None), SHARE)
    text = drawn(found(Reached(None, 30, None), row("design.attrition.loss", near, beyond)))
    assert "share of animals that die" in text


def test_what_is_assumed_turned_round_or_at_the_start_is_said() -> None:
    turned = AtEnd("0.6", Reached(25, 25, 26), SHARE, turned=True)
    strong = AtEnd("4.3", Reached(3, 3, 3), SHARE)
    none = AtEnd("1", Reached(None, None, None), SHARE)
    fold = dataclasses.replace(
        row("truth.afc.response.drug", turned, strong),
        place="truth.afc.response.drug",
        between=none,
    )
    loss = dataclasses.replace(
        row("design.attrition.loss", strong, AtEnd("0.1", Reached(9, 9, 9), SHARE)),
        place="design.attrition.loss",
        basis="up to 10 %, assumed",
    )
    text = drawn(found(Reached(8, 8, 9), fold, loss))
    for said in ("0.6, other direction", "1: no effect", ">10 %<", "that die *", "Hatched:"):
        assert said in text
    assert "At n = 3 fewer may do" in text
    assert "share of animals that die *" in text


def test_only_the_first_twelve_are_drawn_and_the_rest_counted() -> None:
    end = AtEnd("1", Reached(8, 8, 9), SHARE)
    rows = [row(f"truth.number-{k}", end, end) for k in range(15)]
    text = drawn(found(Reached(8, 8, 9), *rows))
    assert "number-11" in text
    assert "number-12" not in text
    assert "Not drawn: 3 numbers" in text


def test_values_beside_the_bars_lie_within_the_frame() -> None:
    low = AtEnd("45.8 ug/kg", Reached(3, 3, 3), SHARE)
    far = row("truth.afc.cv", low, AtEnd("123456 /spleen", Reached(None, None, None), SHARE))
    with look():
        figure = tornado_figure(found(Reached(8, 8, 9), far))
        figure.draw_without_rendering()
        axes = figure.axes[0]
        frame = axes.get_window_extent()
        assert len(axes.texts) == 2
        for text in axes.texts:
            box = text.get_window_extent()
            assert frame.x0 <= box.x0 < box.x1 <= frame.x1, text.get_text()


def test_the_detectable_effect_needs_two_n_with_one() -> None:
    scenario = load_scenario("quick-start")
    several = smallest_detectable_effect(scenario, n=[3, 6, 9], replicates=200)
    with look():
        figure = detectable_figure(several)
        assert figure is not None
        text = svg_text(figure)
        alone = dataclasses.replace(several, points=several.points[:2])
        assert detectable_figure(alone) is None
    assert "No effect reaches the target at n = 3." in text
    assert "Lines across" in text
    assert "drug, planned 3.00 fold" in text


@pytest.mark.parametrize(
    ("low", "high"), [(1.77, 3.39), (0.37, 0.506), (0.480, 0.497), (1.5, 60.0), (0.02, 40.0)]
)
def test_the_folds_of_an_axis_are_few_enough_to_be_read(low: float, high: float) -> None:
    ticks = _ticks(low, high)
    assert 4 <= len(ticks) <= 10
    assert ticks == sorted(ticks)
    assert low <= ticks[0]
    assert ticks[-1] <= high


def test_the_name_of_a_planned_effect_stands_at_its_line() -> None:
    titers = load_scenario("pilot-to-confirmatory")
    some = smallest_detectable_effect(titers, n=[10, 16], replicates=200)
    with look():
        figure = detectable_figure(some)
        assert figure is not None
        figure.canvas.draw()
        axes = figure.axes[0]
        lines = [line for line in axes.lines if np.array_equal(line.get_xdata(), [0, 1])]
        names = [text for text in axes.texts if "planned" in text.get_text()]
        to_axes = axes.transData + axes.transAxes.inverted()
        places = [
            float(to_axes.transform((0.0, np.asarray(line.get_ydata())[0]))[1]) for line in lines
        ]
        heights = [float(text.get_position()[1]) for text in names]
    assert len(names) == len(lines) >= 1
    assert max(abs(a - b) for a, b in zip(places, heights, strict=True)) < 0.1
