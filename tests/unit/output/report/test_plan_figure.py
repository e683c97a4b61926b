"""The timeline shows every arm, injection and reading."""

from __future__ import annotations

import pytest

from simulator import load_scenario
from simulator.output.report.plan_figure import plan_figure, plan_sentence
from simulator.output.style import look
from simulator.scenario_files import catalogue


@pytest.mark.parametrize("name", [entry.id for entry in catalogue()])
def test_every_arm_has_its_injections_on_their_days(name: str) -> None:
    scenario = load_scenario(name)
    design = scenario.design
    with look():
        figure = plan_figure(scenario, sizes=design.sizes(8))
        figure.canvas.draw()
    (axes,) = figure.axes
    drawn = [
        tuple(float(x) for x in line.get_xdata())
        for line in axes.lines
        if line.get_marker() not in ("None", "none", "", None) and len(line.get_xdata())
    ]
    days = [design.schedules[r.schedule].times for a in design.arms.values() for r in a.regimens]
    read = sorted({endpoint.day for endpoint in design.endpoints.values()})
    assert drawn == [(design.immunization.day,), *days, *[(day,) for day in read]]
    told = " ".join(text.get_text() for text in (*axes.texts, *axes.get_yticklabels()))
    for arm in design.arms:
        assert arm in told
    for endpoint in design.endpoints:
        assert endpoint in told


def test_several_regimens_of_an_arm_have_a_row_each() -> None:
    scenario = load_scenario("suppression-and-rescue")
    told = plan_sentence(scenario, sizes=scenario.design.sizes(4))
    assert (
        "rescued (n = 4): cyclophosphamide IP, 1 injection on day -1; secretome IM, 5 injections "
        "on days 0, 1, 2, 3, 4." in told
    )


def test_many_arms_are_not_all_told() -> None:
    scenario = load_scenario("quick-start")
    drug = scenario.design.arms["drug"]
    arms = {**scenario.design.arms, **{f"drug-{k}": drug for k in range(40)}}
    design = scenario.design.model_copy(update={"arms": arms})
    told = plan_sentence(
        scenario.model_copy(update={"design": design}), sizes=dict.fromkeys(arms, 5)
    )
    assert "and 26 more arms: no treatment stated." in told
