"""Run commands one at a time and leave nothing of them running.

A program of its own: it imports nothing of ours, so that it starts quickly, and is started as
``python -I -S keeper.py FOLDER LARGEST adopt``. Orphans of a command become children of their
nearest ancestor that asks for them (Linux); this process has no other children, so that whatever
it still has when a command has ended is a stray of that command and may be killed. Elsewhere only
the process group is ended here, and `strays` finds the others. When the audit itself is killed,
this process sees its pipe closed, ends the command and removes the audit's folder.

Messages are JSON after four bytes of length. A request has ``argv``, ``folder``, ``seconds``,
``printed`` (bytes), ``kept`` (bytes of the end of stdout, all of it where None) and
``variables``; an empty message stops the command under way, and null is farewell. An answer has
``returncode``, ``reason``, ``detail``, and the lengths of stdout and of the end of stderr, which
follow it. The first answer comes unasked, and says whether orphans are adopted.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import IO, Any, Final

_PR_SET_CHILD_SUBREAPER: Final = 36
#: Bytes of the end of stderr that are told.
_TOLD: Final = 4096
#: Longest wait, in seconds, until what was killed is gone.
_GONE: Final = 5.0
_READ: Final = 1 << 18


def remove_tree(folder: str) -> None:
    """Remove a folder, whatever was made in it or of it; links are removed and not followed."""
    try:
        if os.path.islink(folder) or not os.path.isdir(folder):
            os.unlink(folder)
        else:
            shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):  # folders without permissions, thousands of levels
        for argv in (["chmod", "-R", "u+rwx", "--", folder], ["rm", "-rf", "--", folder]):
            with contextlib.suppress(OSError):
                subprocess.run(
                    argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
                )


class _Run:
    """One command under way."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.printed: int = request["printed"]
        self.kept: int | None = request["kept"]
        self.process = subprocess.Popen(
            request["argv"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=request["folder"],
            env={
                name: value
                for name, value in {**os.environ, **request["variables"]}.items()
                if value is not None
            },
            start_new_session=True,
            bufsize=0,
        )
        self.deadline = time.monotonic() + request["seconds"]
        self.counted = 0
        self.texts: dict[int, bytearray] = {}
        self.pipes: dict[int, IO[bytes]] = {}
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self.texts[pipe.fileno()] = bytearray()
            self.pipes[pipe.fileno()] = pipe
        self.out, self.err = self.texts.values()

    def wait(self) -> str | None:
        """Read until the command ends, or must be ended; return the reason where it must."""
        waits = select.poll()
        for one in (*self.texts, REQUESTS, WAKE):
            waits.register(one, select.POLLIN)
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return "timed out"
            # at least each second: a forked copy of the audit may hold our pipe open
            ready = [one for one, _ in waits.poll(min(left, 1.0) * 1000 + 1)]
            if REQUESTS in ready or os.getppid() != PARENT:
                return "stopped"
            for one in ready:
                if one in self.texts and not self.read(one):
                    waits.unregister(one)
            if self.counted > self.printed:
                return "printed too much"
            if WAKE in ready and self.has_ended():
                return self.read_rest()

    def read(self, pipe: int) -> bool:
        """Read once; return whether more may come."""
        try:
            found = os.read(pipe, _READ)
        except BlockingIOError:
            return True
        text = self.texts[pipe]
        text += found
        self.counted += len(found)
        kept = _TOLD if text is self.err else self.kept
        if kept is not None and len(text) > 2 * kept:
            del text[:-kept]
        return bool(found)

    def read_rest(self) -> str | None:
        """Read what is in the pipes; strays that hold them open and print are not waited for."""
        for pipe in self.texts:
            while self.counted <= self.printed and select.select([pipe], [], [], 0)[0]:
                if not self.read(pipe):
                    break
        return "printed too much" if self.counted > self.printed else None

    def has_ended(self) -> bool:
        """Return whether the command has ended; orphans that have ended are buried."""
        with contextlib.suppress(BlockingIOError):
            os.read(WAKE, 4096)
        while True:
            # left unburied, so that its number stays its own until its group has been killed
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None:
                return False
            if found.si_pid == self.process.pid:
                return True
            os.waitpid(found.si_pid, 0)

    def end(self) -> None:
        """Kill every process of the command."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        until = time.monotonic() + _GONE
        while time.monotonic() < until:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == self.process.pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
            elif pid == 0:
                for one in _children():
                    _kill(one)
                select.select([WAKE], [], [], 0.02)
                with contextlib.suppress(BlockingIOError):
                    os.read(WAKE, 4096)
        for pipe in self.pipes.values():
            pipe.close()
        if self.process.returncode is None:  # it cannot be killed; nobody asks for it again
            self.process.returncode = -signal.SIGKILL


def keep(request: dict[str, Any]) -> tuple[dict[str, Any], bytes, bytes]:
    """Run one command to its end; return the answer, stdout, and the end of stderr."""
    try:
        run = _Run(request)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        detail = why or str(error)
        return {"returncode": None, "reason": "could not start", "detail": detail}, b"", b""
    reason: str | None = "stopped"
    try:
        reason = run.wait()
    finally:
        run.end()
    code = run.process.returncode if reason is None else None
    out = bytes(run.out if run.kept is None else run.out[-run.kept :])
    return {"returncode": code, "reason": reason, "detail": ""}, out, bytes(run.err[-_TOLD:])


def _kill(pid: int) -> None:
    """Kill a process and its group, which is all of the same command."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        group = os.getpgid(pid)
        if group != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)


