"""How many animals a study enrols and buys, given what is lost between enrolment and analysis.

Losses are independent of each other: death (before the reading), a lost sample, exclusion. An
arm that enrols m animals has the values of Binomial(m, 1 - loss) of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import count, islice, repeat
from typing import TYPE_CHECKING, Final

from simulator.scenario.attrition import Headcount
from simulator.scenario.housing import full_cages, groups_of

if TYPE_CHECKING:
    from simulator.scenario.design import Design
    from simulator.scenario.study import Scenario

#: Most that can be lost where enrolment is to make up for it: 20 animals for one value.
MOST_MADE_UP: Final = 0.95
#: The last bits of a probability must not decide: 0.9^2 is 0.81.
_TOLERANCE: Final = 1e-12


def death_of(design: Design, arm: str) -> float:
    """Return the probability that an animal of an arm dies.

    An arm's id in ``attrition.by_arm`` goes before its dose list, then its role, then ``loss``.
    """
    by_arm, own = design.attrition.by_arm, design.arms[arm]
    others = (name for name in (own.group, own.role) if name not in design.arms)
    name = next((name for name in (arm, *others) if name in by_arm), None)
    return design.attrition.loss if name is None else by_arm[name]


def death_window(design: Design, *, satellite_of: str | None = None) -> tuple[float, float] | None:
    """Return the days between which animals die, evenly; None where nothing is read in them.

    By default from the immunization, or the day before the first reading where that comes
    first, to the first reading.

    Parameters
    ----------
    satellite_of : endpoint whose extra animals are meant; the main animals by default.
    """
    read = readings_of(design, satellite_of=satellite_of)
    if not read:
        return None
    if design.attrition.days is not None:
        return design.attrition.days
    first = min(read.values())
    return min(design.immunization.day, first - 1.0), first


def readings_of(design: Design, *, satellite_of: str | None = None) -> dict[str, float]:
    """Return the days of reading, by endpoint, of the main or of the satellite animals."""
    if satellite_of is not None:
        return {satellite_of: design.endpoints[satellite_of].day}
    return {key: e.day for key, e in design.endpoints.items() if not e.satellite}


def loss_of(design: Design, arm: str, endpoint: str | None = None) -> float:
    """Return the probability that a value of an enrolled animal is not analysed.

    Failed immunizations that are noticed are not in it: how often an immunization fails is a
    matter of truth (see ``noticed`` of ``headcount_of``).

    Parameters
    ----------
    endpoint : whose values; default: the endpoint that loses most.
    """
    return _loss(design, death_of(design, arm), endpoint)


def _loss(design: Design, death: float, endpoint: str | None) -> float:
    """Return the loss of an endpoint, or the largest of all, where animals die with ``death``."""
    if endpoint is None:
        return max(_loss(design, death, key) for key in design.endpoints)
    attrition, read = design.attrition, design.endpoints[endpoint]
    if attrition.days is not None:  # by default all die before the first reading
        first, last = attrition.days
        death *= min(1.0, max(0.0, (read.day - first) / (last - first)))
    return _either(_either(death, attrition.samples.get(endpoint, 0.0)), attrition.exclusions)


def _either(p: float, q: float) -> float:
    """Return the probability of at least one of two independent events; exactly p where q = 0."""
    return p + q * (1.0 - p)


def sizes_of(design: Design, n: int) -> dict[str, int]:
    """Return the animals enrolled per arm when an arm of ratio 1 is to have ``n``.

    With ``attrition.inflate`` = p the fewest such that every arm keeps its n with probability p
    at least, in the endpoint that loses most. Arms are independent, so each of the k arms that
    lose any keeps its own with p^(1/k). Arms of a fixed number enrol more for it, too. An arm
    that loses any, in cages of its own, enrols full cages. Never falls with n.
    """
    planned = planned_sizes(design, n)
    chance = design.attrition.inflate
    if chance is None:
        return planned
    losses = losses_of(design)
    losing = sum(loss > 0.0 for loss in losses.values())
    each = chance ** (1.0 / max(1, losing))
    enrolled = {arm: enrolled_for(size, losses[arm], each) for arm, size in planned.items()}
    return {
        arm: full_cages(design, size) if losses[arm] > 0.0 else size
        for arm, size in enrolled.items()
    }


def planned_sizes(design: Design, n: int) -> dict[str, int]:
    """Return animals per arm when an arm of ratio 1 gets ``n`` (fixed arms keep theirs)."""
    return {
        key: arm.n if arm.n is not None else max(1, int(n * arm.ratio + 0.5))
        for key, arm in design.arms.items()
    }


def losses_of(design: Design) -> dict[str, float]:
    """Return the loss of every arm, in the endpoint that loses most."""
    deaths = {arm: death_of(design, arm) for arm in design.arms}
    worst = {death: _loss(design, death, None) for death in set(deaths.values())}
    return {arm: worst[death] for arm, death in deaths.items()}


def check_enrolment(design: Design) -> None:
    """Refuse losses that no enrolment can make up for.

    Raises
    ------
    ValueError : ``attrition.inflate`` is given, and nearly everything of an arm is lost.
    """
    arm, worst = max(losses_of(design).items(), key=lambda item: item[1])
    if design.attrition.inflate is not None and worst > MOST_MADE_UP:
        raise ValueError(
            f"attrition.inflate cannot make up for a loss of more than {MOST_MADE_UP:.0%}, and "
            f"arm {arm} loses {worst:.1%} of an endpoint's values: lose fewer, or leave inflate out"
        )


@lru_cache(maxsize=65536)  # a search asks for every n, several times
def enrolled_for(n: int, loss: float, chance: float) -> int:
    """Return the smallest m with P(Binomial(m, 1 - loss) >= n) >= chance.

    Parameters
    ----------
    n : values wanted, from 1.
    loss, chance : from 0 to below 1.
    """
    total = 0.0
    for m, part in enumerate(_last_wanted(n, loss), n):
        total += part
        rest_is_rounding = m * (1.0 - loss) > n and part < 1e-20
        if total >= chance * (1.0 - _TOLERANCE) or rest_is_rounding:
            break
    return m


def kept_with(m: int, n: int, loss: float) -> float:
    """Return P(Binomial(m, 1 - loss) >= n), the probability that m animals give n values."""
    return min(1.0, math.fsum(islice(_last_wanted(n, loss), max(0, m - n + 1))))


def _last_wanted(n: int, loss: float) -> Iterator[float]:
    """Yield the probability that animal m is the n-th that is kept, for m = n, n + 1, ...

    C(m-1, n-1) (1-loss)^n loss^(m-n), the negative binomial law; summed up to m it is the
    binomial tail P(Binomial(m, 1 - loss) >= n).
    """
    if loss <= 0.0:
        yield 1.0
        yield from repeat(0.0)
    constant = n * math.log1p(-loss) - math.lgamma(n)
    for more in count():
        ways = math.lgamma(n + more) - math.lgamma(more + 1)
        yield math.exp(constant + ways + more * math.log(loss))


def headcount_of(design: Design, n: int, *, noticed: float = 0.0) -> Headcount:
    """Count the animals of the study when an arm of ratio 1 is to have ``n``.

    Parameters
    ----------
    noticed : probability that an animal is excluded because its immunization was seen to fail;
        the truth knows it, see ``noticed_failures``.
    """
    sizes, losses = sizes_of(design, n), losses_of(design)
    enrolled = sum(sizes.values())
    fit = 1.0 - design.attrition.before
    losses = {arm: _either(loss, noticed) for arm, loss in losses.items()}
    kept = None
    if design.attrition.inflate is not None:
        planned = planned_sizes(design, n)
        kept = math.prod(kept_with(sizes[arm], planned[arm], losses[arm]) for arm in sizes)
    return Headcount(
        analysed=round(_analysed(sizes, losses), 6),
        enrolled=enrolled,
        purchased=math.ceil(enrolled * groups_of(design) / fit - 1e-9),
        kept=kept,
    )


def _analysed(sizes: Mapping[str, int], losses: Mapping[str, float]) -> float:
    """Return the expected number of values; one product where every arm loses alike."""
    if len(set(losses.values())) == 1:
        return sum(sizes.values()) * (1 - next(iter(losses.values())))
    return math.fsum(size * (1 - losses[arm]) for arm, size in sizes.items())


def noticed_failures(scenario: Scenario) -> float:
    """Return the probability that an animal is excluded for a failed immunization."""
    failure = scenario.truth.variability.immunization_failure.value
    return scenario.design.attrition.failed_immunization * failure


def study_headcount(scenario: Scenario, n: int) -> Headcount:
    """Count the animals of a study when an arm of ratio 1 is to have ``n``.

    As ``design.headcount``, and what is analysed is without the failed immunizations that are
    noticed. The inflated enrolment does not make up for these: the design does not know how many
    there will be.
    """
    return headcount_of(scenario.design, n, noticed=noticed_failures(scenario))
