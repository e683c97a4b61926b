"""Realised times against solving single animals, and against the second opinion."""

import math

import numpy as np
import pytest

from simulator.model.exposure import ActiveRegimen
from simulator.model.immune_response import solve
from simulator.model.regimens import active_regimens
from simulator.model.timing import TimingTable
from tests.second_opinion import kinetics
from tests.unit.model.studies import ENDPOINTS, SUBSTANCES, arm, kinetic_study

HOUR = 1 / 24
MINUTE = HOUR / 60
DAYS = np.arange(5.0)


def queue(rng, animals, shift=math.inf):
    """Lateness (days) of one technician's animals: immunization, doses (animals, 5), reading.

    Everyone keeps the place of the first day. 4 min with the immunization, 2 min without and
    6 min for a kill, log-normal with a CV of 30 %; what has not begun after ``shift`` days of
    work waits for the next morning, and that day's own work starts after it.
    """
    sigma = math.sqrt(math.log1p(0.3**2))
    done = []
    over = 0.0
    for takes in (4, 2, 2, 2, 2, 6):
        times = takes * MINUTE * np.exp(sigma * rng.standard_normal(animals) - sigma**2 / 2)
        start = over + np.cumsum(times) - times
        morning = np.where(start > shift, 1.0, 0.0)
        over = max(0.0, float((start + times)[-1]) - shift)
        done.append(np.where(morning > 0, 1.0 + start - shift, start))
    return done[0], np.column_stack(done[:5]) + MINUTE, done[5]


def exact(study, arm_id, endpoint, *, immunized, given, read, shift):
    """Return ln response of one animal, its own doses (None for a missed one) and day."""
    planned = active_regimens(study, arm_id)
    regimens = [
        ActiveRegimen(
            substance=r.substance,
            route=r.route,
            doses=tuple(
                sorted((given[day], mass) for day, mass in r.doses if given[day] is not None)
            ),
            on=r.on,
            emax=r.emax,
            ec50=r.ec50,
            hill=r.hill,
            rise=r.rise,
        )
        for r in planned
    ]
    setting = {"antigen": 2e8, "immunized_on": immunized, "days": [read]}
    found = solve(study.truth.kinetics, regimens=regimens, shift=shift, **setting)
    ln_afc = math.log(found.afc[0, 0])
    if endpoint == "afc":
        return ln_afc
    plain = solve(study.truth.kinetics, **setting)
    exponent = study.truth.effects[planned[0].substance].titer_exponent.value if planned else 0
    return math.log(plain.titer[0, 0]) + exponent * (ln_afc - math.log(plain.afc[0, 0]))


def largest_error(study, arm_id, endpoint, immunized, dosed, read, shifts):
    """Return the largest error of the change over animals, and the largest change."""
    table = TimingTable(study)
    rounds = table.rounds(arm_id)
    late = dosed[:, [int(day) for day in rounds]] - immunized[:, None]
    change = table.change(arm_id, endpoint, interval=read - immunized, delays=late)
    grid = table.grid(arm_id, endpoint)
    typical = {day: day for day in DAYS}
    errors, changes = [], []
    for m, shift in enumerate(shifts):
        own = {"immunized": immunized[m], "read": 5.0 + read[m]}
        given = {day: day + dosed[m, int(day)] for day in DAYS}
        realised = exact(study, arm_id, endpoint, given=given, shift=shift, **own)
        planned = exact(
            study, arm_id, endpoint, given=typical, shift=shift, immunized=0.0, read=5.0
        )
        changes.append(realised - planned)
        errors.append(np.interp(shift, grid, change[m]) - changes[-1])
    return np.abs(errors).max(), np.abs(changes).max()


#: Every arm form of the study: no drug, constant rise, graded by two routes; titer as well.
CASES = [("control", "afc"), ("thymalin", "afc"), ("IM-1", "afc"), ("IM-3", "afc")]
CASES += [("SC-2", "afc"), ("control", "titer"), ("IM-2", "titer")]


