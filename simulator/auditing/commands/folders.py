"""Folders in which commands run."""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from simulator.auditing.commands.keeper import remove_tree
from simulator.errors import OutputError


class RunFolder(NamedTuple):
    """An empty folder, and what shows that it is still the one that was made."""

    path: Path
    made: tuple[int, int, int]


class Folders:
    """Lends empty folders, all in one that is removed at the end. For several threads.

    A folder that comes back as it was, but for files in it, is emptied and lent again: some file
    systems take longer to remove a folder than a command takes to start.

    Raises
    ------
    OutputError : nothing can be written where temporary files go.
    """

    def __init__(self) -> None:
        try:
            self.root = Path(tempfile.mkdtemp(prefix="afcsim-audit-"))
        except OSError as error:
            raise cannot_write(tempfile.gettempdir(), error) from error
        self._numbers = itertools.count()
        self._free: list[RunFolder] = []
        self._lock = threading.Lock()

    def lend(self) -> RunFolder:
        """Return an empty folder that is nobody else's.

        Raises
        ------
        OutputError : it cannot be made.
        """
        with self._lock:
            if self._free:
                return self._free.pop()
        path = self.root / str(next(self._numbers))
        try:
            if _mode(self.root) != 0o700:  # a command has removed or closed it
                self.root.mkdir(mode=0o700, exist_ok=True)
                self.root.chmod(0o700)
            path.mkdir(mode=0o700)
            return RunFolder(path, _identity(path))
        except OSError as error:
            raise cannot_write(path, error) from error

    def take_back(self, folder: RunFolder, *, again: bool) -> None:
        """Empty a folder for its next run, or remove it.

        Parameters
        ----------
        again : whether it may be lent again; not where a process may still be at work in it.
        """
        if again and _emptied(folder):
            with self._lock:
                self._free.append(folder)
        else:
            remove_tree(str(folder.path))

    def remove(self) -> None:
        """Remove all of them, and the folder that they are in."""
        remove_tree(str(self.root))


def cannot_write(where: str | Path, error: OSError) -> OutputError:
    """Return the error of a place for temporary files that cannot be written."""
    why = error.strerror or error
    return OutputError(f"cannot write {where}: {why}; TMPDIR says where runs have their folders")


def _mode(folder: Path) -> int | None:
    try:
        return stat.S_IMODE(os.lstat(folder).st_mode)
    except FileNotFoundError:
        return None


def _identity(path: Path) -> tuple[int, int, int]:
    found = os.lstat(path)
    return found.st_dev, found.st_ino, found.st_mode


def _emptied(folder: RunFolder) -> bool:
    """Remove what is in a folder; return whether it is again as it was made."""
    try:
        if _identity(folder.path) != folder.made:
            return False
        with os.scandir(folder.path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    remove_tree(entry.path)
                else:
                    os.unlink(entry.path)
        return not os.listdir(folder.path)
    except OSError:
        return False
