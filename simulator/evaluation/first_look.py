"""The power curve alone, for who waits: the truth takes longer and changes no curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.evaluation.characteristics import Estimate
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.power import assemble
from simulator.evaluation.replicates import simulate_counts
from simulator.evaluation.truth import ComparisonTruth

if TYPE_CHECKING:
    from simulator.engine.local import Progress
    from simulator.evaluation.power_result import PowerResult
    from simulator.scenario import Scenario


def first_look(
    scenario: Scenario,
    *,
    replicates: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> PowerResult:
    """Return what ``power`` returns, at the top of the range, without the truth (NaN).

    Parameters
    ----------
    replicates : simulated studies; as many give the same counts in ``power``.
    progress : called with (blocks done, blocks in all); what it raises ends the work.
    """
    wanted = scenario.decision.n
    layout = layout_of(scenario, range(wanted.start, wanted.stop + 1))
    true, null = simulate_counts(
        scenario, layout, replicates=replicates, null=True, threads=threads, progress=progress
    )
    assert null is not None  # asked for above
    unknown = Estimate(math.nan, math.nan)
    truths = (ComparisonTruth(unknown, unknown),) * len(layout.comparisons)
    return assemble(scenario, layout, true, null, truths, n=wanted.stop)
