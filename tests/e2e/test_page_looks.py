"""The planner page in a real browser: quick, readable, reachable by keyboard, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.page_steps import (
    DOSE,
    FOLD,
    START,
    STUDY,
    VIEWS,
    change,
    curve,
    new_curve,
    person,
    settled,
    view,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_the_page_works_under_its_own_policy(browser: Browser, address: str) -> None:
    with person(browser, address + START, strict=True) as page:
        for name in ("Simulated study", "Laboratory", "Plan", "File", "Download", "Power"):
            view(page, name)
        page.get_by_label("Target power").fill("0.65")
        page.locator("#sentence").get_by_text("0.65").wait_for()
        headers = page.context.request.get(address).headers
        assert "default-src 'self'" in headers["content-security-policy"]


def test_the_last_of_many_changes_is_answered(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        page.get_by_text("Effect", exact=True).click()
        for fold in ("1.9", "2.9", "1.7", "2.1"):
            change(page, FOLD, fold, f"drug%3D{fold}")
        headline = settled(page)
        link = page.url
    with person(browser, link) as page:
        assert settled(page) == headline


def test_the_page_answers_while_it_refines(browser: Browser, address: str) -> None:
    many = "?scenario=secretome-healthy-mice&set=decision.replicates%3D200000"
    with person(browser, address + many) as page:
        for dose in ("40 uL/kg", "30 uL/kg"):
            page.locator("#busy").get_by_text("Refining on 200,000 simulated studies").wait_for()
            before = curve(page)
            page.get_by_label(DOSE).fill(dose)
            assert new_curve(page, before) != before
        view(page, "Simulated study")
        page.wait_for_selector("#study img")
        assert "Refining" in page.locator("#busy").inner_text()


def test_another_study_is_drawn_and_the_laboratory_told(browser: Browser, address: str) -> None:
    with person(browser, address + STUDY) as page:
        view(page, "Simulated study")
        page.wait_for_selector("#study img[alt*='Simulated study 0']")
        page.get_by_role("button", name="Draw another study").click()
        page.wait_for_selector("#study img[alt*='Simulated study 1']")
        page.wait_for_selector("#study img[alt*='Response against dose']")
        view(page, "Laboratory")
        page.wait_for_selector("#lab img[alt*='day by day']")
        assert "largest study that fits" in page.locator("#lab").inner_text()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_view_is_accessible_at_every_width(
    browser: Browser, address: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, str] = {}
    with person(browser, address + START, width=width) as page:
        settled(page)
        for name in ("Power", "Simulated study", "Laboratory", "Compare", "Plan", "File",
                     "Download"):  # fmt: skip
            view(page, name)
            if name in VIEWS:
                page.wait_for_selector(f"{VIEWS[name]} img")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            for one in Axe().run(page, options={"preload": False}).response["violations"]:
                if one["impact"] in ("serious", "critical"):
                    found[f"{name}: {one['id']}"] = one["nodes"][0]["html"][:200]
    assert not found


def test_on_a_phone_tables_keep_their_words_and_say_that_they_scroll(
    browser: Browser, address: str
) -> None:
    with person(browser, address + STUDY, width=360) as page:
        settled(page)
        box = page.locator("#numbers .table-box").first
        page.wait_for_selector("#numbers .table-box[data-cut]")
        page.wait_for_selector("#curve .scroll[data-cut]")
        hint = box.evaluate("box => getComputedStyle(box, '::before').content")
        assert "scroll sideways" in hint
        narrow = box.locator("tbody th").first
        size = narrow.evaluate("e => [e.clientHeight, parseFloat(getComputedStyle(e).fontSize)]")
        assert size[0] < 6 * size[1]  # a name wraps between words, not after each letter
        page.set_viewport_size({"width": 1400, "height": 900})
        page.wait_for_selector("#numbers .table-box:not([data-cut])")


def test_a_keyboard_reaches_inputs_and_views(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.id || document.activeElement.role"))
            seen = page.evaluate(
                "(e => [getComputedStyle(e).outlineStyle, e.outerHTML.slice(0, 200)])"
                "(document.activeElement)"
            )
            assert seen[0] != "none" or seen[1].startswith("<body"), seen[1]
        assert {"scenario", "file"} <= reached
        page.get_by_role("tab", name="Power", exact=True).focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#study")
        assert (
            page.get_by_role("tab", name="Simulated study").get_attribute("aria-selected") == "true"
        )
