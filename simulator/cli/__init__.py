"""The command ``afcsim``: parse, call, print. It holds no logic and imports nothing heavy."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Final

#: Exit code of what Ctrl-C has stopped.
_STOPPED: Final = 130


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
        code = _STOPPED
    code = _flushed(code)
    if code == _STOPPED:
        # All is put away, and who pressed Ctrl-C waits: Python takes a second, on a busy machine
        # many, to take the compiled code apart.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


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
