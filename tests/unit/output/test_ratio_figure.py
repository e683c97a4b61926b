"""The figure of the control ratio: what is named, nothing that depends on colour alone."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from simulator import control_ratio
from simulator.output.ratio_figure import ratio_figure
from simulator.output.style import look
from tests.unit.evaluation.control_ratio.studies import shift_study


def drawn(**told: object) -> Figure:
    study = shift_study(decision={"replicates": 1000, "max_replicates": 2000}, **told)  # type: ignore[arg-type]
    with look():
        figure = ratio_figure(control_ratio(study))
        figure.draw_without_rendering()
    return figure


def words(figure: Figure) -> str:
    found = figure.findobj(Text)
    return "\n".join(text.get_text() for text in found if isinstance(text, Text))


def test_both_answers_are_named_with_their_animals() -> None:
    told = words(drawn(k=4, shift=1.5, n=(4, 14)))
    for part in (
        "target 0.8",
        "fewest, ",
        "equal arms, ",
        "square-root rule",
        "animals of the study",
    ):
        assert part in told


@pytest.mark.parametrize(
    "told",
    [
        {"n": (3, 3), "shift": 3.0},
        {"n": (2, 2)},
        {"shift": 0.0, "n": (3, 6)},
        {"shift": 40.0, "n": (3, 5)},
    ],
    ids=["one-n", "out-of-reach", "no-effect", "certain"],
)
def test_odd_answers_are_drawn_too(told: dict[str, object]) -> None:
    assert "control animals for each treated one" in words(drawn(**told))
