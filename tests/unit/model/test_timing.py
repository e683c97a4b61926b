"""Realised times: what the table answers, and for whom it has nothing to say."""

import numpy as np
import pytest

from simulator.model.kinetic_table import REACH
from simulator.model.response_table import respond
from simulator.model.timing import SIZES, TimingTable
from tests.unit.model.studies import ENDPOINTS, arm, fold_study, kinetic_study

HOUR = 1 / 24
LATE = np.array([0.0, HOUR, -2 * HOUR, 0.4, 1.2])


def delays(table, arm_id, size=LATE.size, low=-0.3, high=1.2):
    shape = (size, len(table.rounds(arm_id)))
    return np.random.default_rng(3).uniform(low, high, shape)


def changed(table, arm_id, interval=(0.0,), late=None, endpoint="afc"):
    none = np.zeros((len(interval), len(table.rounds(arm_id))))
    late = none if late is None else np.array(late, dtype=float)
    return table.change(arm_id, endpoint, interval=np.array(interval), delays=late)


def test_planned_times_change_nothing_at_all():
    table = TimingTable(kinetic_study())
    for arm_id in ("control", "thymalin", "IM-1", "SC-3"):
        for endpoint in ("afc", "titer"):
            found = changed(table, arm_id, np.zeros(7), endpoint=endpoint)
            assert (found == 0.0).all()
            assert found.shape == (7, table.grid(arm_id, endpoint).size)


def test_rounds_are_the_doses_that_can_act():
    arms = {
        "control": arm("control", "saline"),
        "daily": arm("test", "secretome", mass=70),
        "long": arm("test", "secretome", mass=70, schedule="long"),
        "nothing": arm("test", "secretome", volume=0, mass=0),
        "elsewhere": arm("test", "secretome", "IV", mass=70),
        "two": {
            "role": "test",
            "regimens": arm("test", "secretome", mass=70)["regimens"]
            + arm("test", "secretome", "SC", mass=70, schedule="long")["regimens"],
        },
    }
    endpoints = {"afc": ENDPOINTS["afc"], "titer": {"kind": "titer", "day": 7, "satellite": True}}
    schedules = {"daily": {"days": [0, 1, 2]}, "long": {"days": [-1, 1, 6, 8]}}
    design = {"schedules": schedules, "endpoints": endpoints}
    table = TimingTable(kinetic_study(arms=arms, design=design))
    assert [table.rounds(key) for key in arms] == [
        (),
        (0.0, 1.0, 2.0),
        (-1.0, 1.0, 6.0),
        (),
        (),
        (-1.0, 0.0, 1.0, 2.0, 6.0),
    ]
    # the dose of day 6 is after the plaques, however late those are read
    late = [[0, 0, 0], [0, 0, -3]]
    plaques = changed(table, "long", [1.5, 1.5], late)
    np.testing.assert_array_equal(plaques[0], plaques[1])
    titer = changed(table, "long", [1.5, 1.5], late, "titer")
    assert (titer[0] != titer[1]).all()


def test_without_the_kinetic_model_times_do_not_act():
    table = TimingTable(kinetic_study())
    assert changed(table, "IM-1", endpoint="phagocytosis") is None
    assert table.missed("IM-1", "phagocytosis") is None
    folds = TimingTable(fold_study())
    assert folds.rounds("drug") == ()
    assert changed(folds, "drug") is None
    assert folds.missed("drug", "afc") is None
    np.testing.assert_array_equal(folds.grid("drug", "afc"), [0.0])


def test_one_sensitivity_where_it_does_not_matter():
    def points(table, arm_id, endpoint):
        return table.grid(arm_id, endpoint).tolist()

    table = TimingTable(kinetic_study())
    for key in (("control", "afc"), ("thymalin", "afc"), ("thymalin", "titer"), ("SC-1", "number")):
        assert points(table, *key) == [0.0]
    spread = {"afc": {"sd_ln": 0.6}, "titer": {"sd_log2": 1}, "sensitivity": {"sd_ln": 0}}
    assert points(TimingTable(kinetic_study(variability=spread)), "IM-1", "afc") == [0.0]
    twin = TimingTable(kinetic_study().null_twin())
    assert points(twin, "IM-1", "afc") == [0.0]
    assert twin.rounds("IM-1") == ()
    # in the null twin an arm is late exactly as the control is
    np.testing.assert_array_equal(changed(twin, "IM-1", LATE), changed(twin, "control", LATE))


def test_the_grid_is_even_and_wide_enough():
    grid = TimingTable(kinetic_study()).grid("IM-2", "afc")
    assert grid.size in SIZES
    np.testing.assert_allclose(grid, np.linspace(-REACH * 0.3, REACH * 0.3, grid.size), atol=1e-12)


def test_an_animal_does_not_depend_on_its_neighbours():
    """Bit for bit: the first animals of a larger study are those of a smaller one."""
    table = TimingTable(kinetic_study())
    for arm_id in ("control", "thymalin", "IM-2"):
        late = delays(table, arm_id)
        for endpoint in ("titer", "afc"):
            every = changed(table, arm_id, LATE, late, endpoint)
            alone = TimingTable(kinetic_study())
            for m in range(LATE.size):
                one = changed(alone, arm_id, LATE[m : m + 1], late[m : m + 1], endpoint)
                np.testing.assert_array_equal(one[0], every[m])


