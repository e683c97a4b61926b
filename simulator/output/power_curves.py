"""The curves of the power figure: of each comparison, of a joint target, of assurance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.output.arm_labels import arm_label
from simulator.output.style import (
    INK,
    LINES,
    PALE,
    ArmStyle,
    arm_styles,
    distinct_styles,
)
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.characteristics import Probability
    from simulator.evaluation.power_result import CurvePoint, PowerResult

#: A curve is drawn until every power stays above this, but at least so many n.
SATURATED, _FEWEST = 0.99, 10
#: Curves that are all named; of more, so many of the hardest and as many of the easiest.
MOST_NAMED, _NAMED_EACH = 12, 4


@dataclass(frozen=True)
class Curve:
    """Power of one comparison at every n, with its 95 % band."""

    label: str
    style: ArmStyle
    n: np.ndarray
    power: np.ndarray
    low: np.ndarray
    high: np.ndarray


def informative(result: PowerResult, assurance: Assurance | None) -> Sequence[CurvePoint]:
    """Return the curve up to where nothing changes any more: a plateau needs no space."""
    curve = result.curve
    believed = {} if assurance is None else {p.n: p.assurance.value for p in assurance.curve}
    last = len(curve)
    while last > _FEWEST:
        point = curve[last - 2]
        if min(_least(point), believed.get(point.n, 1.0)) <= SATURATED:
            break
        last -= 1
    return curve[:last]


def averaged(assurance: Assurance, last: int) -> Curve:
    """Return assurance with its band: the only curve of dashes and dots, with no marker."""
    points = [point for point in assurance.curve if point.n <= last]
    return Curve(
        label="assurance"
        if len(assurance.comparisons) < 2
        else "assurance (least)"
        if assurance.of == "each"
        else f"assurance ({assurance.of})",
        style=ArmStyle(INK, "", LINES[3]),
        n=np.array([point.n for point in points], dtype=float),
        power=np.array([point.assurance.value for point in points], dtype=float),
        low=np.array([point.assurance.ci[0] for point in points], dtype=float),
        high=np.array([point.assurance.ci[1] for point in points], dtype=float),
    )


def _least(point: CurvePoint) -> float:
    return min(p.value for p in (*point.comparisons, point.target))


def curve_of(
    result: PowerResult, shown: Sequence[CurvePoint], index: int, scenario: Scenario
) -> Curve:
    treated = result.curve_comparisons[index].treated
    return banded(
        shown,
        [point.comparisons[index] for point in shown],
        arm_label(treated, scenario.design),
        arm_styles(scenario.design)[treated],
    )


def banded(
    shown: Sequence[CurvePoint], found: Sequence[Probability], label: str, style: ArmStyle
) -> Curve:
    return Curve(
        label=label,
        style=style,
        n=np.array([point.n for point in shown], dtype=float),
        power=np.array([p.value for p in found], dtype=float),
        low=np.array([p.ci[0] for p in found], dtype=float),
        high=np.array([p.ci[1] for p in found], dtype=float),
    )


def told_apart(curves: Sequence[Curve]) -> tuple[list[Curve], list[Curve]]:
    """Return the hardest and the easiest of many curves, each in a style of its own, and the rest.

    The rest are thin and pale, with one name for all of them.
    """
    order = sorted(range(len(curves)), key=lambda k: (-float(curves[k].power.mean()), k))
    first, rest, last = (
        order[:_NAMED_EACH],
        order[_NAMED_EACH:-_NAMED_EACH],
        order[-_NAMED_EACH:],
    )
    named = [
        replace(curves[k], style=style)
        for k, style in zip((*first, *last), distinct_styles(2 * _NAMED_EACH), strict=True)
    ]
    pale = ArmStyle(PALE, "", LINES[2])
    others = [replace(curves[k], style=pale) for k in rest]
    others[0] = replace(others[0], label=f"and {len(rest)} more, all in pale grey")
    return named, others
