"""The tests of two arms, by the plan's name for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from simulator.analysis.brunner_munzel import of_sorted as brunner_munzel
from simulator.analysis.kernel_types import Floats
from simulator.analysis.mann_whitney import of_sorted as mann_whitney
from simulator.analysis.pair import PairTest
from simulator.analysis.permutation import of_sorted as permutation
from simulator.scenario.analysis_plan import Test, TestSpec


def _mann_whitney(treated: Floats, control: Floats, spec: TestSpec) -> PairTest:
    return mann_whitney(
        treated,
        control,
        method=spec.method,
        alternative=spec.alternative,
        convention=spec.convention,
        continuity=spec.continuity,
    )


def _brunner_munzel(treated: Floats, control: Floats, spec: TestSpec) -> PairTest:
    return brunner_munzel(treated, control, alternative=spec.alternative)


def _permutation(treated: Floats, control: Floats, spec: TestSpec) -> PairTest:
    return permutation(treated, control, alternative=spec.alternative, resamples=spec.resamples)


_TESTS: Final[Mapping[Test, Callable[[Floats, Floats, TestSpec], PairTest]]] = {
    "mann_whitney": _mann_whitney,
    "brunner_munzel": _brunner_munzel,
    "permutation": _permutation,
}


def pair_test(treated: Floats, control: Floats, spec: TestSpec) -> PairTest:
    """Test a treated arm against a control arm as the specification says.

    Parameters
    ----------
    treated, control : shape (m,) and (n,), sorted ascending, no NaN; infinities are allowed.
    """
    return _TESTS[spec.test](treated, control, spec)
