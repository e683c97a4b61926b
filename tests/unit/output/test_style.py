"""The look of figures: labels that do not touch, ticks that say what they mean."""

from __future__ import annotations

from itertools import pairwise
from threading import Event, Thread

import matplotlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import load_scenario
from simulator.output.style import (
    arm_styles,
    look,
    new_figure,
    power_text,
    scale_axis,
    spread_out,
)
from simulator.scenario import Endpoint
from simulator.scenario.design import PlaqueCount, Titer


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_labels_stay_apart_inside_and_in_order(places: list[float]) -> None:
    gap = min(0.085, 1 / max(1, len(places) - 1))
    put = spread_out(places, gap=0.085, low=0, high=1)
    ordered = sorted(put)
    # 1e-9: sums of a dozen gaps are rounded
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(ordered))
    assert min(put) >= -1e-9
    assert max(put) <= 1 + 1e-9
    assert all(
        put[i] <= put[j]
        for i in range(len(places))
        for j in range(len(places))
        if places[i] < places[j]
    )


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread_out([0.9, 0.1, 0.5], gap=0.1, low=0, high=1) == [0.9, 0.1, 0.5]


@pytest.mark.parametrize(
    ("value", "base", "text"),
    [
        (64.0, 2, "64"),
        (4096.0, 2, "4096"),
        (1e4, 10, "10⁴"),
        (3e5, 10, "3×10⁵"),
        (50.0, 10, "50"),
        (1e-3, 10, "10⁻³"),
        (1000.0, 10, "10³"),
    ],
)
def test_tick_labels(value: float, base: int, text: str) -> None:
    assert power_text(value, base) == text


@settings(max_examples=60, deadline=None)  # the first figure loads fonts
@given(
    st.floats(1e-3, 1e7),
    st.floats(1, 1e5),
    st.sampled_from(
        [
            PlaqueCount(kind="plaque_count", day=5),
            Titer(kind="titer", day=5),
        ]
    ),
)
def test_a_log_axis_has_three_labelled_ticks_or_more(
    low: float, ratio: float, endpoint: Endpoint
) -> None:
    axes = new_figure(4, 2).subplots()
    scale_axis(axes, "x", endpoint, low, low * ratio)
    left, right = axes.get_xlim()
    assert left < low <= low * ratio < right
    inside = [tick for tick in axes.get_xticks() if left <= tick <= right]
    labels = [axes.xaxis.get_major_formatter()(tick) for tick in inside]
    assert 3 <= len(set(labels)) == len(inside) <= 9


def test_arms_differ_without_colour() -> None:
    styles = arm_styles(load_scenario("secretome-healthy-mice").design)
    assert len({(style.marker, style.line) for style in styles.values()}) == len(styles)


def test_the_users_own_settings_come_back() -> None:
    before = dict(matplotlib.rcParams)
    with look():
        assert not matplotlib.rcParams["text.parse_math"]
    assert dict(matplotlib.rcParams) == before


def test_threads_draw_one_after_the_other() -> None:
    began, drawn = Event(), []

    def other() -> None:
        began.set()
        with look():
            drawn.append("other")

    thread = Thread(target=other)
    with look(), look():  # a picture within a picture is no other
        thread.start()
        assert began.wait(10)
        thread.join(0.1)
        drawn.append("this")
    thread.join(10)
    assert drawn == ["this", "other"]
