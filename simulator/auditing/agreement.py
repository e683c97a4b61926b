"""Whether two p-values are one number, at the precision at which one of them was printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Two right implementations of one p-value agree to about 1e-10, different tests of up to 50
#: animals differ by far more, and R prints 7 digits: at worst 5e-7 of the value are lost.
RELATIVE = 1e-6
#: Below it p-values are all alike.
ABSOLUTE = 1e-12

#: A p-value like 0.1 looks rounded by chance (3 v 3 animals: all are multiples of 1/20), so many
#: different ones must. To one decimal there are but nine.
_FEWEST, _FEWEST_OF_NINE = 10, 6
_MOST_DECIMALS, _MOST_SIGNIFICANT = 11, 6
#: Of values printed to so many digits, one in ten ends in 0 and shows fewer: with digits that are
#: the same for all half of the values must show them, and most show the least that vary.
_HALF, _NEARLY_ALL = 0.5, 0.8
#: Digits that vary are from 2 to 10; a number that is not rounded has 15 and more.
_FEWEST_VARYING, _MOST_VARYING = 2, 10


@dataclass(frozen=True)
class Printed:
    """The precision of printed p-values: so many decimals, or so many significant digits.

    Attributes
    ----------
    varies : each has as many significant digits as it shows, and at least ``digits``: 0.5 may be
        0.500, from which a table or a number drops the zeros (R's ``format.pval``).
    """

    digits: int
    significant: bool
    varies: bool = False

    def half_unit(self, p: Floats, plan: Floats | None = None) -> Floats:
        """Return how far rounding moves each p at most.

        Parameters
        ----------
        p : as printed.
        plan : what may have been rounded; it tells its own exponent: 0.0999 to one digit is 0.1,
            0.06 is not.
        """
        if not self.significant:
            return np.full(p.shape, 0.5 * 10.0**-self.digits)
        exponent = _exponent(p if plan is None else plan)
        if not self.varies:
            return 0.5 * 10.0 ** (exponent - self.digits + 1)
        shown = np.maximum(_digits(p), self.digits)
        return 0.5 * 10.0 ** (np.minimum(exponent, _exponent(p)) - shown + 1)

    def shows(self, p: Floats) -> bool:
        """Return whether all p look as if they were rounded in this way."""
        if not self.significant:
            return bool(np.all(np.abs(np.round(p, self.digits) - p) <= 1e-14))
        unit = 10.0 ** (_exponent(p) - self.digits + 1)
        return bool(np.all(np.abs(np.rint(p / unit) * unit - p) <= 1e-13 * p))

    def shown_by(self, digits: Floats, exponent: Floats) -> float:
        """Return the share of values that show their last digit, and not a 0 in its place."""
        due = self.digits if self.significant else exponent + 1 + self.digits
        return float(np.mean(digits == due))

    def __str__(self) -> str:
        """Return e.g. ``3 decimals``."""
        what = "significant digit" if self.significant else "decimal"
        least = "at least " if self.varies else ""
        return f"{least}{self.digits} {what}{'' if self.digits == 1 else 's'}"


def _digits(p: Floats) -> Floats:
    """Return how many significant digits each number shows."""
    shown = [len(repr(one).split("e")[0].replace(".", "").strip("0")) for one in p.ravel().tolist()]
    return np.array(shown, dtype=np.float64).reshape(p.shape)


def _exponent(p: Floats) -> Floats:
    found: Floats = np.floor(np.log10(np.maximum(p, 1e-300)))
    return found


def printed_as(said: Floats) -> tuple[Printed, ...]:
    """Return how p-values may have been rounded; empty where they were not, or none can tell.

    Give it all p-values of an analysis, of both worlds: few of them may be round by chance.

    Parameters
    ----------
    said : of any shape, NaN where nothing is said.

    Returns
    -------
    The fewest decimals (up to 11) and the fewest significant digits (up to 6) with which all of
    them could be printed, the fewer digits first: so they were most likely rounded. Where hardly
    any shows its last digit then, but all are short, their digits vary.

    Examples
    --------
    >>> import numpy as np
    >>> [str(one) for one in printed_as(np.arange(1, 20) / 1000)]
    ['3 decimals']
    """
    values = np.unique(said[(said > 0) & (said < 1)])
    found = []
    for significant, most in ((False, _MOST_DECIMALS), (True, _MOST_SIGNIFICANT)):
        for digits in range(1, most + 1):
            one = Printed(digits, significant)
            few = _FEWEST_OF_NINE if digits == 1 and not significant else _FEWEST
            if values.size >= few and one.shows(values):
                found.append(one)
                break
    if not found:
        return ()
    digits_of, exponent = _digits(values), _exponent(values)
    likely = [one for one in found if one.shown_by(digits_of, exponent) >= _HALF]
    if likely:
        return tuple(sorted(likely, key=lambda one: one.digits))
    least = int(np.quantile(digits_of, 1 - _NEARLY_ALL, method="lower"))
    if _FEWEST_VARYING <= least <= _MOST_SIGNIFICANT and digits_of.max() <= _MOST_VARYING:
        return (Printed(least, True, varies=True),)
    return tuple(sorted(found, key=lambda one: one.digits))


def equal_p(
    said: Floats, plan: Floats, *, printed: Sequence[Printed] | None = None
) -> NDArray[np.bool_]:
    """Return which p-values of an analysis are those of the plan.

    Equal are two within a relative 1e-6 (or an absolute 1e-12), two NaN, and where what is said
    is rounded, two that are equal at that precision.

    Parameters
    ----------
    said, plan : of one shape.
    printed : how ``said`` was rounded, where more is known than these show: `printed_as` of all
        p-values of the analysis. None: found out from ``said``.

    Examples
    --------
    >>> import numpy as np
    >>> equal_p(np.array([0.1, np.nan, 0.2]), np.array([0.1, np.nan, 0.2001])).tolist()
    [True, True, False]
    """
    gap = np.abs(said - plan)
    slack = np.maximum(RELATIVE * np.maximum(np.abs(said), np.abs(plan)), ABSOLUTE)
    nothing = np.isnan(said) & np.isnan(plan)
    best: Bools = (gap <= slack) | nothing
    for one in printed_as(said) if printed is None else printed:
        equal = (gap <= one.half_unit(said, plan) + slack) | nothing
        if equal.sum() > best.sum():
            best = equal
    return best
