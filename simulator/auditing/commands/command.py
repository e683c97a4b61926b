"""An analysis that is a command: it reads a CSV and writes a table."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from simulator.auditing.claims import Asked
from simulator.auditing.commands.command_line import PLACEHOLDERS, read_command_line
from simulator.auditing.commands.data_file import observations_csv, plan_csv
from simulator.auditing.commands.folders import Folders, cannot_write
from simulator.auditing.commands.process import Ended, Limits, Processes
from simulator.auditing.commands.result_file import LARGEST, LONGEST, outcome_of_bytes, printable
from simulator.auditing.outcome import Failure, Outcome
from simulator.scenario import AnalysisPlan, Scenario

if TYPE_CHECKING:
    import pandas as pd

#: Last lines of R's that do not say what went wrong.
_EMPTY_WORDS: Final = re.compile(r"Execution halted|Ausführung angehalten|Calls: .*")
#: A file that could not be opened, as R, Python and others quote it, and how they say that.
_QUOTED: Final = re.compile(r"""['"‘“]([^'"‘’“”]+)['"’”]""")
_NOT_OPENED: Final = re.compile("cannot open|No such file|does not exist", re.IGNORECASE)
_OWN_FOLDER: Final = "every run has a folder of its own: name"
_NOT_ALONE: Final = "; print nothing but the table, or write it to {result}"


class Command:
    """A command as an analyst: every table is a CSV in a fresh folder in which the command runs.

    For several threads. Use it in a ``with`` block, at whose end nothing of it is left.

    Parameters
    ----------
    text : the command line. ``{data}`` stands for the CSV of the observations, ``{result}`` for
        the file to write (without it, what is printed is the result), ``{plan}`` for a CSV of
        what the plan compares. No shell reads it; see `command_line.read_command_line`.
    scenario : whose plan is to be answered.
    timeout : seconds that one run may take.
    limits : of one run; its time is replaced by ``timeout``.
    folder : the caller's, relative to which the command names its files; default the current one.
    stop : runs under way end, and raise `process.Stopped`, when it is set.
    variables : more of the command's environment; None: without.

    Raises
    ------
    InputError : the command cannot be run; with all that is wrong with it.
    OutputError : a system on which commands cannot be audited, or no folder can be made.
    ValueError : a time that is not above 0.
    """

    def __init__(
        self,
        text: str,
        *,
        scenario: Scenario,
        timeout: float = 60.0,
        limits: Limits | None = None,
        folder: Path | None = None,
        stop: threading.Event | None = None,
        variables: Mapping[str, str | None] | None = None,
    ) -> None:
        self._from = (folder or Path.cwd()).absolute()
        self._line = read_command_line(text, folder=self._from)
        named = (Path(word) for word in self._line.argv[1:] if os.path.isabs(word))
        beside = {path.parent: "beside the script" for path in named if path.is_file()}
        self._places = beside | {self._from: "in your folder"}
        self._plan, self._asked = scenario.analysis, Asked.of(scenario.analysis)
        if not timeout > 0:
            raise ValueError(f"timeout {timeout}: must be above 0")
        limits = limits or Limits()
        limits = Limits(timeout, limits.printed, limits.file)
        self._folders = Folders()
        self._stop = stop or threading.Event()
        try:
            self._processes = Processes(
                self._folders.root, limits=limits, stop=self._stop, variables=variables
            )
        except BaseException:
            self._folders.remove()
            raise

    @property
    def text(self) -> str:
        """The command line as it was typed."""
        return self._line.text

    @property
    def fingerprint(self) -> str:
        """Digest of the command line and of the files that it names, as they were at the start."""
        return self._line.fingerprint

    @property
    def is_told_the_plan(self) -> bool:
        """Whether the command asks for what the plan compares."""
        return "{plan}" in self._line.placeholders

    def __call__(self, observations: pd.DataFrame) -> Outcome:
        """Return what the command makes of a table."""
        return self.run(observations, self._plan)

    def run(self, observations: pd.DataFrame, plan: AnalysisPlan) -> Outcome:
        """Return what the command makes of a table by another plan than the scenario's.

        Raises
        ------
        Stopped : the audit is to stop; nothing is known of this run.
        OutputError : the table cannot be written, or no process can be started.
        """
        lent = self._folders.lend()
        folder, again = lent.path, False
        try:
            self._write(folder, observations, plan)
            ended = self._processes.run(
                self._line.filled(folder),
                folder=folder,
                all_printed="{result}" not in self._line.placeholders,
            )
            again = ended.reason is None
            asked = self._asked if plan is self._plan else Asked.of(plan)
            return self._outcome(ended, folder, asked)
        finally:
            self._folders.take_back(lent, again=again)

    def stop(self) -> None:
        """Stop the runs under way, which raise `process.Stopped`, and allow no others."""
        self._stop.set()

    def close(self) -> None:
        """Stop the runs under way and remove the folders."""
        self._processes.close()
        self._folders.remove()

    def __enter__(self) -> Command:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, folder: Path, observations: pd.DataFrame, plan: AnalysisPlan) -> None:
        try:
            (folder / PLACEHOLDERS["{data}"]).write_bytes(observations_csv(observations))
            if "{plan}" in self._line.placeholders:
                (folder / PLACEHOLDERS["{plan}"]).write_bytes(plan_csv(plan))
        except OSError as error:
            raise cannot_write(folder, error) from error

    def _outcome(self, ended: Ended, folder: Path, asked: Asked) -> Outcome:
        said = self._said(ended, folder)
        if ended.reason is not None or ended.returncode != 0:
            failure, message = self._failure(ended)
            return Outcome(None, failure, f"{message}{': ' * bool(said)}{said}"[:LONGEST])
        if "{result}" not in self._line.placeholders:
            if not ended.stdout.strip():
                said = said and f"; it said: {said}"
                return Outcome(None, "no result", f"nothing was printed{said}"[:LONGEST])
            printed = ended.stdout
            for path, name in _paths(folder):
                printed = printed.replace(os.fsencode(path), name.encode())
            return outcome_of_bytes(printed, asked, source="what was printed", no_table=_NOT_ALONE)
        found = _read(folder / PLACEHOLDERS["{result}"])
        if isinstance(found, Outcome):
            said = said and f"; it said: {said}"
            return Outcome(None, found.failure, f"{found.message}{said}"[:LONGEST])
        return outcome_of_bytes(found, asked, source="{result}")

    def _failure(self, ended: Ended) -> tuple[Failure, str]:
        limits = self._processes.limits
        match ended.reason:
            case "timed out":
                return "timed out", f"ran longer than {limits.seconds:g} s and was stopped"
            case "printed too much":
                most = f"{limits.printed / (1 << 20):g} MiB"
                return "printed too much", f"printed more than {most} and was stopped"
            case "could not start":
                return "could not start", f"could not start: {ended.detail}"
            case "keeper lost":
                return "crashed", "killed or stopped the process that looks after it"
        code = ended.returncode or 0
        if code == -signal.SIGXFSZ:
            most = f"{limits.file / (1 << 20):g} MiB"
            return "crashed", f"wrote a file larger than {most} and was stopped"
        if code < 0:
            try:
                return "crashed", f"was ended by the signal {signal.Signals(-code).name}"
            except ValueError:
                return "crashed", f"was ended by the signal {-code}"
        return "crashed", f"exit status {code}"

    def _said(self, ended: Ended, folder: Path) -> str:
        """Return the last thing that the command said, the same in every folder."""
        text = ended.stderr if ended.stderr.strip() else ended.stdout[-4096:]
        said = _last_words(text.decode("utf-8", errors="replace"))
        hint = self._hint(said, folder)
        for path, name in _paths(folder):
            said = said.replace(path, name)
        return printable(said)[:300] + hint

    def _hint(self, said: str, folder: Path) -> str:
        names = [name.removeprefix(f"{folder}/") for name in _QUOTED.findall(said)]
        names = [name for name in names if not os.path.isabs(name)]
        for name in names:
            for place, words in self._places.items():
                with contextlib.suppress(OSError, ValueError):
                    if (place / name).is_file():
                        whole = "it in full, or in the command"
                        return f" ({printable(name)} is {words}, but {_OWN_FOLDER} {whole})"
        if names and _NOT_OPENED.search(said):
            return f" ({_OWN_FOLDER} files in full, or in the command)"
        return ""


def _paths(folder: Path) -> list[tuple[str, str]]:
    """Return what differs from run to run, and what to call it; the longer ones first."""
    found = []
    for one in dict.fromkeys((os.path.realpath(folder), str(folder))):
        found += [(os.path.join(one, file), name) for name, file in PLACEHOLDERS.items()]
        found.append((one, "{folder}"))
    return found


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for place, line in reversed(list(enumerate(lines))):
        if line.startswith(("Error in ", "Error:")):  # R says more after it, and breaks long ones
            said = " ".join(lines[place : place + 2]) if line.endswith(":") else line
            # which file it was, stands in a warning after it
            files = [one for one in lines[place + 1 :] if one.startswith("cannot open ")]
            return ": ".join([said, *files[-1:]]) if files and files[-1] not in said else said
    while len(lines) > 1 and _EMPTY_WORDS.fullmatch(lines[-1]):
        del lines[-1]
    return lines[-1] if lines else ""


def _read(path: Path) -> bytes | Outcome:
    """Return what is in a result, which the command may have made into anything."""
    try:
        # neither waiting for the other end of a pipe nor following a link
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return Outcome(None, "no result", "nothing was written to {result}")
    except OSError as error:
        why = "a link" if error.errno == errno.ELOOP else error.strerror or str(error)
        return Outcome(None, "unreadable result", f"{{result}} cannot be read: {why}")
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
            return Outcome(None, "unreadable result", f"{{result}} is {kind}")
        if found.st_size == 0:
            return Outcome(None, "no result", "{result} is empty")
        with os.fdopen(os.dup(handle), "rb") as stream:
            return stream.read(LARGEST + 1)
    finally:
        os.close(handle)
