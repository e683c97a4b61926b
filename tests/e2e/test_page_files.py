"""The planner page in a real browser: files, links and downloads, good, bad and hostile."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.scenario_files import dump_scenario, load_scenario, load_text
from tests.e2e.page_steps import (
    FOLD,
    START,
    change,
    cli,
    numbers,
    open_file,
    person,
    settled,
    taken,
    view,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_bad_file_is_refused_beside_its_field(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        text = dump_scenario(load_scenario("quick-start"))
        bad = text.replace("kind: plaque_count", "kind: plaque_counts").replace("0.8", "1.8")
        open_file(page, "mine.yaml", bad)
        told = page.locator("#file_why")
        told.get_by_text("mine.yaml: 2 problems").wait_for()
        said = told.inner_text()
        assert "plaque_count" in said
        assert "decision.power" in said
        assert re.search(r"line \d+", said)
        assert page.locator("#curve figure:not(.old)").count() == 1  # the plan before goes on
        open_file(page, "mine.yaml", text)
        page.wait_for_function("document.getElementById('file_why').innerText.trim() === ''")


def test_what_is_no_scenario_is_refused(browser: Browser, address: str) -> None:
    others = {
        b"x" * 1_000_001: "has more than the 1,000,000 bytes",
        b"": "the file is empty",
        b"\x89PNG\r\n\x1a\n\x00\x00": "is not text (UTF-8)",
        b"# \xb5L/kg, as an old editor writes it": "is not text (UTF-8)",
        b"PK\x03\x04": "a character that text cannot hold",
        b"[" * 5_000: "nested more than 30 levels deep",
        b"a: &x 1\nb: *x\n": "an anchor",
    }
    with person(browser, address + START) as page:
        for k, (data, message) in enumerate(others.items()):
            open_file(page, f"other-{k}.yaml", data)
            page.locator("#file_why details", has_text=f"other-{k}.yaml").wait_for()
            assert message in page.locator("#file_why").inner_text()


def test_a_link_that_cannot_work_says_so(browser: Browser, address: str) -> None:
    with person(browser, f"{address}?{'&'.join(['a=1'] * 2_001)}") as page:  # opens the first plan
        assert "a link holds at most 2,000 values" in page.locator("#file_why").inner_text()
        page.goto(f"{address}?scenario=quick-start&set=no.such%3D1")
        page.locator("#headline").get_by_text("This plan cannot work as it is").wait_for()
        assert "no such path" in page.locator("#problems").inner_text()


def test_no_path_of_a_request_is_opened(browser: Browser, address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(dump_scenario(load_scenario("quick-start")).replace("quick-start", "sesame"))
    with person(browser, address + START) as page:
        told = page.locator("#file_why")
        page.evaluate(f"() => Shiny.setInputValue('scenario', '{secret}')")
        told.get_by_text("no such scenario in the catalogue").wait_for()
        assert "sesame" not in page.content()
        page.evaluate("() => Shiny.setInputValue('scenario', 'quick-start')")
        told.locator("details").wait_for(state="detached")
        for said, name in (
            (f"{{name: '{secret}', text: 5, size: 1}}", secret),
            (f"{{datapath: '{secret}', name: 'x', size: 1}}", "x"),
        ):
            page.evaluate(f"() => Shiny.setInputValue('opened', {said})")
            told.get_by_text(f"{name}: 1 problem", exact=True).wait_for()
            assert "is not text (UTF-8)" in told.inner_text()
            assert "sesame" not in page.content()
        page.goto(f"{address}?scenario={secret}")
        page.locator("#file_why").get_by_text("no such scenario in the catalogue").wait_for()
        assert "sesame" not in page.content()


def test_the_downloaded_file_gives_the_same_numbers(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with person(browser, address + START) as page:
        page.get_by_text("Effect", exact=True).click()
        change(page, FOLD, "2.25", "drug%3D2.25")
        headline = settled(page)
        scenario = taken(page, "Scenario (YAML)", tmp_path)
        answer = json.loads(taken(page, "Answer (JSON)", tmp_path).read_text())
        link = page.url
    again = cli("size", str(scenario))
    assert numbers(again) == numbers(answer)
    assert headline.startswith(f"{again['n_per_arm']} mice per arm")
    assert "set=truth.afc.response.drug%3D2.25" in link
    with person(browser, link) as page:  # the link gives the view again
        assert page.get_by_label(FOLD).input_value() == "2.25"
        assert settled(page) == headline
        other = taken(page, "Scenario (YAML)", tmp_path)
        assert load_text(other.read_text()).scenario.digest == answer["digest"]


def test_report_statement_and_sheets_are_of_this_answer(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with person(browser, address + START) as page:
        n = settled(page).split()[0]
        report = taken(page, "Report (HTML)", tmp_path).read_text()
        statement = taken(page, "Statement, ARRIVE 2.0", tmp_path).read_text()
        sheets = taken(page, "Allocation sheets", tmp_path)
    assert f"{n} mice per arm" in report
    assert "<script" not in report
    assert "ARRIVE" in statement
    with zipfile.ZipFile(sheets) as archive:
        names = archive.namelist()
    assert "quick-start/key/allocation.csv" in names
    assert "quick-start/blinded/dosing.html" in names


def test_the_text_is_edited_with_the_changes_taken_in(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        page.get_by_text("Effect", exact=True).click()
        change(page, FOLD, "2.5", "drug%3D2.5")
        view(page, "File")
        page.get_by_role("button", name="Take in the changed inputs").click()
        page.wait_for_function("document.getElementById('text').value.includes('2.5')")
        text = page.locator("#text").input_value()
        page.locator("#text").fill(text.replace("How many mice", "HOW MANY MICE"))
        page.get_by_role("button", name="Use this text").click()
        page.locator("#sentence").get_by_text("HOW MANY MICE").wait_for()
        settled(page)
        page.get_by_text("Effect", exact=True).click()
        assert page.get_by_label(FOLD).input_value() == "2.5"
        page.locator("#text").fill(text.replace("kind: plaque_count", "kind: plaques"))
        page.get_by_role("button", name="Use this text").click()
        page.locator("#file_why").get_by_text("plaque_count").first.wait_for()


def test_a_hostile_scenario_is_shown_as_text(browser: Browser, address: str) -> None:
    bad = "<script>window.hacked = 1</script><img src=http://x.invalid/y onerror=window.hacked=1>"
    text = dump_scenario(load_scenario("quick-start"))
    text = text.replace("sources: {afc: ", f'sources: {{afc: "{bad} {"x" * 9000}", other: ')
    text = text.replace(
        "question: How many mice per arm show a threefold rise of AFC over saline?",
        f"question: '{bad} \u202e turned \U0001f42d שלום'",
    )
    assert bad in text
    with person(browser, address + START) as page:
        open_file(page, "<b>mine</b>.yaml", text)
        page.locator("#sentence").get_by_text("<script>").wait_for()
        assert "⟨U+202E⟩" in page.locator("#sentence").inner_text()
        settled(page)
        for name in ("Simulated study", "Plan", "Compare", "Download"):
            view(page, name)
        assert page.evaluate("window.hacked") is None
        assert page.locator("#sentence script, #sentence img").count() == 0
