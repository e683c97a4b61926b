"""Choices of the side of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from simulator.auditing.choices.data_set import Contrast
from simulator.auditing.choices.rank_tests import PValue
from simulator.scenario.analysis_plan import Alternative, TestSpec


@dataclass(frozen=True, eq=False)
class Tail:
    """Which side, and what is made of its p-value.

    Attributes
    ----------
    id, words : its name, and what to say after the test; empty of the plan's own.
    alone : what to say where nothing else differs from the plan.
    valid : whether it is right too.
    of : the p-value, from the test's.
    """

    id: str
    words: str
    alone: str
    valid: bool
    of: Callable[[PValue, Contrast, TestSpec], float]


def _as_planned(test: PValue, contrast: Contrast, spec: TestSpec) -> float:
    return test(contrast, spec)


#: The plan's own.
AS_PLANNED = Tail("", "", "", True, _as_planned)


def _side(alternative: Alternative) -> Callable[[PValue, Contrast, TestSpec], float]:
    def of(test: PValue, contrast: Contrast, spec: TestSpec) -> float:
        return test(contrast, replace(spec, alternative=alternative))

    return of


_two_sided, _greater, _less = _side("two-sided"), _side("greater"), _side("less")


def _halved(test: PValue, contrast: Contrast, spec: TestSpec) -> float:
    return _two_sided(test, contrast, spec) / 2


def _as_it_turned_out(test: PValue, contrast: Contrast, spec: TestSpec) -> float:
    return min(_greater(test, contrast, spec), _less(test, contrast, spec))


def _doubled(
    side: Callable[[PValue, Contrast, TestSpec], float],
) -> Callable[[PValue, Contrast, TestSpec], float]:
    return lambda test, contrast, spec: min(1.0, 2 * side(test, contrast, spec))


def tails(alternative: Alternative) -> Iterator[Tail]:
    """Yield the choices other than the plan's."""
    if alternative != "two-sided":
        yield Tail("two-sided", "two-sided", "a two-sided test", True, _two_sided)
    for name, side in (("greater", _greater), ("less", _less)):
        if alternative != name:
            words = f"one-sided ({name})"
            yield Tail(f"one-sided-{name}", words, f"a one-sided test ({name})", False, side)
    words = "two-sided and then halved, whatever the direction"
    yield Tail("halved", words, f"a test that is {words}", False, _halved)
    words = "one-sided in whatever direction the data went"
    yield Tail("one-sided-as-seen", words, f"a test that is {words}", False, _as_it_turned_out)
    for name, side in (("greater", _greater), ("less", _less)):
        words = f"one-sided ({name}) and then doubled"
        yield Tail(f"doubled-{name}", words, f"a test that is {words}", False, _doubled(side))
