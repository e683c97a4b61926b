"""Every test of a block of replicates at every n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Levels, Shorts
from simulator.evaluation.decisions.by_sample import settle, settle_trend
from simulator.evaluation.decisions.comparing import compare
from simulator.evaluation.decisions.growing import earlier_equals
from simulator.evaluation.decisions.layout import Layout
from simulator.evaluation.decisions.steeling import steel_family
from simulator.evaluation.decisions.thresholds import PENDING, UNTESTABLE, decide_family
from simulator.evaluation.decisions.trending import trend


@dataclass(frozen=True)
class Tested:
    """Everything decided in some replicates, at every n.

    Attributes
    ----------
    levels : shape (C, K, R), how many thresholds of its family each p-value passes (see
        `thresholds`), ``UNTESTABLE`` where no test can be made.
    rejected : shape (C, K, R), after adjustment.
    trend_levels : shape (T, K, R).
    """

    levels: Levels
    rejected: Bools
    trend_levels: Levels

    @property
    def testable(self) -> Bools:
        """Whether a test could be made, (C, K, R)."""
        return np.asarray(self.levels < UNTESTABLE)

    @property
    def unadjusted(self) -> Bools:
        """Whether p is at or below the family's alpha, (C, K, R)."""
        return _passes(self.levels)

    @property
    def trend_rejected(self) -> Bools:
        """Whether the trend's p is at or below its alpha, (T, K, R)."""
        return _passes(self.trend_levels)

    def at(self, k: int) -> Tested:
        """Return the decisions at the k-th n (K is 1)."""
        lists = (getattr(self, field.name) for field in fields(self))
        return Tested(*(several[:, k : k + 1] for several in lists))


def _passes(levels: Levels) -> Bools:
    return np.asarray((levels > 0) & (levels < UNTESTABLE))


def joined(parts: Sequence[Tested], *, axis: int) -> Tested:
    """Return decisions of several n (axis 1), or of several lots of replicates (-1), as one."""
    lists = ([getattr(part, field.name) for part in parts] for field in fields(Tested))
    return Tested(*(np.concatenate(several, axis) for several in lists))


def decide(
    layout: Layout, values: Floats, *, known: Tested | None = None, changed: Bools | None = None
) -> Tested:
    """Make every test on stacked values of shape (slots, animals, R).

    Parameters
    ----------
    known, changed : decisions of the same replicates under other assumptions, and the slots
        (slots,) whose values those change; what touches none of them is not tested again.
    """
    differs = np.ones(values.shape[0], dtype=np.bool_) if changed is None else changed
    count, k = values.shape[2], len(layout.ns)
    own: Shorts = np.empty(values.shape, dtype=np.int16)
    for slot in _touched(layout, differs):
        earlier_equals(values[slot], own[slot])
    levels = np.empty((len(layout.comparisons), k, count), dtype=np.uint16)
    rejected = np.empty(levels.shape, dtype=np.bool_)
    trend_levels = np.empty((len(layout.trends), k, count), dtype=np.uint16)
    for f, (steps, rules) in enumerate(zip(layout.steps, layout.rules, strict=True)):
        family = layout.members(f)
        for c in range(family.start, family.stop):
            x, y = layout.treated[c], layout.control[c]
            if known is not None and not (differs[x] or differs[y]):
                levels[c] = known.levels[c]
                continue
            arms = (values[x], values[y])
            sizes = (layout.sizes[x], layout.sizes[y])
            compare(*arms, own[x], own[y], *sizes, rules, levels[c])
            if (levels[c] == PENDING).any():
                settle(*arms, *sizes, rules, levels[c])
        tables = layout.steel[f]
        if tables is None:
            decide_family(levels[family], steps.way, steps.need, rejected[family])
        else:
            steel_family(
                values,
                np.append(layout.control[family.start], layout.treated[family]),
                layout.sizes,
                rules.method,
                rules.alternative,
                rules.resamples,
                steps.thresholds[0],
                tables.maxima,
                tables.starts,
                tables.complete,
                rejected[family],
            )
    for t, slots in enumerate(layout.trend_slots):
        trend(values, own, slots, layout.sizes, layout.trend_rules[t], trend_levels[t])
        if (trend_levels[t] == PENDING).any():
            settle_trend(values, slots, layout.sizes, layout.trend_rules[t], trend_levels[t])
    return Tested(levels, rejected, trend_levels)


def _touched(layout: Layout, differs: Bools) -> list[int]:
    """Return the slots of every test that has a slot that differs."""
    tests = [np.array(pair) for pair in zip(layout.treated, layout.control, strict=True)]
    tests = [slots for slots in tests if differs[slots].any()] + list(layout.trend_slots)
    return sorted({int(slot) for slots in tests for slot in slots})
