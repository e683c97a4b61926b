"""A planner page of its own, in a process that ends when its tests end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Ends with its parent, however that ends: then the pipe to it closes.
_PROGRAM = """
import os, sys, threading
def wait():
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=wait, daemon=True).start()
from simulator.cli.serving import serve
serve(sys.argv[1], port=0, open_browser=False)
"""


@contextmanager
def planner_page(source: str) -> Iterator[str]:
    """Serve the page on a free port of this computer; give its address."""
    server = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, source],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stderr is not None
    try:
        told = server.stderr.readline()
        assert "http://127.0.0.1:" in told, told + server.stderr.read()
        yield told.split()[2]
    finally:
        server.stdin.close()
        server.wait(timeout=20)
        server.stderr.close()
