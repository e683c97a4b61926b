"""Upper tail of Student's t distribution, inside kernels."""

from __future__ import annotations

import math

from simulator.compiled import kernel

_TINY = 1e-300
#: The continued fraction stops when a step changes it by less than a few last bits.
_LAST_BITS = 3e-16
_MOST_STEPS = 100_000
#: From here on the asymptotic series of the gamma ratio is exact to the last bit.
_SERIES_FROM = 16.0


@kernel
def log_gamma_half_step(a: float) -> float:
    """Return ln(Gamma(a + 1/2) / Gamma(a)) for a > 0.

    The difference of two log-gammas loses digits as a grows; the asymptotic series of the
    ratio (Tricomi & Erdelyi 1951) does not. Small a are lifted by Gamma(a + 1) = a Gamma(a).
    """
    lifted = 0.0
    while a < _SERIES_FROM:
        lifted += math.log1p(0.5 / a)  # ln((a + 1/2) / a)
        a += 1.0
    inverse = 1.0 / a
    square = inverse * inverse
    series = (
        -1.0 / 8.0
        + square
        * (
            1.0 / 192.0
            + square * (-1.0 / 640.0 + square * (17.0 / 14336.0 - square * (31.0 / 18432.0)))
        )
    ) * inverse
    return 0.5 * math.log(a) + series - lifted


@kernel
def _beta_fraction(a: float, b: float, x: float) -> float:
    # Continued fraction of the incomplete beta integral (DLMF 8.17.22) by Lentz's method;
    # converges fast for x < (a + 1)/(a + b + 2).
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for k in range(1, _MOST_STEPS):
        even = k * (b - k) * x / ((a + 2 * k - 1.0) * (a + 2 * k))
        odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1.0))
        change = 1.0
        for step in (even, odd):
            d = 1.0 + step * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + step / c
            c = c if abs(c) > _TINY else _TINY
            change = c * d
            value *= change
        if abs(change - 1.0) < _LAST_BITS:
            break
    return value


@kernel
def student_t_tail(t: float, df: float) -> float:
    """Return P(T > t) of Student's t distribution.

    P(T > t) = I_x(df/2, 1/2) / 2 with x = df / (df + t^2) for t >= 0, I the regularised
    incomplete beta function; accurate relative to the tail itself, however far out.

    Parameters
    ----------
    t : any number, infinite too.
    df : degrees of freedom, above 0; need not be whole.

    Returns
    -------
    NaN where t or df is NaN or df is not above 0.
    """
    if math.isnan(t) or not df > 0.0:
        return math.nan
    if t < 0.0:
        return 1.0 - student_t_tail(-t, df)
    odds = t * t / df
    if math.isinf(odds):
        return 0.0
    if odds == 0.0:
        return 0.5
    a = 0.5 * df
    x = 1.0 / (1.0 + odds)
    y = odds / (1.0 + odds)
    # x^a y^(1/2) / B(a, 1/2)
    log_front = (
        -a * math.log1p(odds) + 0.5 * math.log(y) + log_gamma_half_step(a)
    ) - 0.5 * math.log(math.pi)
    front = math.exp(log_front)
    if x < (a + 1.0) / (a + 2.5):
        return 0.5 * front * _beta_fraction(a, 0.5, x) / a
    return 0.5 - front * _beta_fraction(0.5, a, y)  # I_y(1/2, a) = 2 front fraction
