"""Renew the pictures of the planner page: python -m tests.e2e.page_pictures docs/figures."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.e2e.page_server import planner_page

_STUDY = "?scenario=secretome-healthy-mice"
_DOSE = "secretome-im-10: secretome IM"
_BUSY = "!document.querySelector('#busy span') && !document.querySelector('#curve figure.old')"


def take(folder: Path) -> None:
    """Save a picture of every view into a folder."""
    from playwright.sync_api import Page, sync_playwright

    def settled(page: Page) -> None:
        page.wait_for_selector("#curve img", state="attached", timeout=180_000)
        page.wait_for_function(_BUSY, timeout=180_000)

    def save(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"planner-{name}.png")

    with planner_page("quick-start") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000}, bypass_csp=True)
        page.goto(address + _STUDY)
        settled(page)
        page.locator("#problems summary").click()
        save(page, "power")
        for name, title, place in (
            ("study", "Simulated study", "#study img[alt^=Response]"),
            ("laboratory", "Laboratory", "#lab img"),
            ("plan", "Plan", "#plan table"),
            ("file", "File", "#text"),
            ("download", "Download", "#downloads a"),
        ):
            page.get_by_role("tab", name=title, exact=True).click()
            page.wait_for_selector(place, timeout=60_000)
            page.wait_for_timeout(300)
            save(page, name)
        page.get_by_role("tab", name="Compare").click()
        page.get_by_role("button", name="Keep this plan").click()
        page.get_by_label(_DOSE).fill("20 uL/kg")
        page.wait_for_selector("#compare td:has-text('20 uL/kg')")
        settled(page)
        page.locator("#problems summary").click()
        save(page, "compare")
        page.get_by_label(_DOSE).fill("35 mg")
        page.wait_for_selector("input[aria-invalid=true]")
        page.get_by_role("tab", name="Power", exact=True).click()
        page.wait_for_selector("#curve figure.old img[alt*='certified n = 6']")
        page.wait_for_timeout(500)
        save(page, "error")
        phone = browser.new_page(viewport={"width": 360, "height": 740}, bypass_csp=True)
        phone.goto(address + _STUDY)
        settled(phone)
        save(phone, "phone")
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