def test_the_order_of_realised_doses_is_free():
    table = TimingTable(kinetic_study())
    swapped = np.array([[1.0, -1.0, 0, 0, 0]])
    np.testing.assert_array_equal(changed(table, "IM-1", [0.0], swapped), 0.0)


def test_doses_after_the_reading_do_not_act():
    design = {"schedules": {"daily": {"days": [6]}}}
    endpoints = {"afc": ENDPOINTS["afc"], "titer": {"kind": "titer", "day": 7, "satellite": True}}
    table = TimingTable(kinetic_study(design={**design, "endpoints": endpoints}))
    assert table.rounds("IM-1") == (6.0,)
    plaques = changed(table, "IM-1", LATE, [[-2.0]] * LATE.size)
    np.testing.assert_array_equal(plaques, changed(table, "control", LATE) + 0 * plaques)


def test_a_missed_dose_is_one_that_never_comes():
    table = TimingTable(kinetic_study())
    missed = table.missed("IM-3", "afc")
    assert missed.shape == (5, table.grid("IM-3", "afc").size)
    assert (missed < 0).all()
    never = np.where(np.eye(5, dtype=bool), np.inf, 0.0)
    np.testing.assert_array_equal(changed(table, "IM-3", np.zeros(5), never), missed)
    # a dose that comes at the reading or later is missed too
    late = np.where(np.eye(5, dtype=bool), 5.0, 0.0)
    np.testing.assert_array_equal(changed(table, "IM-3", np.zeros(5), late), missed)
    patterns = np.array([[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
    none, second, every = table.missed("IM-3", "afc", patterns=patterns)
    np.testing.assert_array_equal(none, 0.0)
    np.testing.assert_array_equal(second, missed[1])
    # without any dose the animal is a control one; the two are solved in different ways
    respond_to = respond(kinetic_study())
    fold = respond_to.log_response("IM-3", "afc", table.grid("IM-3", "afc"))
    control = respond_to.log_response("control", "afc", np.zeros(1))
    np.testing.assert_allclose(every, control - fold, rtol=0, atol=3e-4)


def test_a_constant_rise_begins_with_the_first_dose_that_is_given():
    table = TimingTable(kinetic_study())
    first, *others = table.missed("thymalin", "afc")[:, 0]
    assert first < 0
    # a dose more or less moves the steps
    assert others == pytest.approx([0.0] * 4, abs=1e-5)
    a_day_late = changed(table, "thymalin", [0.0], [[1.0, 0, 0, 0, 0]])[0, 0]
    assert first == pytest.approx(a_day_late, abs=1e-5)


def test_titer_follows_by_its_exponent():
    effects = {"secretome": {"IM": {"emax": 0.49, "ec50": "57.3 ug/kg"}, "titer_exponent": 0.6}}
    table = TimingTable(kinetic_study(effects=effects))
    late = delays(table, "IM-2")
    grid = table.grid("IM-2", "afc")
    afc, titer = (
        np.array([np.interp(0.1, table.grid("IM-2", e), row) for row in found])
        for e in ("afc", "titer")
        for found in [changed(table, "IM-2", LATE, late, e)]
    )
    plain_afc, plain_titer = (changed(table, "control", LATE, endpoint=e)[:, 0] for e in ENDS)
    assert grid.size > 1
    # two grids, each within 1e-4 where doses are hours late; these are up to a day
    np.testing.assert_allclose(titer, plain_titer + 0.6 * (afc - plain_afc), atol=2e-3)


ENDS = ("afc", "titer")


def test_a_reading_before_the_immunization_sees_the_background():
    table = TimingTable(kinetic_study())
    early = changed(table, "IM-1", [-5.0, -7.0])
    np.testing.assert_array_equal(early[0], early[1])
    assert (early < -6).all()  # ln(150 / 9e4)


@pytest.mark.parametrize(
    ("interval", "late", "match"),
    [
        ([0.0], np.zeros((1, 4)), r"delays: \(1, 4\), where \(1, 5\) is due"),
        ([0.0, 0.0], np.zeros((1, 5)), r"where \(2, 5\) is due"),
        ([np.nan], np.zeros((1, 5)), "a realised time is not a number"),
        ([0.0], np.full((1, 5), np.nan), "a realised time is not a number"),
        ([0.0], np.full((1, 5), -np.inf), "a realised time is not a number"),
    ],
)
def test_times_that_do_not_fit_are_refused(interval, late, match):
    with pytest.raises(ValueError, match=match):
        changed(TimingTable(kinetic_study()), "IM-1", interval, late)


def test_patterns_that_do_not_fit_are_refused():
    table = TimingTable(kinetic_study())
    with pytest.raises(ValueError, match=r"patterns: \(2, 4\), where \(2, 5\) is due"):
        table.missed("IM-1", "afc", patterns=np.ones((2, 4), dtype=bool))
