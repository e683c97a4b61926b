"""Where a simulated curve that ends below the target would come to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from simulator.evaluation.power_result import CurvePoint

#: With less power at the top of the range, or a target farther than this many times its n, the
#: curve says too little about larger n.
_ENOUGH_POWER, _FARTHEST = 0.3, 3


def reached_beyond(curve: Sequence[CurvePoint], *, target: float) -> int | None:
    """Return about which n the power would reach the target; None where the curve cannot tell.

    The power of a rank test is nearly Phi(a + b sqrt(n)). The straight line is fitted to the
    upper half of the range, where single p-values matter least.

    Parameters
    ----------
    curve : points in ascending n, the last below the target.
    target : power wanted, between 0 and 1.
    """
    law, top = NormalDist(), curve[-1].n
    points = [
        (math.sqrt(point.n), law.inv_cdf(point.target.value))
        for point in curve
        if 2 * point.n >= top and 0 < point.target.value < 1
    ]
    if len(points) < 2 or curve[-1].target.value < _ENOUGH_POWER:
        return None
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    slope = sum((u - x) * (v - y) for u, v in points) / sum((u - x) ** 2 for u, _ in points)
    if slope <= 0:
        return None
    n = math.ceil((x + (law.inv_cdf(target) - y) / slope) ** 2)
    return None if n > _FARTHEST * top else max(n, top + 1)
