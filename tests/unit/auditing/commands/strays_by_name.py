"""Finding what commands leave running, by a word among their arguments."""

from __future__ import annotations

import time
from pathlib import Path

import psutil


def alive(name: str) -> list[int]:
    """Return the processes that have a word among their arguments."""
    found = []
    for one in psutil.process_iter(["cmdline", "status"]):
        words = one.info["cmdline"] or []
        if any(name in word for word in words) and one.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(one.pid)
    return found


def gone(name: str, *, within: float) -> bool:
    """Return whether all such processes are gone in time."""
    until = time.monotonic() + within
    while alive(name):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def wait_for(path: Path) -> None:
    """Wait until a command has made a file."""
    until = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < until, f"{path} was not made"
        time.sleep(0.01)
