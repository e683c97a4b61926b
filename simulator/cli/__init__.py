"""The command ``afcsim``: parse, call, print. It holds no logic and imports nothing heavy."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show "µ" shows "?" instead of failing.
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    code: object = 0
    try:
        from simulator.cli.app import app

        app(prog_name="afcsim")
    except SystemExit as ended:
        code = ended.code
    except KeyboardInterrupt:  # before or after the command itself
        code = 130
    sys.exit(_flushed(code))


def _flushed(code: object) -> int:
    """Return the exit code, or 2 if what was printed could not be delivered."""
    wanted = code if isinstance(code, int) else 0 if code is None else 1
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough (| head)
        _silence()
    except OSError as error:
        _silence()
        with suppress(OSError):
            print(f"afcsim: cannot write the output: {error.strerror}", file=sys.stderr)
        return 2
    return wanted


def _silence() -> None:
    """Point stdout at nothing, so that Python does not fail again when it closes it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
