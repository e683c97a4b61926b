"""The realised work of a study, told animal by animal: when what was done at its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from simulator.scenario import Design
from simulator.trial.cohort.conduct import Done, Laboratory, Step, Subject
from simulator.trial.laboratory.timeline import works
from simulator.trial.laboratory.work import Work
from simulator.trial.laboratory.working_hours import on_clock
from simulator.trial.realised import Realised


class Replay:
    """The timelines of a study, as the laboratory of one replicate after the other.

    Parameters
    ----------
    realised : the study's conduct, as the power engine has it.
    """

    def __init__(self, realised: Realised) -> None:
        self._realised = realised
        self._laboratories: dict[int, Laboratory] = {}

    def laboratory(self, column: int) -> Laboratory:
        """Return the laboratory of a replicate of a block: the timeline that the engine gives it.

        Parameters
        ----------
        column : which replicate of its block.
        """
        timeline, scenario = self._realised.timeline, self._realised.scenario
        variant = column % timeline.variants
        if variant not in self._laboratories:
            conduct = scenario.design.conduct
            days = 1 if conduct is None else conduct.days
            places = {
                group: tuple(np.bincount(line.day_of, minlength=days).tolist())
                for group, line in timeline.lines.items()
            }
            done = works(scenario, places=places, variant=variant)
            self._laboratories[variant] = laboratory_of(scenario.design, done)
        return self._laboratories[variant]


def laboratory_of(design: Design, done: Iterable[Work]) -> Laboratory:
    """Return the laboratory in which every animal gets the times of its place.

    What waited for nothing has its planned time to the last bit, whatever the steps of the clock.

    Parameters
    ----------
    done : everything that was done in the study, in order of time.
    """
    found: dict[tuple[str | None, int | None, str, float], list[Work]] = defaultdict(list)
    clock: dict[float, float] = {}
    for work in done:
        clock[work.planned] = float(on_clock(work.planned))
        found[work.group, work.place, work.task, clock[work.planned]].append(work)

    def laboratory(subject: Subject, step: Step) -> Done:
        if step.event == "arrival":  # all animals come together, before the first day
            return Done(step.day, step.day)
        planned = step.day + subject.start_day
        due = clock[planned]
        work = found[subject.satellite_of, subject.place, _task(design, step), due][step.turn]
        return Done(
            start=planned + (work.start - due),
            end=planned + (work.end - due),
            technician=work.technician,
        )

    return laboratory


def _task(design: Design, step: Step) -> str:
    """Return the laboratory's word: a terminal endpoint is sampled by killing the animal."""
    if step.event == "kill":
        return "killing"
    if step.event == "sampling" and design.endpoints[step.detail].terminal:
        return "killing"
    return step.event
