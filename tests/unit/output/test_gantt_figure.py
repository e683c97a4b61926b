"""The Gantt chart: what is drawn, nothing cut or overlapping, also for odd laboratories."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from simulator import load_scenario
from simulator.evaluation.feasibility import feasibility
from simulator.evaluation.feasibility_result import Feasibility
from simulator.output.gantt_figure import gantt_figure
from simulator.output.style import look, save
from simulator.scenario.conduct import Conduct

STUDY = "secretome-healthy-mice"


def answer(n: int, *, of: str = STUDY, **told: Any) -> Feasibility:
    """Return the feasibility of a catalogue study in a laboratory."""
    scenario = load_scenario(of)
    conduct = Conduct.model_validate(told)
    design = scenario.design.model_copy(update={"conduct": conduct})
    return feasibility(scenario.model_copy(update={"design": design}), n=n, largest=1, staff=1)


def texts(figure: Figure) -> list[Text]:
    """Return the texts that are seen, after the layout is done."""
    figure.draw_without_rendering()
    return [
        text
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip()
    ]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts(figure))


@pytest.fixture(scope="module")
def full() -> Feasibility:
    return answer(20)


def test_it_has_a_panel_per_kind_of_day_with_who_and_what(full: Feasibility) -> None:
    with look():
        figure = gantt_figure(full)
        told = words(figure)
    titles = [axes.get_title() for axes in figure.axes]  # left titles are the days
    assert titles == [""] * len(figure.axes)
    days = [axes.get_title(loc="left") for axes in figure.axes]
    assert days[0] == "day 0, 160 animals"
    assert days[1].startswith("days 1 to 4, 160 animals (day ")
    assert days[2] == "day 5, 160 animals"
    assert days[3] == "day 6, what was left"
    late = figure.axes[2].get_title(loc="right")
    assert late == f"{full.days[5].left_over} left at closing"
    rows = [label.get_text() for label in figure.axes[3].get_yticklabels()]
    assert rows == ["technician 1", "technician 2", "bath", "reader"]
    for word in ("killing", "plating", "reading", "break", "closing", "08:00", "17:00",
                 "n = 20 per arm, 160 animals", "share of 40 places"):  # fmt: skip
        assert word in told


def test_bars_are_the_work_that_was_done(full: Feasibility) -> None:
    with look():
        figure = gantt_figure(full)
    killing = [bar for bar in full.work if bar.task == "killing" and bar.start < 6]
    colour = (0xD5 / 255, 0x5E / 255, 0)
    drawn = [
        path
        for bars in figure.axes[2].collections
        for path in bars.get_paths()
        if tuple(np.asarray(bars.get_facecolor())[0, :3]) == pytest.approx(colour)
    ]
    assert len(drawn) == len(killing)
    begins = sorted(float(np.asarray(path.vertices)[:, 0].min()) for path in drawn)
    expected = sorted(8 + 24 * (bar.start - 5) for bar in killing)
    assert begins == pytest.approx(expected)


LABORATORIES: list[tuple[int, dict[str, Any]]] = [
    (1, {"staff": 1}),
    (20, {"staff": 8}),
    (20, {"staff": 20, "equipment": {"baths": 3, "readers": 4}}),
    (20, {"staff": 100}),
    (30, {"staff": 1}),
    (20, {"hours": {"from": "00:00", "to": "24:00", "break": None}, "staff": 1}),
    (20, {"hours": {"from": "22:00", "to": "23:00", "break": None}, "staff": 3}),
    (8, {"days": 3, "plating": "after-all"}),
]


@pytest.mark.parametrize(("n", "told"), LABORATORIES, ids=str)
def test_no_text_is_cut_or_covers_another(n: int, told: dict[str, Any]) -> None:
    with look():
        figure = gantt_figure(answer(n, **told))
        shown = texts(figure)
        page = figure.bbox
        boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    assert len(figure.axes) <= 6
    assert figure.get_size_inches()[1] < 12
    # ticks beyond the axis are kept by matplotlib and not drawn
    axes = figure.axes[-1]
    low, high = axes.get_xlim()
    hidden = {
        label.get_text()
        for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        if not low <= place <= high
    }
    seen = [(text, box) for text, box in boxes if text not in hidden]
    for text, box in seen:
        assert box.x0 >= page.x0 - 1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y0 >= page.y0 - 1, text
        assert box.y1 <= page.y1 + 1, text
    for (text, box), (other, beside) in combinations(seen, 2):
        # boxes have room above and below their letters
        assert not box.shrunk(1.0, 0.9).overlaps(beside.shrunk(1.0, 0.9)), (text, other)


def test_files_are_written_and_equal_figures_are_equal_files(tmp_path: Path) -> None:
    found = answer(2)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        with look():
            written = save(gantt_figure(found), tmp_path / folder, "gantt")
        assert [path.name for path in written] == ["gantt.svg", "gantt.png"]
    for name in ("gantt.svg", "gantt.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / "gantt.png").read_bytes().startswith(b"\x89PNG")


def test_a_large_study_stays_a_small_file(tmp_path: Path) -> None:
    with look():
        svg, _ = save(gantt_figure(answer(100, staff=4)), tmp_path, "gantt")
    assert svg.stat().st_size < 3_000_000


def test_a_page_takes_six_days_and_says_so() -> None:
    with look():
        figure = gantt_figure(answer(30, staff=1))
        told = words(figure)
    assert len(figure.axes) == 6
    assert "Only the 6 busiest days are drawn." in " ".join(told.split())


def test_where_nothing_is_done_the_figure_says_so() -> None:
    from dataclasses import replace

    with look():
        told = words(gantt_figure(replace(answer(1), work=(), days=())))
    assert told == "there is no work to draw"
