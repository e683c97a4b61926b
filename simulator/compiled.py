"""The one decorator that compiles a kernel, and the folder its machine code is kept in.

numba's cache on disk notices a change of a kernel's own file, not of the files whose kernels and
constants are compiled into it: after such a change it would go on giving the old numbers. The
folder is therefore named by a digest of every file with kernels, of Python and of numba.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

# numba sets these names when it is imported, where no type checker sees them
_CONFIG: Any = numba.config
_PACKAGE = Path(__file__).resolve().parent
#: A file that says this has kernels. What they use must lie in such a file too,
_MARK = b"from simulator.compiled import"
#: or, if it is a constant, in one of these (a test looks).
_CONSTANTS = ("scenario/analysis_plan.py",)
_PREFIX = "kernels-"
#: Days after which a folder that no process used is removed.
_KEPT = 30

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function on its first call, free of the interpreter lock, and keep the code."""
    # numba picks the folder here; its setting is put back for other packages in this process
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = before if FOLDER is None else str(FOLDER)
    try:
        # errors as numpy has them: a division is a division, not a check and a jump
        made: Any = numba.njit(nogil=True, cache=FOLDER is not None, error_model="numpy")(function)
    finally:
        _CONFIG.CACHE_DIR = before
    if FOLDER is not None:
        keep = made._cache.save_overload
        made._cache.save_overload = lambda *found: _alone(keep, *found)
    return cast(Function, made)


def _alone(keep: Callable[..., None], *found: object) -> None:
    """Keep what was compiled, unless another process is keeping something just now.

    Processes that compile the same kernels side by side would mix their files; what is not kept
    is compiled again another day.
    """
    assert FOLDER is not None
    try:
        import fcntl

        with (FOLDER / "writer").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            keep(*found)
    except ImportError:  # no such locks on this system
        keep(*found)
    except OSError:
        return


def is_kept(name: str) -> bool:
    """Return whether the machine code of the kernel of this name was kept by an earlier run."""
    return FOLDER is not None and next(FOLDER.rglob(f"*.{name}-*.nbi"), None) is not None


def _digested() -> dict[str, bytes]:
    """Return the sources that machine code is made of, by their path in the package."""
    sources = {p.relative_to(_PACKAGE).as_posix(): p.read_bytes() for p in _PACKAGE.rglob("*.py")}
    return {
        name: source
        for name, source in sorted(sources.items())
        if _MARK in source or name in _CONSTANTS
    }


def _digest() -> str:
    found = hashlib.sha256(f"{sys.version} {numba.__version__}".encode())
    for name, source in _digested().items():
        found.update(f"\0{name}\0".encode() + source)
    return found.hexdigest()[:16]


def _parents() -> Iterator[Path]:
    """Give the places for the folder, best first."""
    if _CONFIG.CACHE_DIR:  # NUMBA_CACHE_DIR: the user's own choice
        yield Path(_CONFIG.CACHE_DIR).absolute()
    yield _PACKAGE / "__pycache__"
    home = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    user = Path(home or os.path.expanduser("~/.cache")) / "afcsim"
    if user.is_absolute():
        yield user
    if os.name != "nt":  # there the user's own folder is always there
        yield _private_temporary()


def _private_temporary() -> Path:
    """Return a folder of this user in the shared one for temporary files.

    Raises
    ------
    OSError : another user made it or may write into it, and could so make us run their code.
    """
    path = Path(tempfile.gettempdir()) / f"afcsim-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if path.is_symlink() or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise PermissionError(f"{path} is not private")
    return path


def _choose(parents: Iterable[Path], name: str) -> Path | None:
    """Return the folder in the first place that can be written to, or None."""
    places = iter(parents)
    while True:
        try:
            folder = next(places) / name
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                os.utime(folder)  # used now
            _sweep(folder.parent)
        except StopIteration:
            return None
        except OSError:
            continue
        return folder


def _sweep(parent: Path) -> None:
    """Remove the folders of older code that were not used for long.

    A process that still has one open loses nothing but what it kept there: numba makes the
    folder anew.
    """
    oldest = time.time() - _KEPT * 86_400
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            stale = folder.stat().st_mtime < oldest
        except OSError:  # another process was faster
            continue
        if stale:
            shutil.rmtree(folder, ignore_errors=True)


#: Where machine code is kept; None where nothing can be written, then every process compiles.
FOLDER = _choose(_parents(), _PREFIX + _digest())
