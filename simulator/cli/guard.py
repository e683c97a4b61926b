"""Turns what a user can cause into one clear message and the right exit code."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import NoReturn, ParamSpec, TypeVar

import typer

from simulator.errors import SimulatorError

P = ParamSpec("P")
R = TypeVar("R")

#: The command that is being run.
_running: ContextVar[str] = ContextVar("running", default="")

DONE, NO, BAD_INPUT, STOPPED = 0, 1, 2, 130


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command: bad input exits 2 with its message, Ctrl-C exits 130 with one line."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _running.set(command.__name__.replace("_", "-"))
        try:
            return command(*args, **kwargs)
        except SimulatorError as error:
            fail(str(error))
        except KeyboardInterrupt:
            print("Stopped; nothing was left behind.", file=sys.stderr)
            raise typer.Exit(STOPPED) from None
        except BrokenPipeError:  # the reader has seen enough; main() silences the rest
            raise typer.Exit(DONE) from None
        except MemoryError:
            fail("not enough memory: ask for fewer animals, or fewer threads")
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            fail(f"{where}{(error.strerror or str(error)).lower()}")
        finally:
            _running.reset(token)

    return run


def command_name() -> str:
    """Return the name of the command that is being run; empty where none is."""
    return _running.get()


def fail(message: str) -> NoReturn:
    """Print a message to stderr and exit with 2."""
    print(message, file=sys.stderr)
    raise typer.Exit(BAD_INPUT)
