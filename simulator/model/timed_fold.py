"""What realised times do to the AFC fold of one course of doses: fast, or solved one by one."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.model.delay_polynomial import BOXES, DelayPolynomial, fit
from simulator.model.timed_course import TimedCourse

Floats = NDArray[np.float64]

#: Answers that are kept: another endpoint or another arm may ask for the same rows.
KEPT = 4


class TimedFold:
    """ln (AFC over that without drugs) at realised times, minus that at planned ones.

    Rows near the planned times are read off polynomials; those far from them, those with a dose
    that is never given, and those of courses that no polynomial follows, are solved.

    Parameters
    ----------
    course : the doses.
    read : planned days from the immunization to the reading.
    zero : study day of the immunization.
    shift : (G,) sensitivities, added to ln EC50 of every effect.
    plain : gives ln AFC without drugs at days since the immunization.
    """

    def __init__(
        self,
        course: TimedCourse,
        *,
        read: float,
        zero: float,
        shift: Floats,
        plain: Callable[[Floats], Floats],
    ) -> None:
        self._read, self._shift, self._plain = read, shift, plain
        # a dose planned after the reading is not looked at, however late that is
        self._looked_at = np.array([day - zero <= read for day in course.rounds], dtype=np.bool_)
        rounds = np.array(course.rounds)[self._looked_at]
        self._course, self._given = replace(course, rounds=tuple(rounds.tolist())), rounds - zero
        self._polynomials: dict[int, DelayPolynomial | None] = {}
        self._answers: OrderedDict[tuple[bytes, bool], Floats] = OrderedDict()

    def change(self, interval: Floats, delays: Floats, *, exact: bool) -> Floats:
        """Return the change (M, G), read-only, at intervals (M,) and delays (M, D)."""
        if not self._given.size:
            return np.zeros((interval.size, self._shift.size))
        rows = np.column_stack([interval, delays[:, self._looked_at]])
        key = hashlib.blake2b(rows.tobytes()).digest(), exact
        found = self._answers.pop(key, None)
        if found is None:
            found = self._solve(rows) if exact else self._look_up(rows)
            found.flags.writeable = False
        self._answers[key] = found
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        return found

    def _solve(self, rows: Floats) -> Floats:
        # the planned animal comes last, solved like all others: no change is exactly 0
        times = np.vstack([rows, np.zeros(rows.shape[1])])
        read = self._read + times[:, 0]
        found = self._course.ln_afc(read=read, given=self._given + times[:, 1:], shift=self._shift)
        found -= self._plain(read)[:, None]
        return found[:-1] - found[-1]

    def _look_up(self, rows: Floats) -> Floats:
        found = np.empty((len(rows), self._shift.size))
        open_ = np.ones(len(rows), dtype=np.bool_)
        for index, box in enumerate(BOXES):
            inside = open_ & box.holds(rows)
            if inside.any() and (polynomial := self._polynomial(index)) is not None:
                found[inside] = polynomial.evaluate(rows[inside])
                open_ &= ~inside
        if open_.any():
            found[open_] = self._solve(rows[open_])
        return found

    def _polynomial(self, index: int) -> DelayPolynomial | None:
        if index not in self._polynomials:
            doses = self._given.size
            self._polynomials[index] = fit(self._solve, doses=doses, box=BOXES[index])
        return self._polynomials[index]
