"""Set up for all tests."""

from __future__ import annotations

import os

import pytest

# Before numpy is loaded, and for the programs that tests start: the tests already keep every core
# busy, and the matrices are small. BLAS's own threads would spin beside them for half of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One width of output for every test (pytest-xdist sets its own in the workers)."""
    monkeypatch.setenv("COLUMNS", "118")
