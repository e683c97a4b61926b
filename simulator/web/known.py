"""What is known of a plan so far, and what is drawn of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.web.answers import n_to_show

if TYPE_CHECKING:
    from simulator.evaluation.feasibility_result import Feasibility
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.run import Run
    from simulator.scenario_files import Loaded
    from simulator.web.pictures import Shown
    from simulator.web.plan import Plan


@dataclass(frozen=True)
class Answer:
    """What is known of a plan so far.

    Attributes
    ----------
    plan, loaded : what was asked.
    result : the newest power curve, with the truth once ``run`` is there.
    picture : it drawn.
    run : the certified answer; None until it is there.
    stage : "refining", "worlds" or "done"; "ended" where its work ended before that.
    """

    plan: Plan
    loaded: Loaded
    result: PowerResult
    picture: Shown | None
    run: Run | None
    stage: str

    @property
    def is_whole(self) -> bool:
        """Whether n is settled and nothing more is to come."""
        return self.run is not None and self.stage in ("done", "ended")

    @property
    def n(self) -> int:
        """The n of the studies that the page shows."""
        target = self.loaded.scenario.decision.power.target
        return n_to_show(self.result, self.run, target)


@dataclass(frozen=True)
class Responses:
    """One simulated study of n mice per arm; ``doses`` is drawn last, when ``whole`` gets true."""

    n: int
    replicate: int
    cohort: Shown
    doses: Shown | None = None
    whole: bool = False


@dataclass(frozen=True)
class LabDay:
    """The laboratory's days, simulated and drawn."""

    found: Feasibility
    picture: Shown
