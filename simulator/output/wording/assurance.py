"""Assurance in sentences: what is to be expected over all that is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from simulator.evaluation.assurance_result import ENOUGH_DRAWS
from simulator.output.wording.answer import OF

if TYPE_CHECKING:
    from simulator.evaluation.assurance_result import Assurance, Averaged
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
    several = found.of == "each" and found.asked > 1
    whose = "the comparison that has least of it" if several else OF[found.of]
    yield (
        f"assurance {_interval(point.assurance)} at n = {n}: the power of {whose} to be expected "
        f"over the distributions in the file ({found.draws:,} draws of their numbers, 500 studies "
        "each); every power without this name is that of the values planned"
    )
    if found.other_way is not None and found.other_way.count:
        yield _opposite(found, found.other_way)
    yield _spread(found, several=several)
    yield needed_for_assurance(found)


def _opposite(found: Assurance, other: Probability) -> str:
    """Say how much of the assurance is findings in the direction that is not planned."""
    whose = "an effect" if found.asked > 1 else "the effect"
    share = _percent(other.value, other.ci)
    way = "planned" if found.way_planned else "likelier"
    of = f"in {share} of the draws {whose} is opposite to the {way} one"
    counts = "the two-sided test counts what it finds there as success too"
    right = found.point.planned_way
    if right is None:
        return f"{of}; {counts}: success in the {way} direction is less likely than the assurance"
    return f"in the {way} direction it is {_interval(right)}: {of}, and {counts}"


def _spread(found: Assurance, *, several: bool) -> str:
    """Say how power varies from draw to draw."""
    point = found.point
    if point.quantiles is None or point.reached is None:
        return (
            f"{found.draws} draws are too few to tell how power varies from draw to draw, and for "
            f"a good interval: --draws {ENOUGH_DRAWS} or more"
        )
    low, _, middle, _, high = point.quantiles
    reached = _percent(point.reached.value, point.reached.ci)
    what, mean = "power", ""
    if several:
        what = f"the power of whichever of the {found.asked} comparisons has least there"
        mean = f"mean {_interval(point.least)}, "
    return (
        f"from draw to draw {what} varies: {mean}middle {middle:.2f}, 90 % of the draws {low:.2f} "
        f"to {high:.2f}; it reaches {found.target:g} in {reached} of them"
    )


def needed_for_assurance(found: Assurance) -> str:
    """Say from which n on assurance reaches the target."""
    first, last = found.curve[0].n, found.curve[-1].n
    n, (low, high) = found.n_reaching, found.n_reaching_ci
    if n is None:
        most = max(found.curve, key=lambda point: point.assurance.value)
        told = (
            f"assurance does not reach {found.target:g} up to n = {last} (most: "
            f"{_interval(most.assurance)} at n = {most.n})"
        )
        if first == last:
            return f"{told}: widen decision.n"
        if found.still_rising:
            return f"{told}, and still rises there: widen decision.n"
        flat = "and is not seen to rise any more"
        return f"{told}, {flat}: more animals do not make the effect more certain"
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
            _interval(point.assurance),
            "-"
            if point.quantiles is None
            else f"{point.quantiles[1]:.2f} to {point.quantiles[3]:.2f}",
            "-" if point.reached is None else _interval(point.reached),
        )
        for point in found.curve
    ]


def believed_lines(priors: Mapping[str, str]) -> list[str]:
    """Return the distributions by path, a line each: ``truth.afc.sd_ln: uniform, 0.45 to 0.75``."""
    return [f"{path}: {told}" for path, told in priors.items()]


def _percent(value: float, ci: tuple[float, float]) -> str:
    return f"{100 * value:.0f} % [{100 * ci[0]:.0f}, {100 * ci[1]:.0f}]"


def _interval(found: Averaged) -> str:
    low, high = found.ci
    digits = 2 if high - low > 0.02 else 3
    return f"{found.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
