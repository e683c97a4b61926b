"""Whether the work of a study fits its laboratory's shifts."""

from __future__ import annotations

from simulator.scenario import Scenario


def fits_shifts(scenario: Scenario, n: int) -> bool | None:
    """Return whether every day's work fits its shift in every timeline; None without a laboratory.

    Parameters
    ----------
    n : animals in an arm of ratio 1.
    """
    if scenario.design.conduct is None:
        return None
    from simulator.trial.realised import timeline_of  # SimPy: only where there is a laboratory

    return bool(timeline_of(scenario, scenario.design.sizes(n)).fits.all())
