"""The polynomial in an animal's times: what it can follow, and what it refuses."""

import numpy as np
import pytest

from simulator.model.delay_polynomial import BOXES, MOST_TERMS, fit


def rows_in(box, doses, size=50):
    rng = np.random.default_rng(5)
    interval = rng.uniform(*box.interval, size)
    return np.column_stack([interval, rng.uniform(-box.delay, box.delay, (size, doses))])


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("doses", [1, 3, 5])
def test_a_polynomial_of_its_own_degree_is_met_exactly(box, doses):
    def value(rows):
        late = 10 * rows[:, 1:].sum(axis=1)
        pair = 100 * rows[:, 1:2].sum(axis=1) * rows[:, -1]
        t = rows[:, 0]
        return np.column_stack([t**8 / 100 - t, late**3 + t**2 * pair + late * t**5, 0 * t])

    found = fit(value, doses=doses, box=box)
    rows = rows_in(box, doses)
    assert box.holds(rows).all()
    np.testing.assert_allclose(found.evaluate(rows), value(rows), rtol=0, atol=2e-9)
    np.testing.assert_array_equal(found.evaluate(np.zeros((2, 1 + doses))), 0.0)


def test_rows_outside_are_known():
    box = BOXES[0]
    rows = np.array([[0, 0, 0], [1.3, 0, 0], [-0.3, 0, 0], [0, 0.11, 0], [0, 0, np.inf]])
    np.testing.assert_array_equal(box.holds(rows), [True, False, False, False, False])


@pytest.mark.parametrize("column", [0, 2])
def test_what_no_polynomial_follows_is_refused(column):
    def kink(rows):
        return np.abs(rows[:, [column]] - 0.1) - 0.1

    def smooth(rows):
        return np.sin(rows[:, [column]])

    assert fit(kink, doses=2, box=BOXES[2]) is None
    assert fit(smooth, doses=2, box=BOXES[2]) is not None


def test_too_many_doses_are_refused_before_anything_is_solved():
    def never(_):
        raise AssertionError("solved")

    assert MOST_TERMS < 1000
    assert fit(never, doses=30, box=BOXES[2]) is None
