"""A command that is run by other processes, of this machine or of others, on studies made there."""

from __future__ import annotations

import json
import os
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.auditing.collect import Data, Run
from simulator.auditing.commands.command import Command
from simulator.auditing.commands.command_line import CommandLine
from simulator.auditing.commands.process import Stopped
from simulator.auditing.outcome import Outcome
from simulator.engine.dask_extra import is_given_up
from simulator.errors import SimulatorError
from simulator.scenario import Scenario
from simulator.versions import program

#: Seconds for which a process keeps what it has ready for an errand that gives it no more runs.
_IDLE: Final = 10.0
#: Set by dask in its workers. The command gets them as they are here: how many processors a
#: program uses can change the last digits of what it says.
_OF_DASK: Final = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("MALLOC_TRIM_THRESHOLD_", "PYTHONHASHSEED", "__DASK_PARENT_PID"),
)


class ErrandError(SimulatorError):
    """A process that cannot run the command, or not the same one on the same studies."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Runs a command on the study of a run, in whatever process it is called; small.

    Attributes
    ----------
    command : the command line, as typed.
    folder : relative to which it names its files.
    fingerprint : of the command; where it is another, the files are not the same.
    scenario : its text, compressed.
    n : animals in an arm of ratio 1.
    timeout : seconds that one run may take.
    variables : of the environment; None: without.
    program : versions that can change a study; where they are others, nothing is run.
    """

    command: str
    folder: str
    fingerprint: str
    scenario: bytes
    n: int
    timeout: float
    variables: tuple[tuple[str, str | None], ...]
    program: str

    @classmethod
    def of(
        cls, line: CommandLine, scenario: Scenario, *, folder: Path, n: int, timeout: float
    ) -> Errand:
        """Return the errand of running a command line, which was read in a folder."""
        text = json.dumps(scenario.canonical(), separators=(",", ":"))
        return cls(
            command=line.text,
            folder=str(folder),
            fingerprint=line.fingerprint,
            scenario=zlib.compress(text.encode(), 9),
            n=n,
            timeout=timeout,
            variables=tuple((name, os.environ.get(name)) for name in _OF_DASK),
            program=program(),
        )

    def __call__(self, run: Run) -> Outcome:
        """Return what the command makes of a study.

        Raises
        ------
        ErrandError : it cannot be run here.
        """
        try:
            with _ready_for(self) as (data, command):
                return command(data.frame(*run))
        except ErrandError:
            raise
        except Stopped:  # nobody waits for it any more, and so nobody is told
            raise ErrandError(f"the worker on {socket.gethostname()} was stopped") from None
        except SimulatorError as error:  # in a form that can be sent
            where = socket.gethostname()
            raise ErrandError(f"the worker on {where} cannot run the command: {error}") from None

    def _prepared(self) -> tuple[Data, Command]:
        where = f"the worker on {socket.gethostname()}"
        if self.program != program():
            raise ErrandError(f"{where} has other versions: {program()}, not {self.program}")
        scenario = Scenario.model_validate(json.loads(zlib.decompress(self.scenario)))
        data = Data(scenario, n=self.n)
        command = Command(
            self.command,
            scenario=scenario,
            timeout=self.timeout,
            folder=Path(self.folder),
            stop=_GivenUp(),
            variables=dict(self.variables),
        )
        if command.fingerprint != self.fingerprint:
            command.close()
            raise ErrandError(
                f"{where} does not have the files that the command names as they were when the "
                f"audit began: they have to be there at the same paths ({self.folder}), too"
            )
        return data, command


class _GivenUp(threading.Event):
    """Set where nobody waits any more for what the thread that asks is doing."""

    def is_set(self) -> bool:
        return super().is_set() or is_given_up()


class _Ready:
    """What this process has ready for an errand."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.made: tuple[Data, Command] | None = None
        self.users = 0
        self.end: threading.Timer | None = None


_ready: dict[Errand, _Ready] = {}
_lock = threading.Lock()


@contextmanager
def _ready_for(errand: Errand) -> Iterator[tuple[Data, Command]]:
    """Lend what an errand needs; it is kept for the runs that come soon after."""
    with _lock:
        entry = _ready.setdefault(errand, _Ready())
        entry.users += 1
        if entry.end is not None:
            entry.end.cancel()
    try:
        with entry.making:
            if entry.made is None:
                entry.made = errand._prepared()
        yield entry.made
    finally:
        with _lock:
            entry.users -= 1
            if not entry.users:
                entry.end = threading.Timer(_IDLE, _end, [errand, entry])
                entry.end.daemon = True
                entry.end.start()


def _end(errand: Errand, entry: _Ready) -> None:
    """End the processes and remove the folders of an errand that gives no more runs."""
    with _lock:
        if entry.users or _ready.get(errand) is not entry:
            return
        del _ready[errand]
    if entry.made is not None:
        entry.made[1].close()
