"""Assurance in sentences: what is to be expected over all that is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from simulator.output.wording.answer import OF
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.assurance import Assurance, AssurancePoint
    from simulator.evaluation.characteristics import Probability

ASSURANCE_COLUMNS: Final = (
    "n",
    "assurance [95 % CI]",
    "power, half of the draws",
    "reaches target",
)


def assurance_lines(found: Assurance) -> Iterator[str]:
    """Yield what the assurance at n says, beside the power at the planned values."""
    point, n = found.point, found.n_per_arm
    yield (
        f"assurance {_interval(point)} at n = {n}: the power of {OF[found.of]} to be expected "
        f"over the distributions in the file ({found.draws:,} draws of their numbers, 500 studies "
        "each); every power without this name is that of the values planned"
    )
    low, _, middle, _, high = point.quantiles
    yield (
        f"from draw to draw power varies: middle {middle:.2f}, 90 % of the draws {low:.2f} to "
        f"{high:.2f}; it reaches {found.target:g} in {_percent(point.reached)} of them"
    )
    yield needed_for_assurance(found)


def needed_for_assurance(found: Assurance) -> str:
    """Say from which n on assurance reaches the target."""
    first, last = found.curve[0].n, found.curve[-1].n
    n, (low, high) = found.n_reaching, found.n_reaching_ci
    if n is None:
        most = max(found.curve, key=lambda point: point.assurance.value)
        return (
            f"assurance does not reach {found.target:g} up to n = {last} (most: {_interval(most)} "
            f"at n = {most.n}): more animals do not make the effect more certain"
        )
    if n == first:
        return f"assurance is at least {found.target:g} from the start of the range, n = {n}"
    upper = f"more than {last}" if high is None else f"{high}"
    told = "" if (low, high) == (n, n) else f" (by its interval {low} to {upper})"
    return f"assurance reaches {found.target:g} at about n = {n}{told}"


def assurance_rows(found: Assurance) -> list[tuple[str, ...]]:
    """Return a row of ``ASSURANCE_COLUMNS`` per n of the range."""
    return [
        (
            f"{point.n}",
            _interval(point),
            f"{point.quantiles[1]:.2f} to {point.quantiles[3]:.2f}",
            share(point.reached),
        )
        for point in found.curve
    ]


def believed_lines(priors: Mapping[str, str]) -> list[str]:
    """Return the distributions by path, a line each: ``truth.afc.sd_ln: uniform, 0.45 to 0.75``."""
    return [f"{path}: {told}" for path, told in priors.items()]


def _percent(found: Probability) -> str:
    low, high = found.ci
    return f"{100 * found.value:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def _interval(point: AssurancePoint) -> str:
    low, high = point.assurance.ci
    digits = 2 if high - low > 0.02 else 3
    return f"{point.assurance.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
