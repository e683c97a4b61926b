"""Set up for all tests: kernels compiled from the sources as they are now.

numba's cache on disk notices a change of a kernel's own file, not of a file whose kernels it
calls. A cache folder named by the digest of every kernel file cannot be stale.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _kernel_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "simulator").rglob("*.py")):
        source = path.read_bytes()
        if b"njit" in source:
            digest.update(source)
    return digest.hexdigest()[:16]


os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".numba_cache" / _kernel_digest()))


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """One width of output for every test (pytest-xdist sets its own in the workers)."""
    monkeypatch.setenv("COLUMNS", "118")
