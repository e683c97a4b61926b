"""Approximate power and sample size of the Mann-Whitney test by formula: cross-checks.

None of these knows about exact tests, multiplicity, losses or cages. Throughout, p is the
relative effect P(X < Y) + P(X = Y)/2 and t the first arm's share of the animals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]


def _z(alpha: float) -> float:
    """Two-sided normal quantile."""
    return float(stats.norm.isf(alpha / 2))


def noether_total(p: float, *, alpha: float = 0.05, power: float = 0.8, t: float = 0.5) -> float:
    """Return the total number of animals, unrounded, by Noether (1987).

    N = (z_{1-alpha/2} + z_power)^2 / (12 t (1-t) (p - 1/2)^2); variance as under the null.
    Infinite where p = 1/2.
    """
    _check(p=p, t=t)
    if p == 0.5:
        return math.inf
    quantiles = _z(alpha) + float(stats.norm.ppf(power))
    return quantiles**2 / (12 * t * (1 - t) * (p - 0.5) ** 2)


def noether_power(p: float, *, m: int, n: int, alpha: float = 0.05) -> float:
    """Return power with m and n animals: Phi(|p-1/2| / sqrt(1/12m + 1/12n) - z_{1-alpha/2}).

    The same approximation as :func:`noether_total`, solved for power (statpsych power.mann).
    """
    _check(p=p)
    error = math.sqrt(1 / (12 * m) + 1 / (12 * n))
    return float(stats.norm.cdf(abs(p - 0.5) / error - _z(alpha)))


def statpsych_size(p: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return animals per arm as R's statpsych size.test.mann: Noether's N/2, rounded up.

    Raises
    ------
    ValueError : p is 1/2, which no number of animals can show.
    """
    total = noether_total(p, alpha=alpha, power=power)
    if math.isinf(total):
        raise ValueError("a relative effect of 1/2 needs infinitely many animals")
    return math.ceil(total / 2 - 1e-9)


@dataclass(frozen=True)
class PlacementMoments:
    """Moments of two distributions that the large-sample formulas need.

    Attributes
    ----------
    p : relative effect P(X < Y) + P(X = Y)/2.
    sigma : standard deviation of H(Z), Z ~ H = t F_X + (1-t) F_Y, mid-distribution functions.
    sigma_x, sigma_y : standard deviations of F_Y(X) and of F_X(Y).
    """

    p: float
    sigma: float
    sigma_x: float
    sigma_y: float


def placement_moments(
    x: ArrayLike,
    y: ArrayLike,
    *,
    t: float = 0.5,
    px: Sequence[float] | None = None,
    py: Sequence[float] | None = None,
) -> PlacementMoments:
    """Return the moments from two samples, or from values with probabilities px and py."""
    _check(t=t)
    fx, fy, mass_x, mass_y = _mid_distributions(x, y, px, py)
    p = _share(fx @ mass_y)
    both, mass = t * fx + (1 - t) * fy, t * mass_x + (1 - t) * mass_y
    return PlacementMoments(
        p=p,
        sigma=math.sqrt(max(0.0, float(both**2 @ mass) - 0.25)),
        sigma_x=math.sqrt(max(0.0, float(fy**2 @ mass_x) - (1 - p) ** 2)),
        sigma_y=math.sqrt(max(0.0, float(fx**2 @ mass_y) - p**2)),
    )


def happ_total(
    x: ArrayLike,
    y: ArrayLike,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    t: float = 0.5,
    px: Sequence[float] | None = None,
    py: Sequence[float] | None = None,
) -> float:
    """Return the total number of animals by Happ, Bathke & Brunner (2019), as R's WMWssp.

    N = (z_{1-alpha/2} sigma + z_power sqrt(t sigma_y^2 + (1-t) sigma_x^2))^2
    / (t (1-t) (p - 1/2)^2); ties allowed.

    Parameters
    ----------
    x, y : prior samples of the two arms, or the values of two discrete distributions.
    px, py : their probabilities; default: every value weighs the same.
    """
    moments = placement_moments(x, y, t=t, px=px, py=py)
    if moments.p == 0.5:
        return math.inf
    spread = math.sqrt(t * moments.sigma_y**2 + (1 - t) * moments.sigma_x**2)
    top = _z(alpha) * moments.sigma + float(stats.norm.ppf(power)) * spread
    return top**2 / (t * (1 - t) * (moments.p - 0.5) ** 2)


def happ_power(moments: PlacementMoments, *, m: int, n: int, alpha: float = 0.05) -> float:
    """Return power with m and n animals: :func:`happ_total` solved for power.

    Parameters
    ----------
    moments : :func:`placement_moments` at t = m/(m+n).
    """
    t = m / (m + n)
    spread = math.sqrt(t * moments.sigma_y**2 + (1 - t) * moments.sigma_x**2)
    reach = math.sqrt((m + n) * t * (1 - t)) * abs(moments.p - 0.5) - _z(alpha) * moments.sigma
    if spread == 0:  # complete separation
        return float(reach >= 0)
    return float(stats.norm.cdf(reach / spread))


