"""Processes that a command left, known by the mark in the environment that they inherited."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Container
from typing import Final

#: The variable that is the mark.
MARK: Final = "AFCSIM_AUDIT"
#: Longest wait, in seconds, until what was killed is gone.
_GONE: Final = 5.0


def processes() -> frozenset[int]:
    """Return the numbers of all processes."""
    import psutil

    return frozenset(psutil.pids())


def kill_marked(token: str, *, before: Container[int] = ()) -> None:
    """Kill every process whose mark is the token.

    Parameters
    ----------
    before : processes that are older than the mark.
    """
    until = time.monotonic() + _GONE
    while time.monotonic() < until:
        found = [pid for pid in processes() if pid not in before and _has(pid, token)]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _has(pid: int, token: str) -> bool:
    import psutil

    # gone meanwhile, somebody else's, or a system that does not tell
    with contextlib.suppress(psutil.Error, OSError):
        return psutil.Process(pid).environ().get(MARK) == token
    return False