@pytest.mark.parametrize(("arm_id", "endpoint"), CASES)
def test_a_queue_of_160_animals(arm_id, endpoint):
    """Up to 16 h late; within 1.5e-4 of ln response (8e-5 when this was written).

    The change itself is up to 0.12; the assay's smallest error is 5 %.
    """
    rng = np.random.default_rng(11)
    immunized, dosed, read = queue(rng, 160)
    some = rng.choice(160, 25, replace=False)
    shifts = 0.3 * rng.standard_normal(some.size)
    error, change = largest_error(
        kinetic_study(), arm_id, endpoint, immunized[some], dosed[some], read[some], shifts
    )
    assert error < 1.5e-4
    assert change > 0.02


@pytest.mark.parametrize(("arm_id", "endpoint"), CASES)
def test_left_over_work_of_a_day(arm_id, endpoint):
    """What does not fit into an 8 h shift is done a day late: within 3e-4 (1.3e-4 then)."""
    rng = np.random.default_rng(12)
    immunized, dosed, read = queue(rng, 160, shift=8 * HOUR)
    assert immunized.max() > 1 - 2 * HOUR
    some = rng.choice(160, 25, replace=False)
    shifts = 0.3 * rng.standard_normal(some.size)
    error, change = largest_error(
        kinetic_study(), arm_id, endpoint, immunized[some], dosed[some], read[some], shifts
    )
    assert error < 3e-4
    assert change > 0.1


def mixed_study():
    """A suppressant before and a steep, sensitive drug after, on another immunization day."""
    effects = {
        "poison": {"IV": {"on": "recruitment", "emax": -0.8, "ec50": "0.5 ug/kg"}},
        "steep": {"SC": {"emax": 0.4, "ec50": "20 ug/kg", "hill": 3}},
    }
    before = arm("test", "poison", "IV", mass=50, schedule="before")["regimens"]
    after = arm("test", "steep", "SC", mass=60, schedule="after")["regimens"]
    return kinetic_study(
        arms={
            "control": arm("control", "saline", schedule="after"),
            "both": {"role": "test", "regimens": before + after},
        },
        effects=effects,
        design={
            "substances": {**SUBSTANCES, "poison": {"role": "positive"}, "steep": {"role": "test"}},
            "schedules": {"before": {"days": [0]}, "after": {"days": [1, 2, 3]}},
            "endpoints": {"afc": ENDPOINTS["afc"]},
            "immunization": {"day": 0.5},
        },
        variability={"afc": {"sd_ln": 0.6}, "sensitivity": {"sd_ln": 0.8}},
    )


def test_two_drugs_and_another_day():
    study = mixed_study()
    rng = np.random.default_rng(13)
    late, read = rng.uniform(0, 0.5, (20, 5)), rng.uniform(0, 0.5, 20)
    immunized = rng.uniform(0, 0.5, 20)
    shifts = 0.8 * rng.standard_normal(20)
    table = TimingTable(study)
    given = late[:, :4] - immunized[:, None]
    change = table.change("both", "afc", interval=read - immunized, delays=given)
    grid = table.grid("both", "afc")
    for m, shift in enumerate(shifts):
        doses = [{day: day + share * late[m, int(day)] for day in DAYS} for share in (0, 1)]
        planned, realised = (
            exact(
                study,
                "both",
                "afc",
                immunized=0.5 + share * immunized[m],
                given=doses[share],
                read=5 + share * read[m],
                shift=shift,
            )
            for share in (0, 1)
        )
        # steeper in time and in sensitivity than the effects above (2.4e-4 then)
        assert np.interp(shift, grid, change[m]) == pytest.approx(realised - planned, abs=5e-4)


# --- fast against solved ------------------------------------------------------------


def both_ways(table, arm_id, endpoint, interval, delays):
    """Return the largest difference between the fast answers and solving every row."""
    asked = {"interval": interval, "delays": delays[:, : len(table.rounds(arm_id))]}
    fast = table.change(arm_id, endpoint, **asked)
    return np.abs(fast - table.change(arm_id, endpoint, **asked, exact=True)).max()


