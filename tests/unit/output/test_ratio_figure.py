"""The figure of the control ratio: what is named, nothing that depends on colour alone."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from simulator import control_ratio
from simulator.output.ratio_figure import ratio_figure
from simulator.output.style import SMALL, look
from tests.unit.evaluation.control_ratio.studies import shift_study

BUDGET = {"replicates": 1000, "max_replicates": 2000}


def drawn(**told: object) -> Figure:
    study = shift_study(decision=BUDGET, **told)  # type: ignore[arg-type]
    with look():
        figure = ratio_figure(control_ratio(study))
        figure.draw_without_rendering()
    return figure


def test_nothing_lies_on_the_panels() -> None:
    """The legend is outside of both, and no letters are too small."""
    figure = drawn(k=4, shift=1.5, n=(4, 14))
    with look():
        figure.canvas.draw()
        legend = figure.legends[0].get_window_extent()
        panels = [axes.get_window_extent() for axes in figure.axes]
    assert not any(legend.overlaps(panel) for panel in panels)
    assert legend.x1 <= figure.bbox.x1
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= SMALL


def test_every_point_is_a_pair_of_whole_animals_and_hollow_means_not_told() -> None:
    study = shift_study(k=4, shift=1.5, n=(4, 14), decision=BUDGET)
    found = control_ratio(study)
    assert found.open or any(one.lowest != one.enough for one in found.lines)
    with look():
        upper, lower = ratio_figure(found).axes
    looked = {(one.n_control, one.n_treated) for one in found.grid}
    points = [line for line in upper.lines if line.get_linestyle() == "None"]
    for line in points:
        assert {(int(x), int(y)) for x, y in zip(*line.get_data(), strict=True)} <= looked
    for axes in (upper, lower):
        assert any(line.get_markerfacecolor() == "white" for line in axes.lines)
        assert not axes.collections  # no contour and no bar


def test_a_range_that_starts_too_high_is_told() -> None:
    told = words(drawn(k=2, shift=2.5, n=(9, 14))).replace("\n", " ")
    assert "Fewer than 9 in an arm may be enough too: they were not looked at." in told


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
    assert "animals in vehicle" in words(drawn(**told))
