"""When two p-values are one number."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.auditing.agreement import Printed, equal_p, printed_as

RNG = np.random.default_rng(20261122)
P = 10.0 ** RNG.uniform(-5, 0, size=500)


def significant(p, digits):
    """Rounded by the interpreter's own printing."""
    return np.array([float(f"{one:.{digits - 1}e}") for one in p])


@pytest.mark.parametrize("decimals", [1, 2, 3, 4, 6, 8])
def test_rounded_to_decimals_is_equal_at_that_precision_only(decimals):
    said = np.array([float(f"{one:.{decimals}f}") for one in P])
    assert Printed(decimals, False) in printed_as(said)
    assert equal_p(said, P).all()
    # a tenth of a unit more than rounding can do
    other = np.clip(P + 0.6 * 10.0**-decimals, 0, 1)
    assert not equal_p(np.round(said, decimals), np.where(said < P, other, P)).all()


@pytest.mark.parametrize("digits", [1, 2, 3, 4, 5, 6])
def test_rounded_to_significant_digits(digits):
    said = significant(P, digits)
    assert Printed(digits, True) in printed_as(said)
    assert equal_p(said, P).all()
    # more than a whole unit of the last digit
    assert not equal_p(said, P * (3 if digits == 1 else 1 + 11 * 10.0**-digits)).any()


def test_seven_digits_of_r_are_within_the_tolerance():
    assert not any(one.significant for one in printed_as(significant(P, 7)))
    assert equal_p(significant(P, 7), P).all()


def test_full_precision_is_held_to_a_relative_millionth():
    assert printed_as(P) == ()
    assert equal_p(P * (1 + 9e-7), P).all()
    assert not equal_p(P * (1 + 1.2e-6), P).any()
    assert equal_p(np.array([1e-13, 0.0]), np.array([1e-14, 9e-13])).all()


def test_nan_is_equal_to_nan_only():
    said = np.array([np.nan, np.nan, 0.3])
    assert equal_p(said, np.array([np.nan, 0.3, np.nan])).tolist() == [True, False, False]


def test_exact_p_of_3_v_3_are_round_by_chance():
    said = np.tile([0.1, 0.2, 0.4, 0.7, 1.0], 40)
    assert printed_as(said) == ()
    # the one-sided p would be equal, were one decimal all that is printed
    assert equal_p(said, np.where(said == 0.1, 0.05, said)).sum() == 160


def test_few_values_show_no_rounding():
    said = np.array([0.012, 0.345, 0.678, 0.001, 0.25, 0.5, 0.999, 0.111, 0.01])
    assert printed_as(said) == ()
    assert not equal_p(said, said + 0.0004).any()
    more = np.append(said, 0.777)
    assert [str(one) for one in printed_as(more)] == ["3 decimals", "3 significant digits"]
    assert str(Printed(1, False)) == "1 decimal"


def test_what_is_known_of_the_rounding_can_be_given():
    said = np.array([0.012, 0.5])
    assert not equal_p(said, np.array([0.0121, 0.5])).all()
    assert equal_p(said, np.array([0.0121, 0.5]), printed=[Printed(3, False)]).all()


def test_a_power_of_ten_has_the_digits_of_what_was_rounded_to_it():
    printed = [Printed(1, True)]
    said = np.array([0.1, 0.1, 0.1])
    assert equal_p(said, np.array([0.0999, 0.06, 0.14]), printed=printed).tolist() == [
        True,
        False,
        True,
    ]


def as_format_pval(p, digits):
    """Each data set (row) as R's format.pval prints it: 0.001 and more with common decimals."""
    said = p.copy()
    for row, its in zip(said, p, strict=True):
        small = its < 1e-3
        row[small] = significant(its[small], digits)
        if not small.all():
            least = np.floor(np.log10(its[~small].min()))
            row[~small] = np.round(its[~small], int(digits - 1 - least))
    return said


@pytest.mark.parametrize("digits", [2, 3, 4])
def test_digits_that_vary_are_those_of_the_cell(digits):
    p = P.reshape(-1, 4)
    said = as_format_pval(p, digits)
    (printed,) = printed_as(said)
    assert printed == Printed(digits, True, varies=True)
    assert str(printed) == f"at least {digits} significant digits"
    assert equal_p(said, p).all()
    # two units of what is shown: only what lost a zero may still be equal
    other = p + 2 * 2 * printed.half_unit(said) * np.where(p > 0.5, -1, 1)
    assert equal_p(said, other).mean() < 0.2
    assert not equal_p(said, p * (1 + 11 * 10.0**-digits)).any()


def test_a_few_short_numbers_do_not_make_digits_that_vary():
    # exact p of 3 v 3 and 3 v 2, one-sided: short by chance
    said = np.tile([0.05, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95], 9)
    assert not any(one.varies for one in printed_as(said))
    assert not any(one.varies for one in printed_as(np.append(significant(P, 3), 1 / 3)))


#: Rows of four, 10^runif(20, -5, 0) of seed 1, and R 4's format.pval(row, digits = 3) of each.
OF_R = """
0.0002125902 0.3104191 0.0001071206 0.003079613 0.000213 0.310419 0.000107 0.003080
0.0007254701 0.5289034 7.634556e-05 0.03873402 0.000725 0.528903 7.63e-05 0.038734
0.007315884 0.02013673 0.02723418 0.9110254 0.00732 0.02014 0.02723 0.91103
0.3475673 0.01398203 0.0008327576 0.00079465 0.347567 0.013982 0.000833 0.000795
0.0001019553 2.03672e-05 0.07066545 0.07713049 0.000102 2.04e-05 0.070665 0.077130
"""


def test_digits_that_vary_as_r_prints_them():
    table = np.array(OF_R.split(), dtype=float).reshape(-1, 8)
    p, said = table[:, :4], table[:, 4:]
    assert [str(one) for one in printed_as(said)] == ["at least 3 significant digits"]
    assert equal_p(said, p).all()
    assert not equal_p(said, 1.01 * p).any()