@pytest.mark.parametrize("technicians", [1, 2])
def test_fast_answers_of_a_queue_are_the_solved_ones(technicians):
    """Up to 8 h late, some spleens left over for the next days: 1e-4 (8e-5 then)."""
    table = TimingTable(kinetic_study())
    immunized, dosed, read = queue(np.random.default_rng(14), 160)
    late = (dosed - immunized[:, None]) / technicians
    interval = (read - immunized) / technicians
    interval[-40:] += np.repeat([0.9, 1.9], 20)
    for arm_id in ("thymalin", "IM-1", "IM-3", "SC-1", "SC-3"):
        for endpoint in ("afc", "titer"):
            assert both_ways(table, arm_id, endpoint, interval, late) < 1e-4


def test_fast_answers_for_any_times():
    """Every dose by itself late or early, up to where rows are solved: 5e-4 (3.5e-4 then)."""
    table = TimingTable(kinetic_study())
    rng = np.random.default_rng(15)
    interval = rng.uniform(-0.25, 3.25, 400)
    reach = rng.choice([0.06, 0.1, 0.25, 0.3], (400, 1))
    late = reach * rng.uniform(-1, 1, (400, 5))
    for arm_id in ("thymalin", "IM-2", "SC-1"):
        assert both_ways(table, arm_id, "afc", interval, late) < 5e-4


@pytest.mark.parametrize("day", [1, 2, 3, 4, 7])
def test_fast_answers_on_other_days(day):
    """While blasts divide, times act steeply: more rows are solved; 5e-4 (2.6e-4 then)."""
    afc = {"kind": "plaque_count", "day": day, "primary": True}
    table = TimingTable(kinetic_study(design={"endpoints": {"afc": afc}}))
    rng = np.random.default_rng(16)
    interval, late = rng.uniform(-0.2, 0.6, 200), 0.1 * rng.uniform(-1, 1, (200, 5))
    for arm_id in ("thymalin", "IM-2"):
        assert both_ways(table, arm_id, "afc", interval, late) < 5e-4


def test_fast_answers_of_two_drugs():
    rng = np.random.default_rng(17)
    interval, late = rng.uniform(-0.2, 0.6, 100), 0.1 * rng.uniform(-1, 1, (100, 4))
    assert both_ways(TimingTable(mixed_study()), "both", "afc", interval, late) < 5e-4


def test_a_fast_answer_does_not_depend_on_its_neighbours():
    """Bit for bit, wherever the row is, in whatever order and company it is asked for."""
    rng = np.random.default_rng(18)
    interval = rng.uniform(-0.4, 3.5, 60)
    late = np.linspace(0.01, 0.4, 60)[:, None] * rng.uniform(-1, 1, (60, 5))
    late[7, 2] = np.inf
    every = TimingTable(kinetic_study()).change("IM-2", "afc", interval=interval, delays=late)
    other = TimingTable(kinetic_study())
    order = rng.permutation(60)
    for rows in (order[:1], order[1:8], order[8:]):
        some = other.change("IM-2", "afc", interval=interval[rows], delays=late[rows])
        np.testing.assert_array_equal(some, every[rows])


def test_rows_are_worked_out_once(monkeypatch):
    """The other endpoint, and an arm that gets the same, find the answers of the first."""
    arms = {"control": arm("control", "saline")}
    arms |= {key: arm("test", "secretome", "IM", 20, 70) for key in ("one", "two")}
    table = TimingTable(kinetic_study(arms=arms))
    rows = {"interval": np.array([0.1, 5.0]), "delays": np.zeros((2, 5))}
    for endpoint in ("afc", "titer"):
        table.grid("two", endpoint)
    first = table.change("one", "afc", **rows)
    monkeypatch.setattr("simulator.model.timed_course.TimedCourse.ln_afc", None)
    np.testing.assert_array_equal(table.change("two", "afc", **rows), first)
    assert table.grid("two", "titer").size == table.grid("one", "afc").size
    table.change("two", "titer", **rows)
    with pytest.raises(TypeError, match="not callable"):
        table.change("two", "afc", **{**rows, "interval": np.array([0.1, 6.0])})


