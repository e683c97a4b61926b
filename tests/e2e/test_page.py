"""The planner page in a real browser: what a planner does, and what must not happen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulator.scenario_files import dump_scenario, load_scenario, load_text
from tests.e2e.page_server import planner_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Download, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]

#: Few simulated studies, so that an answer is settled soon: what is tested does not depend on it.
QUICK = "set=decision.replicates%3D2000&set=decision.max_replicates%3D4000"
STUDY = f"?scenario=secretome-healthy-mice&{QUICK}"
START = f"?scenario=quick-start&{QUICK}"
#: The first page of a session may have to wait for the compiler.
LONG = 120_000
SOON = 60_000
DOSE = "secretome-im-10: secretome IM"
FOLD = "afc: fold in drug"
#: Views with figures that are drawn when somebody looks.
VIEWS = {"Simulated study": "#study", "Laboratory": "#lab"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A page's address; one server for all tests, as several people use one."""
    with planner_page("quick-start") as found:
        yield found


@contextmanager
def person(
    browser: Browser, url: str, *, width: int = 1280, strict: bool = False
) -> Iterator[Page]:
    """Open the page as one more person; fail on script errors and on foreign requests.

    The page's policy forbids the strings of code by which Playwright waits, so it holds only
    where a test is ``strict`` and waits by places.
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=not strict)
    context.set_default_timeout(SOON)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            wrong.append(f"{said.text} {said.location['url']}") if said.type == "error" else None
        ),
    )
    host = re.match(r"http://[^/]+", url)
    assert host is not None
    own = (host[0], "ws" + host[0].removeprefix("http"), "data:", "blob:")
    page.on(
        "request",
        lambda request: None if request.url.startswith(own) else wrong.append(request.url),
    )
    page.goto(url)
    page.wait_for_selector("#curve img", timeout=LONG)
    yield page
    context.close()
    assert not wrong, wrong


def curve(page: Page) -> str:
    """Return the power figure, as data."""
    return page.locator("#curve img").get_attribute("src") or ""


def crossing(page: Page) -> int:
    """Return the n at which the curve meets its target, from the words of the figure."""
    told = page.locator("#curve img").get_attribute("alt") or ""
    assert told.startswith("Power of afc-over-control against mice per arm: ")
    return int(re.findall(r"at n = (\d+)", told)[1])


def new_curve(page: Page, before: str) -> str:
    """Wait for a power figure of the plan as it is now, other than one before."""
    page.wait_for_function(
        "before => {const image = document.querySelector('#curve figure:not(.old) img');"
        "return image && image.src !== before}",
        arg=before,
    )
    return curve(page)


def change(page: Page, label: str, value: str, said: str) -> None:
    """Change an input, and wait until the page has taken it up, which its address shows."""
    page.get_by_label(label).fill(value)
    page.wait_for_function("said => location.search.includes(said)", arg=said)


def settled(page: Page) -> str:
    """Wait for the whole answer of the plan as it is now, and return it in large."""
    page.wait_for_function(
        "() => {const big = document.querySelector('#headline .big[data-stage=done]:not(.old)');"
        "return big && big.dataset.of === location.search.slice(1)}"
    )
    return page.locator("#headline").inner_text()


def view(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def taken(page: Page, label: str, folder: Path) -> Path:
    """Download a file, and return where it lies."""
    view(page, "Download")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label).click()
    found: Download = waiting.value
    path = folder / found.suggested_filename
    found.save_as(path)
    return path


def open_file(page: Page, name: str, text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    page.locator("#file").set_input_files(
        {"name": name, "mimeType": "application/yaml", "buffer": data}
    )


def cli(*words: str) -> dict[str, Any]:
    """Return what a command prints with --json; it may answer no."""
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *words, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def numbers(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what is said about the file it is of, which has other lines."""
    return {key: value for key, value in answer.items() if key not in ("warnings", "assumed")}


def test_another_dose_moves_the_curve(browser: Browser, address: str) -> None:
    with person(browser, address + STUDY) as page:
        before, n_before = curve(page), crossing(page)
        page.get_by_label(DOSE).fill("40 uL/kg")
        new_curve(page, before)
        assert crossing(page) < n_before  # the weakest arm is stronger now
        assert page.get_by_text("40 µL/kg (140 µg/kg)").is_visible()  # the other view of the dose
        assert "set=design.arms.secretome-im-10.dose%3D40+uL%2Fkg" in page.url


def test_the_page_works_under_its_own_policy(browser: Browser, address: str) -> None:
    with person(browser, address + START, strict=True) as page:
        for name in ("Simulated study", "Laboratory", "Plan", "File", "Download", "Power"):
            view(page, name)
        page.get_by_label("Target power").fill("0.65")
        page.locator("#sentence").get_by_text("0.65").wait_for()
        headers = page.context.request.get(address).headers
        assert "default-src 'self'" in headers["content-security-policy"]


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
        b"\x89PNG\r\n\x1a\n\x00\x00": "a character that text cannot hold",
        b"[" * 5_000: "nested more than 30 levels deep",
        b"a: &x 1\nb: *x\n": "an anchor",
    }
    with person(browser, address + START) as page:
        for k, (data, message) in enumerate(others.items()):
            open_file(page, f"other-{k}.yaml", data)
            page.locator("#file_why details", has_text=f"other-{k}.yaml").wait_for()
            assert message in page.locator("#file_why").inner_text()


def test_no_path_of_a_request_is_opened(browser: Browser, address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(dump_scenario(load_scenario("quick-start")).replace("quick-start", "sesame"))
    with person(browser, address + START) as page:
        for said in (
            f"Shiny.setInputValue('scenario', '{secret}')",
            f"Shiny.setInputValue('opened', {{name: '{secret}', text: 5, size: 1}})",
            f"Shiny.setInputValue('opened', {{datapath: '{secret}', name: 'x', size: 1}})",
        ):
            page.evaluate(f"() => {{ {said} }}")
            page.locator("#file_why details").wait_for()
            assert "sesame" not in page.content()
            page.evaluate("() => Shiny.setInputValue('scenario', 'quick-start')")
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


def test_the_text_is_edited_with_the_changes_taken_in(browser: Browser, address: str) -> None:
    with person(browser, address + START) as page:
        page.get_by_text("Effect", exact=True).click()
        change(page, FOLD, "2.5", "drug%3D2.5")
        view(page, "File")
        page.get_by_role("button", name="Take in the changes").click()
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
