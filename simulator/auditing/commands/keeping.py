"""Our end of a keeper, the process that runs commands for us."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from simulator.auditing.commands import keeper as program
from simulator.errors import OutputError

#: Seconds: how often we look whether to stop; after which a keeper that does not answer (it takes
#: up to 5 to end a command) is given up; in which a keeper has to start, and to leave.
_LOOK: Final = 0.05
GRACE: Final = 12.0
_START: Final = 30.0
_LEAVE: Final = 5.0


class LostError(Exception):
    """The keeper is dead or does not answer, and has been ended."""


class Answer(NamedTuple):
    """What a keeper says of a command, and the command's stdout and stderr."""

    told: dict[str, Any]
    out: bytes
    err: bytes


class Keeper:
    """A keeper, from its start on.

    Parameters
    ----------
    folder : removed by the keeper if we are killed.
    seconds : that a command may take.
    largest : bytes of any one file that it may write.
    adopt : whether to ask for the orphans of commands.

    Attributes
    ----------
    adopts : whether it finds whatever a command leaves.
    left : whether it has been ended.

    Raises
    ------
    OutputError : it cannot be started.
    """

    def __init__(self, folder: Path, *, seconds: float, largest: int, adopt: bool) -> None:
        self.left = False
        self._seconds, self._found = seconds, bytearray()
        argv = [sys.executable, "-I", "-S", program.__file__, str(folder), str(largest)]
        try:
            # a session of its own: Ctrl-C on the terminal is for us, and we tell it
            self._process = subprocess.Popen(
                [*argv, "adopt" if adopt else "leave"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise OutputError(f"cannot start {sys.executable}: {error.strerror or error}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._waits = select.poll()
        self._waits.register(self._answers, select.POLLIN)
        try:
            ready = self._answer(lambda: False, seconds=_START)
        except LostError:
            raise OutputError(
                f"commands cannot be audited: {sys.executable} does not run {program.__file__}"
            ) from None
        except BaseException:
            self.kill()
            raise
        self.adopts: bool = ready.told["adopts"]

    def ask(self, request: Mapping[str, Any], *, is_to_stop: Callable[[], bool]) -> Answer:
        """Have a command run.

        Raises
        ------
        LostError : there is no answer.
        """
        self._tell(json.dumps(request).encode())
        return self._answer(is_to_stop, seconds=self._seconds + GRACE)

    def stop(self) -> None:
        """End the command under way, and the keeper.

        Raises
        ------
        LostError : it did not answer, and may not have ended the command.
        """
        try:
            self._tell(b"")
            self._answer(lambda: False, seconds=GRACE)
            self.leave()
        except BaseException:  # a second Ctrl-C
            self.kill()
            raise

    def leave(self) -> None:
        """End a keeper that has nothing to do."""
        with contextlib.suppress(LostError):
            self._tell(b"null")
            self._end(patience=_LEAVE)

    def kill(self) -> None:
        """End the keeper as it is."""
        self._process.kill()
        self._end(patience=_LEAVE)

    def _end(self, *, patience: float) -> None:
        if self.left:
            return
        self.left = True
        self._requests.close()
        try:
            self._process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _tell(self, message: bytes) -> None:
        try:
            rest = memoryview(len(message).to_bytes(4, "big") + message)
            while rest:
                rest = rest[os.write(self._requests.fileno(), rest) :]
        except (OSError, ValueError):  # it is dead, or we have ended it
            self.kill()
            raise LostError from None

    def _answer(self, is_to_stop: Callable[[], bool], *, seconds: float) -> Answer:
        until, told_to_stop = time.monotonic() + seconds, False
        while (answer := self._next()) is None:
            if self._waits.poll(_LOOK * 1000):
                more = os.read(self._answers.fileno(), 1 << 20)
                self._found += more
                if not more:
                    self.kill()
                    raise LostError
            elif time.monotonic() > until:
                self.kill()
                raise LostError
            if not told_to_stop and is_to_stop():
                self._tell(b"")
                told_to_stop, until = True, time.monotonic() + GRACE
        return answer

    def _next(self) -> Answer | None:
        """Return an answer once all of it is there."""
        found = self._found
        start = 4 + int.from_bytes(found[:4], "big")
        if len(found) < max(5, start):
            return None
        told: dict[str, Any] = json.loads(found[4:start])
        middle = start + told["out"]
        end = middle + told["err"]
        if len(found) < end:
            return None
        answer = Answer(told, bytes(found[start:middle]), bytes(found[middle:end]))
        del found[:end]
        return answer
