"""A real browser, and the checks of pages that need one.

Without Debian's chromium, Playwright or Java these tests are skipped on a laptop and fail in CI,
where a missing browser would hide rot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.e2e.page_server import planner_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def missing(what: str) -> NoReturn:
    """Skip on a laptop, fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless chromium, for all tests of a session; each opens its own context."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        missing("chromium")
    with sync_playwright() as playwright:
        # without a sandbox of its own, which a container does not give it; pages are ours
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """A planner page's address; one server for all tests, as several people use one."""
    with planner_page("quick-start") as found:
        yield found
