"""Steel's adjustment by the multivariate normal distribution.

Without ties and under the null hypothesis corr(U_i, U_j) = l_i l_j with l_i^2 =
n_i / (n_0 + n_i + 1), so z_i = l_i T + sqrt(1 - l_i^2) E_i with independent standard normal T
and E_i, and the probability of the largest z is one integral over T (Dunnett 1955 has the like).
"""

from __future__ import annotations

import math

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_codes import GREATER, LESS
from simulator.analysis.steel import directed
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import SMALLEST_ARM

#: Beyond this many standard deviations T weighs less than the last bits of any p printed.
_REACH = 9.0


@kernel
def steel_loads(sizes: Ints) -> Floats:
    """Return l_i = sqrt(n_i / (n_0 + n_i + 1)) of the treated arms that can be tested.

    Parameters
    ----------
    sizes : shape (1 + k,), animals per arm, control first; treated arms below 2 are left out.
    """
    loads = np.empty(sizes.size - 1)
    count = 0
    for arm in range(1, sizes.size):
        if sizes[arm] >= SMALLEST_ARM:
            loads[count] = math.sqrt(sizes[arm] / (sizes[0] + sizes[arm] + 1.0))
            count += 1
    return loads[:count]


@kernel
def steel_normal_p(z: float, loads: Floats, alternative: int) -> float:
    """Return the adjusted p of one z: P(some z_i is at least as extreme).

    p = integral of phi(t) (1 - prod_i (1 - q_i(t))) dt, q_i the probability that z_i is as
    extreme given t; every term is positive, so small p keep their digits. Trapezoidal rule,
    which converges faster than any power for such integrands; the step shrinks with the
    steepness of q.

    Parameters
    ----------
    z : standardised statistic of the comparison.
    loads : shape (k,), `steel_loads` of the family.
    alternative : 0 two-sided, 1 greater (treated larger), -1 less.

    Returns
    -------
    NaN of NaN; accurate to about 1e-13 relative to p.
    """
    if math.isnan(z) or loads.size == 0:
        return math.nan
    one_sided = alternative in (GREATER, LESS)
    c = directed(z, alternative)
    if not one_sided and c == 0.0:
        return 1.0
    steepness = 1.0
    for load in loads:
        steepness += load * load / (1.0 - load * load)
    step = 0.5 / math.sqrt(steepness)
    reach = _REACH + abs(c)
    points = math.ceil(reach / step)
    total = 0.0
    for point in range(-points, points + 1):
        t = point * step
        log_none = 0.0  # log prod (1 - q_i)
        for load in loads:
            scale = 1.0 / math.sqrt(2.0 * (1.0 - load * load))
            q = 0.5 * math.erfc((c - load * t) * scale)
            if not one_sided:
                q += 0.5 * math.erfc((c + load * t) * scale)
            log_none += math.log1p(-q) if q < 1.0 else -math.inf
        total += math.exp(-0.5 * t * t) * -math.expm1(log_none)
    return min(1.0, total * step / math.sqrt(2.0 * math.pi))
