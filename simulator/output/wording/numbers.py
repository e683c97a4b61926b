"""Numbers with the digits that their simulation error supports."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.evaluation.characteristics import Estimate, Probability


def share(probability: Probability) -> str:
    """Return ``0.84 [0.83, 0.85]``, with the digits that the interval supports."""
    low, high = probability.ci
    digits = 2 if high - low > 0.02 else 3
    return f"{probability.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def estimate(found: Estimate) -> str:
    """Return ``3.01 ± 0.02``, with the digits that the error supports."""
    if not math.isfinite(found.value):
        return "-"
    if not (math.isfinite(found.mcse) and found.mcse > 0):
        return f"{found.value:.3g}"
    if found.mcse < 1e-4:
        return f"{found.value:.4f} ± <0.0001"
    digits = min(4, max(0, -math.floor(math.log10(found.mcse))))
    return f"{found.value:.{digits}f} ± {found.mcse:.{digits}f}"
