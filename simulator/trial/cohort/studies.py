"""The simulated studies of a scenario at one size, by their number."""

from __future__ import annotations

from collections import OrderedDict

from simulator.model.response_table import respond
from simulator.model.timing import TimingTable
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE
from simulator.trial.block import cohort_block
from simulator.trial.cohort.observations import Observations
from simulator.trial.realised import Realised

#: Blocks that are kept: two, so that several readers of neighbouring replicates draw each once.
_KEPT = 2


class Studies:
    """Draws the blocks of a scenario as they are asked for. Not for several threads at once.

    Parameters
    ----------
    scenario : resolved scenario.
    n : animals in an arm of ratio 1; arms with a fixed number keep theirs.

    Raises
    ------
    ValueError : n below 1, or a number that the truth lacks.
    """

    def __init__(self, scenario: Scenario, *, n: int) -> None:
        if n < 1:
            raise ValueError(f"n {n}: must be from 1")
        self.scenario, self.n = scenario, n
        self._responses, self._sizes = respond(scenario), scenario.design.sizes(n)
        self.realised: Realised | None = None
        if scenario.design.conduct is not None:
            self.realised = Realised(scenario, self._sizes, TimingTable(scenario))
        self._blocks: OrderedDict[int, Observations] = OrderedDict()

    def of(self, replicate: int) -> tuple[Observations, int]:
        """Return the observations of a replicate's block, and its column there.

        Raises
        ------
        ValueError : a negative replicate.
        """
        if replicate < 0:
            raise ValueError(f"replicate {replicate}: must be from 0")
        number, column = divmod(replicate, BLOCK_SIZE)
        return self.block(number), column

    def block(self, number: int) -> Observations:
        """Return the observations of a block of replicates."""
        if number not in self._blocks:
            drawn = cohort_block(
                self.scenario,
                self._responses,
                block=number,
                sizes=self._sizes,
                realised=self.realised,
            )
            self._blocks[number] = Observations(drawn)
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return self._blocks[number]
