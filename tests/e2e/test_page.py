"""The planner page in a real browser: inputs, what is said beside them, plans compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.scenario_files import dump_scenario, load_scenario
from tests.e2e.page_steps import (
    DOSE,
    FOLD,
    START,
    STUDY,
    change,
    crossing,
    curve,
    new_curve,
    open_file,
    person,
    settled,
    view,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_another_dose_moves_the_curve(browser: Browser, address: str) -> None:
    with person(browser, address + STUDY) as page:
        before, n_before = curve(page), crossing(page)
        page.get_by_label(DOSE).fill("40 uL/kg")
        new_curve(page, before)
        assert crossing(page) < n_before  # the weakest arm is stronger now
        assert page.get_by_text("40 µL/kg (140 µg/kg)").is_visible()  # the other view of the dose
        assert "set=design.arms.secretome-im-10.dose%3D40+uL%2Fkg" in page.url


def test_a_wrong_value_is_said_beside_its_field(browser: Browser, address: str) -> None:
    with person(browser, address + STUDY) as page:
        field = page.get_by_label(DOSE)
        field.fill("35 mg")
        page.wait_for_selector("input[aria-invalid=true]")
        assert field.get_attribute("aria-invalid") == "true"
        told = page.locator(f"#{field.get_attribute('aria-describedby')}")
        assert "a dose is per body weight" in told.inner_text()
        assert "1 thing to mend" in page.locator("#problems").inner_text()
        assert page.locator("#curve figure.old").count() == 1  # not of this plan
        assert "(of the plan before)" in page.locator("#headline").inner_text()
        view(page, "Download")
        page.get_by_text("This plan has no answer yet").wait_for()
        view(page, "Power")
        field.fill("35 ug/kg")
        page.wait_for_selector("#curve figure:not(.old)")
        assert field.get_attribute("aria-invalid") is None


def test_all_problems_of_the_plan_are_said_at_once(browser: Browser, address: str) -> None:
    with person(browser, address + STUDY) as page:
        page.get_by_label("Mice per arm: to").fill("2")
        page.get_by_label(DOSE).fill("ten")
        page.get_by_label("Any other value").fill("no.such.path = 1")
        page.wait_for_function("document.querySelectorAll('[aria-invalid=true]').length === 3")


def test_the_critique_stands_beside_the_dose(browser: Browser, address: str) -> None:
    with person(browser, address + STUDY) as page:
        page.get_by_label(DOSE).fill("3000 uL/kg")  # 60 µL into a muscle
        beside = page.locator(".why.warning", has_text="over good practice")
        beside.wait_for()
        assert "over good practice" in page.locator("#problems").inner_text()


def test_an_emptied_input_says_which_value_holds(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        field = page.get_by_label("Target power")
        field.fill("85 %")
        page.wait_for_function("location.search.includes('target%3D85')")
        field.fill("")
        page.get_by_text("empty: 0.8 holds, as in the file").wait_for()
        page.wait_for_function("!location.search.includes('target')")


def test_two_plans_side_by_side(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        kept = settled(page)
        view(page, "Compare")
        page.get_by_role("button", name="Keep this plan").click()
        page.get_by_text("The two plans do not differ yet").wait_for()
        page.get_by_text("Effect", exact=True).click()
        change(page, FOLD, "2", "drug%3D2")
        page.wait_for_selector("#compare :text('truth.afc.response.drug')")
        now = settled(page)
        told = page.locator("#compare").inner_text()
        assert kept != now
        assert kept in told
        assert now in told
        assert page.locator("#compare img").count() == 2


def test_two_people_do_not_see_each_other(browser: Browser, address: str) -> None:
    mine = dump_scenario(load_scenario("quick-start")).replace("id: quick-start", "id: my-secret")
    with (
        person(browser, address + START) as one,
        person(browser, address + START) as other,
    ):
        open_file(one, "my-secret.yaml", mine)
        one.wait_for_function("document.getElementById('text').value.includes('my-secret')")
        one.get_by_label("Target power").fill("0.95")
        one.wait_for_function("document.querySelector('#sentence').innerText.includes('0.95')")
        before = curve(other)
        other.get_by_label("Target power").fill("0.6")
        other.wait_for_function("document.querySelector('#sentence').innerText.includes('0.6')")
        assert "my-secret" not in other.content()
        assert "my-secret" not in other.locator("#text").input_value()
        assert one.get_by_label("Target power").input_value() == "0.95"
        assert before