# --- missed doses -----------------------------------------------------------------


def test_missed_doses():
    """Together they are right within 2e-3 (a large change, read linearly between sensitivities).

    Adding the effects of single ones is off by up to 0.6 of ln for two, 1.3 for three.
    """
    study = kinetic_study()
    table = TimingTable(study)
    own = {"immunized": 0.0, "read": 5.0}
    worst = {1: 0.0, 2: 0.0, 3: 0.0, 4: 0.0, 5: 0.0}
    exactly = 0.0
    patterns = np.arange(32)[:, None] >> np.arange(5) & 1 > 0
    for arm_id in ("IM-1", "IM-2", "IM-3", "SC-2"):
        missed, grid = table.missed(arm_id, "afc"), table.grid(arm_id, "afc")
        joint = table.missed(arm_id, "afc", patterns=patterns)
        for shift in (-0.6, 0.05, 0.6):
            full = exact(study, arm_id, "afc", given={day: day for day in DAYS}, shift=shift, **own)
            for pattern in range(1, 32):
                gone = [k for k in range(5) if pattern >> k & 1]
                given = {day: None if int(day) in gone else day for day in DAYS}
                truth = exact(study, arm_id, "afc", given=given, shift=shift, **own) - full
                found = np.interp(shift, grid, joint[pattern])
                exactly = max(exactly, abs(found - truth))
                added = sum(np.interp(shift, grid, missed[k]) for k in gone)
                worst[len(gone)] = max(worst[len(gone)], abs(added - truth))
    assert max(exactly, worst[1]) < 2e-3
    assert worst[2] == pytest.approx(0.61, abs=0.05)
    assert worst[3] == pytest.approx(1.31, abs=0.05)


# --- a second opinion ---------------------------------------------------------------


def course(given, shift):
    return kinetics.Course(
        doses=tuple(sorted((day, 70.0) for day in given)),
        route="IM",
        emax=0.49,
        ec50=57.3,
        ec50_log_shift=shift,
    )


def test_the_slope_of_the_control():
    """AFC falls by 0.57 a day at day 5, by 0.65 over the day after: an hour costs 2.4-2.7 %."""
    table = TimingTable(kinetic_study())
    interval = np.array([-HOUR, HOUR, 4 * HOUR, 1.0])
    ours = table.change("control", "afc", interval=interval, delays=np.empty((4, 0)))[:, 0]
    planned = kinetics.afc(day=5)
    theirs = [math.log(kinetics.afc(day=5 + late) / planned) for late in interval]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=5e-5)
    assert (theirs[1] - theirs[0]) / (2 * HOUR) == pytest.approx(-0.570, abs=0.005)
    assert theirs[3] == pytest.approx(-0.65, abs=0.005)


def test_late_doses_by_the_second_opinion():
    """Some hours, a day, before the immunization, past the reading: 1.5e-4; fast: 3e-4."""
    table = TimingTable(kinetic_study())
    late = np.array(
        [
            [HOUR] * 5,
            [0, 8 * HOUR, 0, 0, 0],
            [-5 * HOUR, -4 * HOUR, -6 * HOUR, -3 * HOUR, 0],
            [0, 0, 1.0, 0, 0],
            [0, 0, 0, 0, 2.0],
        ]
    )
    interval = np.array([0.0, 2 * HOUR, -2 * HOUR, 7 * HOUR, 0.5])
    grid = table.grid("IM-2", "afc")
    for index in (grid.size // 2, grid.size // 4):
        shift = float(grid[index])
        asked = {"interval": interval, "delays": late}
        ours = table.change("IM-2", "afc", **asked, exact=True)[:, index]
        fast = table.change("IM-2", "afc", **asked)[:, index]
        planned = kinetics.afc(day=5, courses=[course(DAYS, shift)])
        theirs = [
            math.log(kinetics.afc(day=5 + wait, courses=[course(DAYS + row, shift)]) / planned)
            for wait, row in zip(interval, late, strict=True)
        ]
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1.5e-4)
        np.testing.assert_allclose(fast, theirs, rtol=0, atol=3e-4)
