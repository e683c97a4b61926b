"""Run foreign commands: in a folder, for a time, up to a size, and leaving nothing running.

Every command is run by a keeper (`keeper`), a small process of ours that kills whatever a command
leaves running, however it was detached, and that still does so when we are killed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

from simulator.auditing.commands.keeping import GRACE, Keeper, LostError
from simulator.auditing.commands.strays import MARK, kill_marked, processes
from simulator.errors import OutputError

#: Whether this system can end what a command leaves.
_POSSIBLE: Final = os.name == "posix" and hasattr(os, "waitid")
#: Bytes of the end of stdout that are told where all of it is not wanted.
_TOLD: Final = 4096

Reason = Literal["timed out", "printed too much", "could not start", "keeper lost"]


@dataclass(frozen=True)
class Limits:
    """What a command may use.

    Attributes
    ----------
    seconds : of time.
    printed : bytes to stdout and stderr together.
    file : bytes of any one file that it writes.
    """

    seconds: float = 60.0
    printed: int = 16 << 20
    file: int = 256 << 20


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes
    ----------
    returncode : exit status, or minus the signal that ended it; None where there is a reason.
    stdout, stderr : what it printed; of stderr, and of a stdout that is not wanted, the end.
    reason : why there is no exit status. A lost keeper was most likely killed by the command.
    detail : what the system says of a command that could not start.
    """

    returncode: int | None
    stdout: bytes = b""
    stderr: bytes = b""
    reason: Reason | None = None
    detail: str = ""


class Stopped(Exception):
    """A command was stopped because the audit is to stop: nothing is known of it."""


class Processes:
    """Runs commands, from several threads at once if need be.

    Parameters
    ----------
    folder : in which the folders of the commands are. It is removed if we are killed.
    limits : of every command.
    stop : commands are ended, and raise `Stopped`, when it is set; asked by the thread of each.
    variables : more of their environment; None: without.
    by_mark : find what commands leave by their mark only, as where no orphans are adopted.

    Raises
    ------
    OutputError : a system on which this cannot be done.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limits: Limits | None = None,
        stop: threading.Event | None = None,
        variables: Mapping[str, str | None] | None = None,
        by_mark: bool = False,
    ) -> None:
        if not _POSSIBLE:
            raise OutputError(
                "commands are audited on Linux, and on macOS from Python 3.13 on; audit a Python "
                "function instead"
            )
        self.limits = limits or Limits()
        self._folder, self._by_mark = folder, by_mark
        self._variables = dict(variables or {})
        self._stop, self._closed = stop, threading.Event()
        self._keepers: list[Keeper] = []  # those that have nothing to do
        self._changed = threading.Condition()
        self._running = 0

    def run(self, argv: Sequence[str], *, folder: Path, all_printed: bool = True) -> Ended:
        """Run a command to its end, and end every process that it leaves.

        Its input is empty, its temporary files go to its folder (TMPDIR), and Python keeps no
        compiled files beside its scripts.

        Parameters
        ----------
        argv : program and arguments; no shell reads them.
        folder : where it runs.
        all_printed : whether all of stdout is wanted, or only its end for a message.

        Raises
        ------
        Stopped : the audit is to stop.
        OutputError : no process of ours can be started.
        """
        token, here = secrets.token_hex(8), str(folder)
        request = {
            "argv": list(argv),
            "folder": here,
            "seconds": self.limits.seconds,
            "printed": self.limits.printed,
            "kept": None if all_printed else _TOLD,
            "variables": {
                **self._variables,
                "PYTHONDONTWRITEBYTECODE": "1",
                **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), here),
                MARK: token,
            },
        }
        with self._keeper() as keeper:
            before = frozenset() if keeper.adopts else processes()
            try:
                told, out, err = keeper.ask(request, is_to_stop=self._is_to_stop)
            except LostError:
                kill_marked(token)
                if self._is_to_stop():
                    raise Stopped from None
                return Ended(None, reason="keeper lost")
            except BaseException:  # Ctrl-C
                try:
                    keeper.stop()
                finally:
                    kill_marked(token)
                raise
            if not keeper.adopts:
                kill_marked(token, before=before)
        if told["reason"] == "stopped":
            raise Stopped
        return Ended(told["returncode"], out, err, told["reason"], told["detail"])

    def close(self) -> None:
        """Stop the commands under way and end the keepers."""
        self._closed.set()
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0, timeout=GRACE)
            keepers, self._keepers = self._keepers, []
        for keeper in keepers:
            keeper.leave()

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _is_to_stop(self) -> bool:
        return self._closed.is_set() or (self._stop is not None and self._stop.is_set())

    def _started(self) -> Keeper:
        return Keeper(
            self._folder,
            seconds=self.limits.seconds,
            largest=self.limits.file,
            adopt=not self._by_mark,
        )

    @contextlib.contextmanager
    def _keeper(self) -> Iterator[Keeper]:
        """Lend a keeper; what was started for one command is used for the next."""
        with self._changed:
            if self._is_to_stop():
                raise Stopped
            self._running += 1
            keeper = self._keepers.pop() if self._keepers else None
        try:
            if keeper is None:
                keeper = self._started()
            yield keeper
        finally:
            with self._changed:
                if keeper is not None and not keeper.left:
                    self._keepers.append(keeper)
                self._running -= 1
                self._changed.notify_all()


def run_process(
    argv: Sequence[str],
    *,
    folder: Path,
    timeout: float,
    limits: Limits | None = None,
    stop: threading.Event | None = None,
) -> Ended:
    """Run a single command (see `Processes.run`); for many, `Processes` is much quicker.

    Parameters
    ----------
    timeout : seconds; the limits' own is not used.
    """
    limits = limits or Limits()
    limits = Limits(timeout, limits.printed, limits.file)
    with Processes(folder, limits=limits, stop=stop) as processes:
        return processes.run(argv, folder=folder)
