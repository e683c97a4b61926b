"""What the views say of an answer."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from simulator.output.wording.searched import searched_text
from simulator.web import views
from simulator.web.answers import first_answer, sized
from simulator.web.jobs import Job
from simulator.web.known import Answer
from simulator.web.plan import Plan, catalogue_plan

_FEW = {"decision.replicates": "500", "decision.max_replicates": "1000"}


@lru_cache
def answer_of(stop: str, *, settled: bool) -> Answer:
    plan = catalogue_plan("quick-start", {**_FEW, "decision.n.to": stop})
    loaded, job = plan.loaded(), Job(seconds=60)
    if not settled:
        return Answer(plan, loaded, first_answer(loaded, job), None, None, "refining")
    run = sized(loaded, plan, job)
    return Answer(plan, loaded, run.result, None, run, "done")


def test_a_plan_that_does_not_reach_its_target_orders_no_animals() -> None:
    answer = answer_of("3", settled=True)  # 3 against 3 are never significant
    none = "Infeasible as planned: no number of mice is certified (n = 3 searched)"
    assert views.answer_words(answer)[0] == none
    told = str(views.compare(answer, answer))
    assert "6 for n = 3, which is not shown to be enough" in told


def test_two_plans_that_are_alike_or_not_yet_answered() -> None:
    answer = answer_of("3", settled=True)
    assert "The two plans do not differ yet" in str(views.compare(answer, answer))
    told = str(views.compare(answer, answer, pending=True))
    assert "The plan was changed: its answer is on its way" in told
    assert "do not differ" not in told


def test_very_different_plans_differ_on_demand() -> None:
    kept = answer_of("3", settled=True)
    study = catalogue_plan("secretome-healthy-mice")
    now = Answer(study, study.loaded(), kept.result, None, None, "refining")
    told = str(views._differing(kept, now, pending=False))
    assert told.startswith("<details>")
    assert "values differ" in told
    few = kept.plan.with_changes({**kept.plan.changes, "truth.afc.response.drug": "2"})
    other = Answer(few, few.loaded(), kept.result, None, None, "refining")
    told = str(views._differing(kept, other, pending=False))
    assert "<details>" not in told
    assert "fold of afc over control in drug" in told
    assert "truth.afc.response.drug" in told
    assert views._words("design.arms.a-1.regimens.0.dose.mass") == "dose of a-1, mass"


def test_the_tables_say_what_their_columns_are() -> None:
    answer = answer_of("12", settled=True)
    told = str(views.numbers(answer))
    for words in ("Power: share of the simulated studies", "Type I error: ", "P(X&gt;Y) is the"):
        assert words in told
    assert answer.run is not None
    assert answer.run.size is not None
    assert told.count(escape(searched_text(answer.run.size))) == 1  # which power is certified


def test_the_first_look_has_words_but_no_tables() -> None:
    answer = answer_of("12", settled=False)
    assert views.answer_words(answer)[0].startswith("About ")
    assert "<table" not in str(views.numbers(answer))


def test_a_plan_of_a_text_is_told_like_one_of_the_catalogue() -> None:
    plan = Plan(catalogue_plan("quick-start").text, "mine.yaml")
    told = str(views.plan_tables(plan.loaded()))
    assert "plaque count" in told
    assert "share of animals that die" in told  # the name of design.attrition.loss
