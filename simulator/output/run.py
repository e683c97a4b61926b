"""A run: an answer with all that has to be read with it. Report and statement are made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.errors import Problem
from simulator.evaluation.sizing.size_result import SampleSizeResult
from simulator.evaluation.sizing.world_size import PLANNED, WorldSize
from simulator.output.assumptions import Assumption, assumptions

if TYPE_CHECKING:
    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.characteristics import Probability
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.provenance import Provenance
    from simulator.scenario import Scenario
    from simulator.scenario.attrition import Headcount
    from simulator.scenario_files import Loaded


@dataclass(frozen=True)
class Run:
    """What was asked, what the answer is, and what it rests on.

    Attributes
    ----------
    scenario : resolved; in the world that was asked for.
    answer : of ``power`` or of ``size``.
    worlds : power at the same n under the other assumptions of the file, by their ids.
    warnings : what is unwise in the plan, and what the simulation found.
    assumed : what the answer merely assumes.
    origin : enough to repeat it.
    assurance : power averaged over the distributions in the truth; None where it has none.
    by_world : where n was certified for all worlds together, the answer of each that has an effect.
    """

    scenario: Scenario
    answer: PowerResult | SampleSizeResult
    worlds: Mapping[str, PowerResult]
    warnings: tuple[Problem, ...]
    assumed: tuple[Assumption, ...]
    origin: Provenance
    assurance: Assurance | None = None
    by_world: Mapping[str, WorldSize] = field(default_factory=dict)

    @property
    def world(self) -> str:
        """Name of the world that the answer is of."""
        return str(self.origin.settings.get("world", PLANNED))

    @property
    def size(self) -> SampleSizeResult | None:
        """The answer about sample size; None where only power was asked for."""
        return self.answer if isinstance(self.answer, SampleSizeResult) else None

    @property
    def result(self) -> PowerResult:
        """What the study does at the n of the answer."""
        return self.answer.result if isinstance(self.answer, SampleSizeResult) else self.answer

    @property
    def certified(self) -> int | None:
        """The certified number per arm, if there is one."""
        return None if self.size is None else self.size.n_per_arm

    @property
    def power(self) -> Probability:
        """What the target is held against, at the n of the answer: confirmed where certified."""
        if self.size is not None:
            return self.size.power
        n = self.result.n_per_arm  # the curve holds it, also where it is outside of the range
        return next(point.target for point in self.result.curve if point.n == n)

    @property
    def animals(self) -> Headcount:
        """The animals of the study at the n of the answer."""
        from simulator.scenario.enrolment import study_headcount

        if self.size is not None:
            return self.size.animals
        return study_headcount(self.scenario, self.result.n_per_arm)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer with its warnings, assumptions and worlds as plain data."""
        believed = {} if self.assurance is None else {"assurance": self.assurance.to_dict()}
        return {
            **self.answer.to_dict(),
            "world": self.world,
            **believed,
            **(
                {"by_world": {k: v.to_dict() for k, v in self.by_world.items()}}
                if self.by_world
                else {}
            ),
            "worlds": {name: result.to_dict() for name, result in self.worlds.items()},
            "warnings": [
                {"path": w.path, "line": w.line, "message": w.message} for w in self.warnings
            ],
            "assumed": [one.to_dict() for one in self.assumed],
        }


def run_of(
    loaded: Loaded,
    answer: PowerResult | SampleSizeResult,
    *,
    worlds: Mapping[str, PowerResult],
    origin: Provenance,
    assurance: Assurance | None = None,
    by_world: Mapping[str, WorldSize] | None = None,
) -> Run:
    """Return the run of an answer, with what the plan and the simulation warn of.

    Parameters
    ----------
    loaded : the scenario as read, with its warnings and what it leaves open.
    """
    from simulator.evaluation.advice import false_alarms, in_practice

    scenario = loaded.scenario
    size = answer if isinstance(answer, SampleSizeResult) else None
    result = answer.result if isinstance(answer, SampleSizeResult) else answer
    alarm = false_alarms(result, scenario)
    texts = {
        "type_i": [] if alarm is None else [alarm],
        "n_per_arm": [] if size is not None else list(_out_of_reach(scenario, result)),
        "untestable": list(_untestable(result)),
        "cross_checks": [] if size is None else list(size.warnings),
    }
    told = [
        Problem(path, text, severity="warning") for path, some in texts.items() for text in some
    ]
    told += in_practice(scenario, result.n_per_arm)
    return Run(
        scenario=scenario,
        answer=answer,
        worlds=worlds,
        warnings=(*loaded.warnings, *told),
        assumed=assumptions(
            scenario, loaded.defaults, replicates=origin.settings.get("replicates")
        ),
        origin=origin,
        assurance=assurance,
        by_world=by_world or {},
    )


def _out_of_reach(scenario: Scenario, result: PowerResult) -> Iterator[str]:
    """Yield why nothing in the decision's family can be significant with so few, if that is so."""
    from simulator.output.wording.next_step import out_of_reach

    family = result.decision_family
    why = out_of_reach(scenario, n=result.n_per_arm, family=family)
    if why is not None:
        yield f"{family}: {why}"


def _untestable(result: PowerResult) -> Iterator[str]:
    """Yield in how many simulated studies a comparison could not be tested, of the worst."""
    worst = max(result.comparisons, key=lambda row: row.untestable.value, default=None)
    if worst is None or not worst.untestable.count:
        return
    others = sum(row.untestable.count > 0 for row in result.comparisons) - 1
    more = f"; so it is in {others} more comparison{'s' if others > 1 else ''}" if others else ""
    yield (
        f"{worst.endpoint}, {worst.treated} v {worst.control}: in {worst.untestable.value:.2g} of "
        "the simulated studies no test could be made (fewer than 2 animals left in an arm, or "
        f"all values equal); these count as not significant{more}"
    )
