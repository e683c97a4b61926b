"""Power of every draw of the priors, freed of the noise of its few studies.

A draw's power is seen in 500 studies. The least of several such powers is too small on average, and
their spread too wide, so neither may be read off what was seen. Power is a smooth function of the
drawn numbers: a regression on them (natural cubic splines and products, logit link) takes what the
draws have in common, as regression does in value-of-information analysis. What power varies beyond
both, the fit and the binomial noise, is estimated too, and each draw is moved from the fit towards
what was seen by its part of the variance (empirical Bayes). So where the fit is poor the powers
seen come back, and with them their noise.

Sources: M. Strong, J. E. Oakley, A. Brennan, Medical Decision Making 34, 311-326, 2014 (regression
over draws); B. Efron, C. Morris, JASA 70, 311-319, 1975 (shrinkage); F. E. Harrell, Regression
Modeling Strategies, 2015 (splines, knots); P. Kline, A. Santos, Journal of Econometric Methods 1,
23-41, 2012 (score bootstrap).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats

#: Draws that a coefficient of the regression must have.
_DRAWS_EACH = 6
#: Where the knots of a spline lie, as shares of the draws.
_KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
_ITERATIONS = 30
#: The logit beyond which a power is 0 or 1 (4e-6), and the largest step of one iteration.
_FARTHEST, _STEP = 12.5, 3.0
#: Weight of "no slope" against 500 studies of each draw: keeps what is always 0 or 1 finite.
_RIDGE = 1.0


@dataclass(frozen=True)
class DrawnPower:
    """Powers of the draws.

    Attributes
    ----------
    fitted : shape (draws, M), by the regression.
    power : shape (draws, M), moved towards what was seen.
    """

    fitted: Floats
    power: Floats
    _weight: Floats
    _seen: Floats
    _design: Floats
    _gain: Floats

    def resampled(self, rng: np.random.Generator, count: int) -> Iterator[tuple[Floats, Floats]]:
        """Yield how often each draw is in a bootstrap sample (draws,), and the powers by its fit.

        Parameters
        ----------
        count : of samples.
        """
        draws = self._design.shape[0]
        start = np.log(self.fitted / (1.0 - self.fitted))
        residual = self._seen - self.fitted
        for _ in range(count):
            times = np.bincount(rng.integers(draws, size=draws), minlength=draws).astype(float)
            score = self._design.T @ (times[:, None] * residual)
            score -= self._design.T @ residual  # the ridge's share
            moved = np.einsum("mpq,qm->pm", self._gain, score)
            fitted = _expit(start + self._design @ moved)
            yield times, fitted + self._weight * (self._seen - fitted)


def drawn_power(seen: Floats, numbers: Floats, *, studies: int) -> DrawnPower:
    """Estimate the power of every draw.

    Parameters
    ----------
    seen : shares of a draw's studies, shape (draws, M) for M probabilities (comparison and n).
    numbers : the drawn numbers, shape (draws, numbers), on a scale on which power is smooth.
    studies : of each draw.
    """
    design = _design(numbers)
    draws, width = design.shape
    coefficients = _coefficients(design, seen, studies)
    fitted = _expit(design @ coefficients)
    slope = fitted * (1.0 - fitted)
    binomial = slope / studies
    # E (seen - fitted)^2 = (slope^2 lack + binomial) (1 - width / draws): moments
    squares = ((seen - fitted) ** 2).sum(axis=0) * draws / max(1, draws - width)
    lack = np.maximum(0.0, squares - binomial.sum(axis=0)) / (slope**2).sum(axis=0)
    beyond = slope**2 * lack
    weight = beyond / (beyond + binomial)
    gain = np.stack([np.linalg.inv(h) for h in _information(design, slope, studies)]) * studies
    power = fitted + weight * (seen - fitted)
    return DrawnPower(fitted, power, weight, seen, design, gain)


def _expit(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -_FARTHEST, _FARTHEST))))


def _coefficients(design: Floats, seen: Floats, studies: int) -> Floats:
    """Return the coefficients (p, M) by Newton's method, all M at once."""
    width = design.shape[1]
    found = np.zeros((width, seen.shape[1]))
    middle = np.clip(seen.mean(axis=0), 1e-3, 1 - 1e-3)
    found[0] = np.log(middle / (1 - middle)) / design[0, 0]
    for _ in range(_ITERATIONS):
        fitted = _expit(design @ found)
        score = studies * design.T @ (seen - fitted) - _RIDGE * found
        information = _information(design, fitted * (1 - fitted), studies)
        step = np.linalg.solve(information, score.T[:, :, None])[:, :, 0].T
        largest = np.abs(design @ step).max(axis=0)
        found += step * np.minimum(1.0, _STEP / np.maximum(largest, 1e-300))
        if largest.max() < 1e-6:
            break
    return found


def _information(design: Floats, slope: Floats, studies: int) -> Floats:
    """Return the penalised information matrices, (M, p, p)."""
    ridge = _RIDGE * np.eye(design.shape[1])
    return np.stack([studies * (design.T * one) @ design + ridge for one in slope.T])


def _design(numbers: Floats) -> Floats:
    """Return the regression's columns: orthogonal, mean square 1, the first constant."""
    draws, count = numbers.shape
    spread = numbers.std(axis=0)
    scaled = (numbers - numbers.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    columns = scaled.T
    products = [columns[i] * columns[j] for i in range(count) for j in range(i)]
    choices: tuple[list[Floats], ...] = (
        [*columns, *products, *(c for one in columns for c in _spline(one))],
        [*columns, *products, *columns**2],
        [*columns],
        [],
    )
    chosen = next(c for c in choices if _DRAWS_EACH * (1 + len(c)) <= draws or not c)
    whole = np.stack([np.ones(draws), *chosen], axis=1)
    q, r = np.linalg.qr(whole)
    kept = np.abs(np.diag(r)) > 1e-6 * np.sqrt(draws)
    basis = q[:, kept]
    return np.asarray(basis * np.sqrt(draws) * np.sign(basis[0, 0]))


def _spline(x: Floats) -> list[Floats]:
    """Return the columns of a restricted cubic spline beside x itself."""
    knots = np.quantile(x, _KNOTS)
    last, before = knots[-1], knots[-2]
    if not np.all(np.diff(knots) > 0):
        return []

    def cube(knot: float) -> Floats:
        return np.asarray(np.maximum(0.0, x - knot) ** 3)

    return [
        (
            cube(knot)
            - cube(before) * (last - knot) / (last - before)
            + cube(last) * (before - knot) / (last - before)
        )
        / (last - knots[0]) ** 2
        for knot in knots[:-2]
    ]
