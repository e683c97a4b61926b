"""Blocks of simulated studies, tested at every n: in one pass where the n share their animals.

An animal's values are the same in a larger study, unless its place in the laboratory's day, or
the cage-mates that are counted with it, depend on how many there are. Then every n is read anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats
from simulator.analysis.units import cage_medians
from simulator.evaluation.decisions.decide import Tested, decide, joined
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.model.response_table import Responses, respond
from simulator.scenario import Scenario
from simulator.trial.block import CohortBlock, cohort_block, resized, with_responses

if TYPE_CHECKING:
    from simulator.model.timing import TimingTable
    from simulator.trial.realised import Realised


@dataclass(frozen=True)
class _Twin:
    """A scenario or its null twin, with what its animals respond."""

    scenario: Scenario
    responses: Responses
    timing: TimingTable | None

    def realised(self, sizes: dict[str, int]) -> Realised | None:
        if self.timing is None:
            return None
        from simulator.trial.realised import Realised  # SimPy: only where there is a laboratory

        return Realised(self.scenario, sizes, self.timing)


def _twin(scenario: Scenario) -> _Twin:
    if scenario.design.conduct is None:
        return _Twin(scenario, respond(scenario), None)
    from simulator.model.timing import TimingTable

    return _Twin(scenario, respond(scenario), TimingTable(scenario))


class Studies:
    """Simulates and tests blocks of a study.

    Parameters
    ----------
    layout : what is tested, at which n.
    null : also the null twin of every replicate, from the same streams.
    """

    def __init__(self, scenario: Scenario, layout: Layout, *, null: bool) -> None:
        self._layout = layout
        self._twins = [_twin(scenario)]
        if null:
            self._twins.append(_twin(scenario.null_twin()))
        self._largest = dict(layout.arm_sizes[-1])
        self._at_largest = [twin.realised(self._largest) for twin in self._twins]
        self._prepare()

    @property
    def responses(self) -> Responses:
        """What the animals of the scenario respond."""
        return self._twins[0].responses

    def _prepare(self) -> None:
        """Make the timelines and their tables once, before several threads ask for them."""
        if self._apart:
            made = [conduct for _, realised in self._parts for conduct in realised]
        else:
            made = self._at_largest
        for conduct in made:
            if conduct is not None:
                conduct.prepare()

    def test(self, block: int, used: int) -> list[Tested]:
        """Return the decisions of a block's first ``used`` replicates, for each twin."""
        if self._apart:
            return self._test_apart(block, used)
        tested: list[Tested] = []
        for values, changed in self.values(block, used):
            known = tested[0] if tested else None
            tested.append(decide(self._layout, values, known=known, changed=changed))
        return tested

    def values(self, block: int, used: int) -> list[tuple[Floats, Bools | None]]:
        """Return the values of the largest study, stacked by slot, for each twin.

        With those of the null twin come the slots in which it differs from the first.
        """
        first = self._twins[0]
        cohort = cohort_block(
            first.scenario,
            first.responses,
            block=block,
            sizes=self._largest,
            realised=self._at_largest[0],
        )
        found: list[tuple[Floats, Bools | None]] = [
            (self._stacked(self._layout, cohort, used), None)
        ]
        for twin, conduct in zip(self._twins[1:], self._at_largest[1:], strict=True):
            other, differ = with_responses(cohort, twin.scenario, twin.responses, conduct)
            changed = np.array([slot in differ for slot in self._layout.slots])
            found.append((self._stacked(self._layout, other, used), changed))
        return found

    @cached_property
    def _apart(self) -> bool:
        """Whether an animal's values depend on the size of the study."""
        if len(self._layout.ns) == 1:
            return False
        scenario = self._twins[0].scenario
        if scenario.analysis.unit == "cage":
            return True
        if scenario.design.conduct is None:
            return False
        from simulator.trial.laboratory.timeline import nested
        from simulator.trial.realised import timeline_of

        return not nested(scenario, timeline_of(scenario, self._largest))

    @cached_property
    def _parts(self) -> list[tuple[Layout, list[Realised | None]]]:
        """Every n by itself, and what its conduct does to each twin."""
        scenario = self._twins[0].scenario
        return [
            (layout_of(scenario, [n]), [twin.realised(dict(sizes)) for twin in self._twins])
            for n, sizes in zip(self._layout.ns, self._layout.arm_sizes, strict=True)
        ]

    def _test_apart(self, block: int, used: int) -> list[Tested]:
        """Draw the animals once, and read and test anew at every n what depends on it."""
        first = self._twins[0]
        planned = cohort_block(first.scenario, first.responses, block=block, sizes=self._largest)
        wholes = [planned]
        differ = [np.ones(len(self._layout.slots), dtype=np.bool_)]
        for twin in self._twins[1:]:
            whole, slots = with_responses(planned, twin.scenario, twin.responses)
            wholes.append(whole)
            differ.append(np.array([slot in slots for slot in self._layout.slots]))
        alike = self._tested_alike(planned, used)
        found: list[list[Tested]] = [[] for _ in self._twins]
        for k, (layout, realised) in enumerate(self._parts):
            known, changed = alike.at(k), self._dependent
            like: CohortBlock | None = None
            for index, (whole, conduct) in enumerate(zip(wholes, realised, strict=True)):
                at = whole if conduct is None else resized(whole, conduct, like=like)
                values = self._stacked(layout, at, used)
                if like is not None:
                    changed = self._differs(at, like, differ[index])
                tested = decide(layout, values, known=known, changed=changed)
                found[index].append(tested)
                like, known = at, tested
        return [joined(parts, axis=1) for parts in found]

    @cached_property
    def _dependent(self) -> Bools:
        """The slots whose values depend on the size of the study."""
        scenario, conduct = self._twins[0].scenario, self._at_largest[0]
        if scenario.analysis.unit == "cage" or conduct is None:
            return np.ones(len(self._layout.slots), dtype=np.bool_)
        return np.array([conduct.concerns(endpoint) for endpoint, _ in self._layout.slots])

    def _differs(self, twin: CohortBlock, first: CohortBlock, as_planned: Bools) -> Bools:
        """Return the slots whose values differ between twins that are read at the same n.

        What responds alike as planned need not do so when it is read.
        """
        anew = np.array(
            [
                twin.latent[endpoint][arm] is not first.latent[endpoint][arm]
                for endpoint, arm in self._layout.slots
            ]
        )
        return np.where(self._dependent, anew, as_planned)

    def _tested_alike(self, planned: CohortBlock, used: int) -> Tested:
        """Return the decisions at every n; only those that do not depend on it mean anything."""
        layout, alike = self._layout, ~self._dependent
        shape = (len(layout.comparisons), len(layout.ns), used)
        levels = np.zeros(shape, dtype=np.uint16)
        trends = np.zeros((len(layout.trends), *shape[1:]), dtype=np.uint16)
        nothing = Tested(levels, levels > 0, trends)
        if not alike.any():
            return nothing
        values = layout.stack(planned.values, used)
        return decide(layout, values, known=nothing, changed=alike)

    def _stacked(self, layout: Layout, cohort: CohortBlock, used: int) -> Floats:
        """Return the values of the layout's slots as the analysis counts them, NaN-padded."""
        values = cohort.values
        if self._twins[0].scenario.analysis.unit == "cage":
            sizes = layout.arm_sizes[-1]
            values = {
                key: {
                    arm: cage_medians(found[:n], cohort.animals_of(key)[arm].cage[:n])
                    for arm, found in arms.items()
                    for n in [sizes[arm]]
                }
                for key, arms in values.items()
            }
        return layout.stack(values, used)
