"""Set up for all tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One width of output for every test (pytest-xdist sets its own in the workers)."""
    monkeypatch.setenv("COLUMNS", "118")
