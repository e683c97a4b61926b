"""How long tasks take: log-normal with the stated mean and cv, place by place."""

import math

import numpy as np
import pytest

from simulator.scenario.conduct import Conduct, Task, Tasks
from simulator.trial.laboratory.durations import draw_durations, vary
from simulator.trial.laboratory.programme import Programme, Visit

PLAN = (
    Programme(
        None,
        (Visit(0.0, ("immunization",), ()), Visit(5.0, ("killing", "plating"), ("afc",), ("afc",))),
    ),
    Programme("late", (Visit(0.0, ("immunization",), ()),)),
)


def draw(how, *, places=7, seed=1, variant=0):
    counts = {None: (places,), "late": (places,)}
    return draw_durations(how, PLAN, seed=seed, variant=variant, places=counts)


def test_a_larger_study_adds_places():
    small, large = draw(Conduct()), draw(Conduct(), places=50)
    for group in small:
        assert (large[group][:7] == small[group]).all()


def test_groups_variants_and_seeds_have_draws_of_their_own():
    first = draw(Conduct())
    others = (draw(Conduct(), variant=1)[None], draw(Conduct(), seed=2)[None])
    for other in (*others, np.broadcast_to(first["late"], first[None].shape)):
        assert not np.isclose(first[None][:, 0], other[:, 0]).any()


def test_the_cv_of_a_task_leaves_the_others_as_they_are():
    other = Conduct(tasks=Tasks(killing=Task(takes="4 min", cv=1.5)))
    one, two = draw(Conduct())[None], draw(other)[None]
    changed = [not np.array_equal(one[:, step], two[:, step]) for step in range(one.shape[1])]
    steps = [name for _, name in PLAN[0].steps]
    assert [name for name, other in zip(steps, changed, strict=True) if other] == ["killing"]


def test_without_cv_every_animal_takes_exactly_the_mean():
    how = Conduct(tasks=Tasks(killing=Task(takes="4 min", cv=0)))
    steps = [name for _, name in PLAN[0].steps]
    found = draw(how)[None]
    assert (found[:, steps.index("killing")] == 4).all()
    assert (found[:, steps.index("incubation")] == 60).all()


@pytest.mark.parametrize("cv", [0.2, 0.6])
def test_mean_cv_and_shape(cv):
    """ln of a duration is normal with variance ln(1 + cv^2): 20,000 draws, within 4 errors.

    A correct program fails one of these four checks in 16,000.
    """
    how = Conduct(tasks=Tasks(immunization=Task(takes="10 min", cv=cv)))
    n = 20_000
    values = draw(how, places=n)[None][:, 0]
    assert abs(values.mean() - 10) < 4 * 10 * cv / math.sqrt(n)
    logs, variance = np.log(values / 10), math.log1p(cv * cv)
    assert abs(logs.mean() + variance / 2) < 4 * math.sqrt(variance / n)
    assert abs(logs.var(ddof=1) / variance - 1) < 4 * math.sqrt(2 / n)
    skewness = ((logs - logs.mean()) ** 3).mean() / logs.std() ** 3
    assert abs(skewness) < 4 * math.sqrt(6 / n)


def test_whether_anything_varies():
    still = {name: Task(takes="1 min", cv=0) for name in Tasks.model_fields}
    assert not vary(Conduct(tasks=Tasks(**still)), PLAN)
    assert vary(Conduct(), PLAN)
    # what nobody does, and what takes no time, does not vary
    assert not vary(Conduct(tasks=Tasks(**{**still, "sampling": Task(takes="1 min")})), PLAN)
    assert not vary(Conduct(tasks=Tasks(**{**still, "killing": Task(takes="0 min")})), PLAN)