def _children() -> list[int]:
    """Return the numbers of our children (Linux)."""
    found, us = [], str(os.getpid()).encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", "rb") as stat:
                # after the name, which may hold anything: state, parent
                if stat.read().rpartition(b")")[2].split()[1] == us:
                    found.append(int(name))
    return found


def _adopt_orphans() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        return ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False


def _limit_files(largest: int) -> None:
    """Limit the size of every file that we, and so the commands, write; no core dumps."""
    import resource

    for what, most in ((resource.RLIMIT_FSIZE, largest), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def _receive() -> bytes | None:
    """Return the next message; None where the audit is gone."""
    found = b""
    length: int | None = None
    while length is None or len(found) < length:
        wanted = 4 if length is None else length
        if not select.select([REQUESTS], [], [], 1.0)[0]:
            if os.getppid() != PARENT:
                return None
            continue
        more = os.read(REQUESTS, wanted - len(found))
        if not more:
            return None
        found += more
        if length is None and len(found) == 4:
            length, found = int.from_bytes(found, "big"), b""
    return found


def _answer(told: dict[str, Any], out: bytes, err: bytes) -> None:
    head = json.dumps(told | {"out": len(out), "err": len(err)}).encode()
    rest = memoryview(len(head).to_bytes(4, "big") + head + out + err)
    while rest:
        rest = rest[os.write(ANSWERS, rest) :]


def _main(folder: str, largest: int, *, adopt: bool) -> None:
    _limit_files(largest)
    with contextlib.suppress(BrokenPipeError):
        _answer({"adopts": adopt and _adopt_orphans()}, b"", b"")
        while (message := _receive()) is not None:
            if not message:  # to stop a command that had ended by itself
                continue
            if (request := json.loads(message)) is None:
                return
            _answer(*keep(request))
    for _ in range(20):  # commands of other keepers may still be at work in the folder
        remove_tree(folder)
        if not os.path.lexists(folder):
            break
        time.sleep(0.1)


if __name__ == "__main__":
    REQUESTS, ANSWERS, PARENT = 0, 1, os.getppid()
    WAKE, _wakes = os.pipe()
    os.set_blocking(WAKE, False)
    os.set_blocking(_wakes, False)
    signal.set_wakeup_fd(_wakes, warn_on_full_buffer=False)
    # Handlers, for signals that are ignored would be ignored by the commands too. A command that
    # sends them to its parent sends them to us.
    for _one in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(_one, lambda *_: None)
    _main(sys.argv[1], int(sys.argv[2]), adopt=sys.argv[3] == "adopt")
