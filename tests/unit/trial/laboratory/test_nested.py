"""When a smaller study lives through the first times of a larger one."""

from typing import Any

import pytest

from simulator.trial.laboratory.timeline import nested, timeline
from tests.unit.model.studies import ENDPOINTS, arm
from tests.unit.trial.laboratory.small_laboratory import study


def arrays(line):
    return [line.immunized, *line.dosed.values(), *line.sampled.values(), line.waited]


NO_BREAK = {"from": "08:00", "to": "17:00", "break": None}


@pytest.mark.parametrize(
    "conduct",
    [
        {},
        {"staff": 1, "equipment": {"readers": 3}},
        {"staff": 3, "equipment": {"balances": 2, "baths": 1, "per_bath": 2}},
        {"staff": 4, "equipment": {"readers": 2}, "hours": NO_BREAK},
        {"staff": 2, "hours": {"from": "08:00", "to": "10:30", "break": ("08:20", "08:50")}},
    ],
)
def test_smaller_studies_live_through_the_first_times_of_the_largest(conduct):
    """At every smaller size SimPy is run anew."""
    scenario = study(**conduct)
    largest = timeline(scenario, places={None: (20,)})
    assert nested(scenario, largest)
    for n in range(1, 10):
        smaller = timeline(scenario, places={None: (2 * n,)})
        assert smaller.fits.all()
        for small, large in zip(
            arrays(smaller.lines[None]), arrays(largest.lines[None]), strict=True
        ):
            assert (small == large[:, : 2 * n]).all()


def test_animals_left_over_after_the_last_visit_delay_nobody():
    killing = {"killing": {"takes": "40 min"}}
    scenario, places = study(tasks=killing), {None: (40,)}
    largest = timeline(scenario, places=places)
    assert not largest.fits.any()
    assert nested(scenario, largest)
    for n in (1, 4, 11, 19):
        smaller = timeline(scenario, places={None: (2 * n,)})
        for small, large in zip(
            arrays(smaller.lines[None]), arrays(largest.lines[None]), strict=True
        ):
            assert (small == large[:, : 2 * n]).all()
    drifting = study(tasks=killing, truth={"handling": {"reader_drift": 0.01}})
    assert not nested(drifting, timeline(drifting, places=places))


def test_with_drift_of_the_reader_reading_must_not_be_interrupted():
    drifting = {"handling": {"reader_drift": 0.01}}
    with_break, without = study(truth=drifting), study(truth=drifting, hours=NO_BREAK)
    places = {None: (20,)}
    assert not nested(with_break, timeline(with_break, places=places))
    assert nested(study(), timeline(study(), places=places))  # nobody reads worse after lunch
    largest = timeline(without, places=places)
    assert nested(without, largest)
    for n in range(1, 10):
        smaller = timeline(without, places={None: (2 * n,)}).lines[None].reading
        assert (smaller == largest.lines[None].reading[:, : 2 * n]).all()
    # where the largest is read the next morning, smaller ones are interrupted by closing
    late = study(truth=drifting, hours={**NO_BREAK, "to": "10:00"})
    found = timeline(late, places=places)
    assert found.fits.all()
    assert not nested(late, found)


NOT_NESTED: dict[str, dict[str, Any]] = {
    "randomized": {"order": "randomized"},
    "by-arm": {"order": "by-arm"},
    "by-cage": {"order": "by-cage"},
    "two days": {"days": 2},
    "spleens wait": {"plating": "after-all"},
    "the day does not fit": {"hours": {"from": "08:00", "to": "08:20", "break": None}},
    "two visits in a shift": {"schedules": {"daily": {"days": [0, 0.1, 1]}}},
    "satellites": {
        "endpoints": {**ENDPOINTS, "late": {"kind": "titer", "day": 7, "satellite": True}}
    },
    "an arm of ratio 2": {
        "arms": {"control": arm("control", "saline", ratio=2), "drug": arm("test", "secretome")}
    },
    "an arm of fixed size": {
        "arms": {"control": arm("control", "saline", n=8), "drug": arm("test", "secretome")}
    },
}


@pytest.mark.parametrize("reason", NOT_NESTED)
def test_other_studies_are_not_nested(reason):
    scenario = study(**NOT_NESTED[reason])
    days = scenario.design.conduct.days
    places: dict[str | None, tuple[int, ...]] = {None: (20 // days,) * days}
    if "late" in scenario.design.endpoints:
        places["late"] = (20,)
    assert not nested(scenario, timeline(scenario, places=places))


@pytest.mark.parametrize(
    "reason", ["spleens wait", "the day does not fit", "two visits in a shift"]
)
def test_those_times_do_depend_on_the_size(reason):
    """The answer no is needed: with more animals the first ones have other times."""
    tasks = {"dosing": {"takes": "20 min"}} if reason == "two visits in a shift" else {}
    scenario = study(**NOT_NESTED[reason], tasks=tasks)
    small = arrays(timeline(scenario, places={None: (6,)}).lines[None])
    large = arrays(timeline(scenario, places={None: (20,)}).lines[None])
    assert any((a != b[:, :6]).any() for a, b in zip(small, large, strict=True))
