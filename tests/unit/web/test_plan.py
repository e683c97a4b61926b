"""The state of a page: a text, changes by path, and the link that gives both again."""

from __future__ import annotations

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import load_scenario
from simulator.web.limits import MOST_ANIMALS, MOST_REPLICATES
from simulator.web.plan import Plan, catalogue_plan, differences, plan_of_query


def test_a_link_gives_the_plan_again() -> None:
    changes = {
        "design.arms.secretome-im-10.dose": "35 ug/kg",
        "truth.afc.response.a b&c": "x=y; z #1",
        "seed": "5",
    }
    plan = catalogue_plan("secretome-healthy-mice", changes)
    query = plan.query()
    assert query is not None
    assert plan_of_query(f"?{query}", otherwise=catalogue_plan("quick-start")) == plan


def test_a_link_without_a_scenario_changes_the_first_one() -> None:
    first = catalogue_plan("quick-start")
    assert plan_of_query("", otherwise=first) == first
    found = plan_of_query("?set=decision.power=0.7", otherwise=first)
    assert found.changes == {"decision.power": "0.7"}
    assert found.loaded().scenario.decision.power.target == 0.7


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?scenario=../../etc/passwd", "no such scenario in the catalogue: quick-start"),
        ("?scenario=/etc/passwd", "no such scenario in the catalogue"),
        ("?set=decision.power", "set=path=value"),
        ("?set==1", "set=path=value"),
        ("?set=question=a%0Ab = c", "question  a value in a link has one line"),
        ("?" + "&".join(["a=1"] * 2_001), "a link holds at most 2,000 values"),
    ],
)
def test_a_bad_link_is_refused(query: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        plan_of_query(query, otherwise=catalogue_plan("quick-start"))


def test_a_text_of_its_own_has_no_link() -> None:
    plan = Plan(catalogue_plan("quick-start").text, "mine.yaml")
    assert plan.query() is None
    assert plan.loaded().scenario == load_scenario("quick-start")


def test_an_edited_text_says_so() -> None:
    plan = catalogue_plan("quick-start", {"seed": "5"}).edited("id: x")
    assert (plan.text, plan.name, plan.changes) == ("id: x", "quick-start (edited)", {})
    assert plan.edited("id: y").name == "quick-start (edited)"
    assert plan.query() is None


def test_a_page_does_not_take_on_everything() -> None:
    most = f"{2 * MOST_REPLICATES + 2}"
    many = {"decision.replicates": f"{MOST_REPLICATES + 1}", "decision.max_replicates": most}
    with pytest.raises(ScenarioError, match=r"decision\.replicates +200,001 simulated studies"):
        catalogue_plan("quick-start", many).loaded()
    text = catalogue_plan("quick-start").text.replace("power: 0.80", "mcse: 0.001")
    with pytest.raises(ScenarioError, match=r"decision\.mcse +250,000 simulated studies"):
        Plan(text, "quick-start").loaded()
    with pytest.raises(ScenarioError, match=rf"more than the {MOST_ANIMALS:,} of this page"):
        catalogue_plan("secretome-healthy-mice", {"decision.n.to": "1000"}).loaded()
    with pytest.raises(ScenarioError, match="201 values are changed"):
        catalogue_plan("quick-start", {f"a{k}": "1" for k in range(201)}).loaded()
    with pytest.raises(ScenarioError, match="3,000 characters are no value"):
        catalogue_plan("quick-start", {"question": "x" * 3000}).loaded()


def test_what_differs_is_named_once() -> None:
    plan = catalogue_plan("quick-start")
    other = plan.with_changes({"truth.afc.response.drug": "2", "decision.n.to": "20"})
    assert differences(plan.loaded().scenario, other.loaded().scenario) == [
        ("truth.afc.response.drug", "3.0", "2.0"),
        ("decision.n.to", "30", "20"),
    ]
