"""The ticks of the intervals of an audit: round, legible, and apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from simulator.output import audit_zip_figure as zips
from simulator.output.style import look
from tests.unit.output.audit_fakes import audit, scenario


@pytest.mark.parametrize(("name", "panels"), [("quick-start", 1), ("secretome-healthy-mice", 6)])
@pytest.mark.parametrize("unit", [1e-4, 1.0, 3e4, 2e5, 5e8])
def test_labels_of_ticks_do_not_touch(name: str, panels: int, unit: float) -> None:
    found = audit(name)
    run = found.runs["as written"]
    run = replace(run, ci_low=unit * (run.ci_low - 3), ci_high=unit * run.ci_high)
    found = replace(found, runs={**found.runs, "as written": run}, estimand="difference_of_means")
    with look():
        figure = zips.zip_figure(found, scenario=scenario(name))
        assert figure is not None
        figure.canvas.draw()
        shown = [axes for axes in figure.axes if axes.get_visible()]
        assert len(shown) == panels
        for axes in shown:
            for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
                boxes = [one.get_window_extent() for one in labels if one.get_text()]
                assert len(boxes) >= 2 or labels is not axes.get_xticklabels()
                for one, other in pairwise(boxes):
                    assert not one.overlaps(other)


def test_labels_of_large_and_negative_numbers() -> None:
    values = (-2.5, 0.0, 150_000.0, 1.5e7, -2e-5)
    assert [zips._linear_text(one) for one in values] == [
        "\u22122.5", "0", "150,000", "1.5×10⁷", "\u22122×10⁻⁵",
    ]  # fmt: skip