@dataclass(frozen=True)
class ShiehMoments:
    """p1 = P(X < Y), p2 = P(X < Y and X' < Y), p3 = P(X < Y and X < Y')."""

    p1: float
    p2: float
    p3: float


def shieh_moments(x: ArrayLike, y: ArrayLike) -> ShiehMoments:
    """Return p1, p2, p3 of the two empirical distributions; a tie counts one half.

    With ties p2 and p3 are squares of mid-distribution functions: an approximation.
    """
    fx, fy, mass_x, mass_y = _mid_distributions(x, y, None, None)
    return ShiehMoments(
        p1=_share(fx @ mass_y), p2=_share(fx**2 @ mass_y), p3=_share((1 - fy) ** 2 @ mass_x)
    )


def shieh_power(moments: ShiehMoments, *, m: int, n: int, alpha: float = 0.05) -> float:
    """Return two-sided power by the exact moments of U (Shieh, Jan & Randles 2006).

    E U = mn p1; Var U = mn (p1(1-p1) + (m-1)(p2-p1^2) + (n-1)(p3-p1^2)), m animals in the
    arm of X; under the null mn/2 and mn(m+n+1)/12. No continuity correction.
    """
    p1, p2, p3 = moments.p1, moments.p2, moments.p3
    pairs = m * n
    var = pairs * (p1 * (1 - p1) + (m - 1) * (p2 - p1**2) + (n - 1) * (p3 - p1**2))
    edge = _z(alpha) * math.sqrt(pairs * (m + n + 1) / 12)
    shift = pairs * (p1 - 0.5)
    if var <= 0:  # complete separation: U is one number
        return float(abs(shift) >= edge)
    sd = math.sqrt(var)
    return float(stats.norm.cdf((shift - edge) / sd) + stats.norm.cdf((-shift - edge) / sd))


def shieh_size(
    moments: ShiehMoments,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sizes: Callable[[int], tuple[int, int]] = lambda n: (n, n),
    most: int = 100_000,
) -> int | None:
    """Return the smallest n from which :func:`shieh_power` stays at ``power`` or above.

    None where ``most`` is not enough. The formula is not meant for a handful of animals and
    need not rise there, so the search goes down from an n that is enough.

    Parameters
    ----------
    sizes : animals in the arm of X and in that of Y at each n; default: n in both.
    """

    def reached(n: int) -> bool:
        m, other = sizes(n)
        return shieh_power(moments, m=m, n=other, alpha=alpha) >= power

    high = 2
    while not reached(high):
        high *= 2
        if high > most:
            return None
    while high > 2 and reached(high - 1):
        high -= 1
    return high


def are_power(d: float, *, m: int, n: int, efficiency: float, alpha: float = 0.05) -> float:
    """Return two-sided power of the t test with ``efficiency`` times the animals.

    G*Power's "A.R.E. method": noncentral t with m' = efficiency*m, n' = efficiency*n animals,
    df = m' + n' - 2 and noncentrality d sqrt(m'n'/(m'+n')).

    Parameters
    ----------
    d : difference of means in standard deviations.
    efficiency : asymptotic relative efficiency to the t test: normal 3/pi, Laplace 3/2,
        logistic pi^2/9; least possible 0.864.
    """
    scaled_m, scaled_n = efficiency * m, efficiency * n
    df = scaled_m + scaled_n - 2
    shift = d * math.sqrt(scaled_m * scaled_n / (scaled_m + scaled_n))
    edge = float(stats.t.isf(alpha / 2, df))
    return float(stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift))


def _mid_distributions(
    x: ArrayLike, y: ArrayLike, px: Sequence[float] | None, py: Sequence[float] | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return both mid-distribution functions at the common values, and both masses there."""
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    grid, where = np.unique(np.concatenate([first, second]), return_inverse=True)
    mass_x = _mass(first, where[: first.size], grid.size, px)
    mass_y = _mass(second, where[first.size :], grid.size, py)
    return np.cumsum(mass_x) - mass_x / 2, np.cumsum(mass_y) - mass_y / 2, mass_x, mass_y


def _mass(values: Floats, where: NDArray[np.intp], size: int, p: Sequence[float] | None) -> Floats:
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError("a sample needs at least one value, and no missing ones")
    weights = np.full(values.size, 1 / values.size) if p is None else np.asarray(p, dtype=float)
    if weights.shape != values.shape or weights.min() < 0 or abs(weights.sum() - 1) > 1e-9:
        raise ValueError("probabilities must be one per value, not negative, and sum to 1")
    mass: Floats = np.bincount(where.ravel(), weights=weights, minlength=size).astype(np.float64)
    return mass


def _check(*, p: float = 0.5, t: float = 0.5) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"the relative effect {p} is not between 0 and 1")
    if not 0 < t < 1:
        raise ValueError(f"the share t = {t} of the first arm is not between 0 and 1")


def _share(total: float | np.floating[Any] | Floats) -> float:
    """Return a probability whose rounding may have left 0..1 (complete separation)."""
    return min(1.0, max(0.0, float(total)))
