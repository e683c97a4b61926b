"""Detectable effects in the planner's words."""

from __future__ import annotations

import pytest

from simulator.evaluation.characteristics import Estimate
from simulator.evaluation.detectable.result import EndpointEffect, Fold, Scale
from simulator.output.wording.effects import in_own_words, planned_words, relative


def effect(scale: Scale, unit: str, control: float, *, high: float | None = 2.1) -> EndpointEffect:
    return EndpointEffect(
        endpoint="y",
        scale=scale,
        unit=unit,
        control=control,
        fold=Fold(2.0, 1.9, high),
        relative_effect=Estimate(0.87, 0.001),
        relative_ci=(0.85, None if high is None else 0.89),
    )


@pytest.mark.parametrize(
    ("scale", "unit", "control", "expected"),
    [
        ("fold", "AFC/spleen", 5e4, ("2.00 fold [1.90, 2.10]", "+100 % [+90, +110]")),
        ("steps", "HAU", 200.0, ("+1.00 steps [+0.93, +1.07]", "2.00 fold [1.90, 2.10]")),
        ("difference", "%", 30.0, ("+30.0 points [+27.0, +33.0]", "2.00 fold [1.90, 2.10]")),
        ("difference", "mg", 1.5, ("+1.50 mg [+1.35, +1.65]", "2.00 fold [1.90, 2.10]")),
    ],
)
def test_each_endpoint_has_its_words(
    scale: Scale, unit: str, control: float, expected: tuple[str, str]
) -> None:
    assert in_own_words(effect(scale, unit, control)) == expected


def test_an_end_that_is_not_reached_is_a_question_mark() -> None:
    open_ended = effect("fold", "AFC/spleen", 5e4, high=None)
    assert in_own_words(open_ended) == ("2.00 fold [1.90, ?]", "+100 % [+90, ?]")
    assert relative(open_ended) == "0.870 [0.850, ?]"


@pytest.mark.parametrize(
    ("scale", "unit", "expected"),
    [
        ("fold", "AFC/spleen", "0.500 fold"),
        ("steps", "HAU", "-1.00 steps"),
        ("difference", "mg", "-100 mg"),
    ],
)
def test_the_planned_effect_has_the_same_words(scale: Scale, unit: str, expected: str) -> None:
    assert planned_words(0.5, effect(scale, unit, 200.0)) == expected
