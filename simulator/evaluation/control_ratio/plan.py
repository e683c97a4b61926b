"""The study with any number of control and treated animals, all else as planned."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from simulator.errors import Problem, ScenarioError
from simulator.evaluation.decisions.layout import layout_of
from simulator.scenario import Scenario
from simulator.scenario.attrition import Headcount
from simulator.scenario.enrolment import study_headcount

#: Animals of the control, and of a treated arm.
Pair = tuple[int, int]
#: In place of a number of controls: as many as there are in a treated arm.
EQUAL = 0


@dataclass(frozen=True)
class Plan:
    """Who is compared with whom in a decision, and the study at any pair of sizes.

    Attributes
    ----------
    scenario : as planned.
    control : the arm that the decision's comparisons share.
    treated : the arms compared with it whose number is free; ``fixed`` those of a fixed number.
    scale : ratio of the treated arms in the file. They count as ratio 1 here, so that n is
        their number; where theirs differ, n is that of an arm of ratio 1 and ``scale`` is 1.
    family : the decision's.
    """

    scenario: Scenario
    control: str
    treated: tuple[str, ...]
    fixed: tuple[str, ...]
    scale: float
    family: str
    _made: dict[int, Scenario] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rule(self) -> float:
        """The square-root rule: sqrt(k) control animals for each animal of k treated arms.

        It makes the variance s^2 (1/m + 1/n) of a difference smallest for the m + kn animals
        (Dunnett 1955), and knows neither ranks, nor losses, nor several comparisons.
        """
        return math.sqrt(len(self.treated))

    @property
    def planned_ratio(self) -> float | None:
        """Control animals for each treated one in the file; None where the control's are fixed."""
        arm = self.scenario.design.arms[self.control]
        return None if arm.n is not None else arm.ratio / self.scale

    @property
    def alike(self) -> bool:
        """Whether an animal's value does not depend on how many others there are."""
        scenario = self.scenario
        return scenario.design.conduct is None and scenario.analysis.unit == "animal"

    def with_control(self, m: int) -> Scenario:
        """Return the study with m control animals; n animals per treated arm is then its n.

        Parameters
        ----------
        m : `EQUAL` for as many as in a treated arm.
        """
        if m not in self._made:
            design = self.scenario.design
            arms = {
                key: arm.model_copy(
                    update={"n": m or None, "ratio": 1.0}
                    if key == self.control
                    else {"ratio": arm.ratio / self.scale}
                )
                for key, arm in design.arms.items()
            }
            changed = design.model_copy(update={"arms": arms})
            self._made[m] = self.scenario.model_copy(update={"design": changed})
        return self._made[m]

    def tested(self, scenario: Scenario) -> Scenario:
        """Return a study that tests only the decision's family: the same decisions, sooner."""
        families = {self.family: scenario.analysis.families[self.family]}
        plan = scenario.analysis.model_copy(update={"families": families, "trends": {}})
        return scenario.model_copy(update={"analysis": plan})

    def headcount(self, pair: Pair) -> Headcount:
        """Count the animals of the whole study, every arm and the satellites among them."""
        m, n = pair
        return study_headcount(self.with_control(m), n)

    def animals(self, pair: Pair) -> int:
        """Return the animals that are purchased."""
        return self.headcount(pair).purchased

    def sizes(self, pair: Pair) -> dict[str, int]:
        """Return the animals enrolled per arm."""
        m, n = pair
        return self.with_control(m).design.sizes(n)

    def file_n(self, pair: Pair) -> int | None:
        """Return the file's n that gives its other arms the sizes of a pair; None where none does.

        It is not the pair's n where the treated arms of the file have a ratio.
        """
        sizes = self.sizes(pair)
        for n in range(1, max(sizes[arm] for arm in self.treated) + 1):
            found = self.scenario.design.sizes(n)
            if all(found[arm] == size for arm, size in sizes.items() if arm != self.control):
                return n
        return None

    def as_planned(self, pair: Pair) -> bool:
        """Return whether the file as it stands has the arms of a pair at that n."""
        n = self.file_n(pair)
        return n is not None and self.scenario.design.sizes(n) == self.sizes(pair)

    def full_cages(self, pair: Pair) -> bool:
        """Return whether every arm of the study has full cages, where arms have their own."""
        animals = self.scenario.design.animals
        sizes = self.sizes(pair).values()
        return animals.arms_share_cages or all(size % animals.per_cage == 0 for size in sizes)


def plan_of(scenario: Scenario) -> Plan:
    """Return who is compared with whom in the decision.

    Raises
    ------
    ScenarioError : nothing is compared, or every treated arm has a fixed number of animals.
    """
    layout = layout_of(scenario, [scenario.decision.n.stop])
    pairs = list(zip(layout.comparisons, layout.target, strict=True))
    compared = [comparison for comparison, wanted in pairs if wanted]
    arms = scenario.design.arms
    treated = list(dict.fromkeys(comparison.treated for comparison in compared))
    free = tuple(arm for arm in treated if arms[arm].n is None)
    if not free:
        listed = ", ".join(f"design.arms.{arm}.n" for arm in treated)
        problem = Problem(
            "design.arms",
            f"every treated arm of the decision has a fixed number of animals ({listed}), so there "
            "is no ratio to choose: leave that n out of the file",
        )
        raise ScenarioError(scenario.id, [problem])
    ratios = {arms[arm].ratio for arm in free}
    return Plan(
        scenario=scenario,
        control=compared[0].control,
        treated=free,
        fixed=tuple(arm for arm in treated if arms[arm].n is not None),
        scale=ratios.pop() if len(ratios) == 1 else 1.0,
        family=compared[0].family,
    )
