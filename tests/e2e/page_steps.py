"""What a person does at the planner page in a browser, step by step."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Download, Page

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
