"""The figures of detect and sensitivity: what is drawn where something is missing."""

from __future__ import annotations

import dataclasses

from simulator import load_scenario, smallest_detectable_effect
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.sensitivity.result import AtEnd, Reached, Row, Sensitivity
from simulator.output.detectable_figure import detectable_figure
from simulator.output.style import look, svg_text
from simulator.output.tornado_figure import tornado_figure

SHARE = Probability(80, 100)


def row(path: str, low: AtEnd, high: AtEnd) -> Row:
    return Row(path, "1", "its range", low, high, 3, True, True, 0.1)


def found(planned: Reached, *rows: Row) -> Sensitivity:
    return Sensitivity(
        scenario_id="study",
        digest="",
        seed=1,
        family="f",
        target=0.8,
        of="each",
        replicates=100,
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
    assert ">afc.cv<" in text


def test_a_plan_beyond_the_range_is_drawn_too() -> None:
    near = AtEnd("0.2", Reached(20, 19, None), SHARE)
    beyond = AtEnd("0.9", Reached(None, None, None), SHARE)
    text = drawn(found(Reached(None, 30, None), row("design.attrition.loss", near, beyond)))
    assert "design.attrition.loss" in text


def test_only_the_first_twelve_are_drawn_and_the_rest_counted() -> None:
    end = AtEnd("1", Reached(8, 8, 9), SHARE)
    rows = [row(f"truth.number-{k}", end, end) for k in range(15)]
    text = drawn(found(Reached(8, 8, 9), *rows))
    assert "number-11" in text
    assert "number-12" not in text
    assert "Not drawn: 3 numbers" in text


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
