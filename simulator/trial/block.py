"""A block of replicates as arrays: animals, their true values, what the laboratory reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.assay import read
from simulator.model.animals import Animals
from simulator.model.latent import latent_values
from simulator.model.response_table import Responses
from simulator.scenario import Scenario
from simulator.trial.draws import Draws, draw

if TYPE_CHECKING:
    from simulator.trial.realised import Places, Realised

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CohortBlock:
    """``BLOCK_SIZE`` replicates of a study.

    Attributes
    ----------
    draws : the study's animals, or those of a larger one of which they are the first.
    realised : when everything happens to them; None where it happens as planned.
    values : by endpoint and arm, (animals, replicates) as read; NaN where the animal is lost.
        Empty where nothing was to be read.
    latent : the same before reading and without losses: the animals' true values.
    animals : by arm, the main animals.
    satellites : by endpoint and arm, the extra animals of satellite endpoints.
    places : by group (None: the main animals) and arm, each animal's place in the line.
    """

    draws: Draws
    realised: Realised | None
    values: Mapping[str, Mapping[str, Floats]]
    latent: Mapping[str, Mapping[str, Floats]]
    animals: Mapping[str, Animals]
    satellites: Mapping[str, Mapping[str, Animals]]
    places: Mapping[str | None, Places]

    @property
    def scenario(self) -> Scenario:
        """The study."""
        return self.draws.scenario

    @property
    def responses(self) -> Responses:
        """What its animals respond."""
        return self.draws.responses

    def animals_of(self, endpoint: str) -> Mapping[str, Animals]:
        """Return the animals in which an endpoint is read, by arm."""
        return self.satellites.get(endpoint, self.animals)


def cohort_block(
    scenario: Scenario,
    responses: Responses,
    *,
    block: int,
    sizes: Mapping[str, int],
    realised: Realised | None = None,
    reading: bool = True,
) -> CohortBlock:
    """Simulate a block of replicates.

    Deterministic in (seed, block): the first animals of larger ``sizes`` are those of smaller
    ones, and another arm leaves the animals as they are (where arms share cages that are alike,
    another arm changes who lives with whom).

    Parameters
    ----------
    scenario : resolved scenario.
    responses : its response table, see ``model.response_table.respond``.
    block : index of the block, from 0.
    sizes : animals per arm, for the arms wanted.
    realised : what its conduct does; without it everything happens as planned.
    reading : whether the laboratory reads the values, or only the true ones are wanted.

    Raises
    ------
    ValueError : ``sizes`` names an arm that the design lacks, or the truth lacks a number.
    """
    unknown = [arm for arm in sizes if arm not in scenario.design.arms]
    if unknown:
        raise ValueError(f"no such arm: {', '.join(unknown)}; {', '.join(scenario.design.arms)}")
    draws = draw(scenario, responses, block=block, sizes=sizes)
    bare = _bare(draws, realised, draws.animals, draws.satellites)
    return _filled(bare, like=None, reading=reading)


def _bare(
    draws: Draws,
    realised: Realised | None,
    main: Mapping[str, Animals],
    satellites: Mapping[str, Mapping[str, Animals]],
) -> CohortBlock:
    """Return a block without values: its animals, and their places where they stand in a line."""
    places: dict[str | None, Places] = {}
    if realised is not None:
        places[None] = realised.places(main)
        for key, group in satellites.items():
            places[key] = realised.places(group)
    return CohortBlock(draws, realised, {}, {}, main, satellites, places)


def with_responses(
    block: CohortBlock,
    scenario: Scenario,
    responses: Responses,
    realised: Realised | None = None,
) -> tuple[CohortBlock, frozenset[tuple[str, str]]]:
    """Simulate the same animals with other responses, as `cohort_block` would, at less cost.

    Parameters
    ----------
    scenario : differs from the block's in the responses of its truth only.
    realised : as of `cohort_block`.

    Returns
    -------
    the block, and the (endpoint, arm) whose values differ from those of the given one.

    Raises
    ------
    ValueError : the scenarios differ in more: their animals are not the same.
    """
    for what, one, two in (
        ("seed", block.scenario.seed, scenario.seed),
        ("design", block.scenario.design, scenario.design),
        ("variability", block.scenario.truth.variability, scenario.truth.variability),
        ("assay noise", block.scenario.truth.assay, scenario.truth.assay),
        ("handling", block.scenario.truth.handling, scenario.truth.handling),
        ("conduct", block.realised is None, realised is None),
    ):
        if one is not two and one != two:
            raise ValueError(f"the {what} of the two scenarios differs: simulate them apart")
    bare = replace(
        block,
        draws=block.draws.with_responses(scenario, responses),
        realised=realised,
        values={},
        latent={},
    )
    other = _filled(bare, like=block, reading=bool(block.values))
    differ = [
        (key, arm)
        for key, arms in other.latent.items()
        for arm in arms
        if arms[arm] is not block.latent[key][arm]
    ]
    return other, frozenset(differ)


def resized(
    block: CohortBlock, realised: Realised, *, like: CohortBlock | None = None
) -> CohortBlock:
    """Simulate a smaller study of the same animals, conducted as one of its size, at less cost.

    Parameters
    ----------
    block : of a study that is at least as large, in which everything happens as planned.
    realised : of the smaller study.
    like : the same smaller study with other responses; its values stand where they agree.
    """
    if like is None:
        number = next(iter(block.animals.values())).block
        smaller = draw(block.scenario, block.responses, block=number, sizes=realised.sizes)
        bare = _bare(block.draws, realised, smaller.animals, smaller.satellites)
    else:
        bare = replace(like, draws=block.draws, realised=realised, values={}, latent={})
    return _filled(bare, like=like, reading=True, planned=block)


def _filled(
    block: CohortBlock,
    *,
    like: CohortBlock | None,
    reading: bool,
    planned: CohortBlock | None = None,
) -> CohortBlock:
    """Return the block's animals with their values.

    Parameters
    ----------
    like : a block of the same animals; its values stand where responses and conduct agree.
    planned : a block of more animals, all as planned; its first values stand where time has no
        say.
    """
    values: dict[str, dict[str, Floats]] = {}
    latent: dict[str, dict[str, Floats]] = {}
    timed = block.realised
    for key in block.scenario.design.endpoints:
        values[key], latent[key] = {}, {}
        late = timed is not None and timed.concerns(key)
        for arm, group in block.animals_of(key).items():
            if planned is not None and not late:
                latent[key][arm] = planned.latent[key][arm][: group.n]
                values[key][arm] = planned.values[key][arm][: group.n]
                continue
            if like is not None and _same(block, like, arm, key, late=late):
                latent[key][arm] = like.latent[key][arm]
                if reading:
                    values[key][arm] = like.values[key][arm]
                continue
            true = _true(block, key, arm, group)
            latent[key][arm] = true
            if reading:
                values[key][arm] = _read(block.scenario, key, group, true)
    return replace(block, values=values, latent=latent)


def _same(block: CohortBlock, like: CohortBlock, arm: str, key: str, *, late: bool) -> bool:
    if not block.responses.same(like.responses, arm, key):
        return False
    if not late or block.realised is None or like.realised is None:
        return True
    return block.realised.same(like.realised, arm, key)


def _true(block: CohortBlock, key: str, arm: str, group: Animals) -> Floats:
    """Return the true values of an arm's animals on an endpoint, (animals, replicates)."""
    expected = block.draws.expected(key, arm)
    if expected.shape[0] > 1:
        expected = expected[: group.n]
    timed = block.realised
    if timed is not None and timed.concerns(key):
        satellite = block.scenario.design.endpoints[key].satellite
        places = block.places[key if satellite else None][arm]
        expected = expected + timed.change(group, key, places)
    deviate = block.draws.deviate(key, arm)[: group.n]
    return latent_values(block.scenario, key, log_response=expected, deviate=deviate)


def _read(scenario: Scenario, key: str, group: Animals, true: Floats) -> Floats:
    """Return what the laboratory reads of true values, NaN where the animal is lost."""
    found = read(
        scenario.design.endpoints[key],
        true,
        noise=scenario.truth.assay,
        words=group.words(f"{key}/assay"),
    )
    missing = group.missing(key)
    if missing is not None:
        found[missing] = np.nan
    return found
