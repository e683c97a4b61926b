"""Sweeps as a user starts them, to be interrupted."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = """
schema_version: 1
id: interrupted
question: Does a sweep survive?
seed: 7
design:
  arms:
    saline: {role: control}
    drug: {role: test}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
truth:
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, drug: 3}}
decision:
  power: 0.80
  n: {from: 3, to: 12}
  replicates: REPLICATES
  sweep:
    grid:
      truth.afc.cv: [30 %, 40 %, 50 %, 60 %]
      truth.afc.response.drug: [2, 3, 4]
      design.attrition.loss: [0 %, 10 %]
"""
TABLES = ("sweep.csv", "sweep.parquet", "designs.csv", "designs.parquet")


def start(scenario: Path, folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start a sweep in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", "sweep", str(scenario), "-o", str(folder), *more],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str], *, within: float = 240) -> tuple[int, str]:
    """Wait for a sweep; return its exit code and what it said on stderr."""
    _, said = process.communicate(timeout=within)
    return process.returncode, said


def tables(folder: Path) -> dict[str, str]:
    """Return the digests of the tables of a finished sweep."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


def under_way(process: subprocess.Popen[str], folder: Path, *, size: int = 1) -> bool:
    """Wait until results arrive; return whether the sweep still runs."""
    log = folder / "checkpoint.sqlite-wal"
    while process.poll() is None:
        with suppress(OSError):
            if log.stat().st_size >= size:
                return True
        time.sleep(0.02)
    return False


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the worker processes of a sweep."""
    found = psutil.Process(process.pid).children(recursive=True)
    return [child for child in found if "spawn_main" in " ".join(child.cmdline())]


def group(process: subprocess.Popen[str]) -> list[int]:
    """Return the processes that still belong to a sweep's session."""
    found = []
    for one in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(one.pid) == process.pid and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one.pid)
    return found


def end(process: subprocess.Popen[str]) -> None:
    """End a sweep and all that belongs to it, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


class Proxy:
    """A way to a port that can be cut and opened again."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open = True
        self._pairs: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            if not self._open:
                here.close()
                continue
            try:
                there = socket.create_connection(("127.0.0.1", self._to))
            except OSError:  # the scheduler has not started yet
                here.close()
                continue
            self._pairs += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """Drop every connection, and refuse new ones."""
        self._open = False
        for one in self._pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._pairs.clear()

    def reopen(self) -> None:
        """Let connections through again."""
        self._open = True

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._server.close()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_scheduler(count: int) -> Iterator[int]:
    """Start a scheduler with so many workers, as a user of a cluster does; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dask"]
    started = [
        subprocess.Popen(
            [*command, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
            env=environment,
            **quiet,
        )
    ]
    for _ in range(count):
        started.append(
            subprocess.Popen(
                [
                    *command,
                    "worker",
                    f"tcp://127.0.0.1:{port}",
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--no-dashboard",
                ],
                env=environment,
                cwd=ROOT,
                **quiet,
            )
        )
    try:
        yield port
    finally:
        for one in reversed(started):
            one.kill()
            one.wait()
