"""The connection to a dask scheduler, which may be lost and made again."""

from __future__ import annotations

import gc
import queue
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from simulator.engine.dask_extra import dask_parts
from simulator.engine.engine import EngineError

#: dask's own classes; it types them in part only.
Client = Any
Future = Any

#: Bundles given out and not taken back, per thread of the cluster, and at least.
_AHEAD, _FEWEST = 3, 6
#: Seconds between looks at how many workers there are.
_LOOK = 5.0
#: Most results fetched together.
_BATCH = 256
#: Seconds one attempt to reach a scheduler may take.
_ATTEMPT = 5.0


class ConnectionLostError(Exception):
    """The scheduler no longer answers; what was given out is not known to be done."""


class Link:
    """The connection to a scheduler, which may be lost and made again."""

    def __init__(self, address: str, *, patience: float, tell: Callable[[str], None]) -> None:
        self.address, self.patience, self.tell = address, patience, tell
        self.finished: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self.client = self._reached()
        self._threads, self._looked, self._manned = 0, 0.0, time.monotonic()

    def _reached(self) -> Client:
        begun = time.monotonic()
        while True:
            left = self.patience - (time.monotonic() - begun)
            # What is left of a client that failed ends its loop when it is collected; in the
            # middle of starting the next one that would wait for itself.
            gc.collect()
            client = self._attempt(max(0.5, min(_ATTEMPT, left)))
            if client is not None:
                return client
            waited = time.monotonic() - begun
            if waited >= self.patience - 0.5:
                raise EngineError(
                    f"{self.address}: the scheduler did not answer for {waited:.0f} s; start it "
                    "there with: dask scheduler, or see whether the address is right"
                )
            time.sleep(0.5)

    def _attempt(self, seconds: float) -> Client | None:
        """Return a client, or None where nobody answers in time."""
        client_of, _ = dask_parts()
        host, port = _host_and_port(self.address)
        found: list[Client] = []

        def connect() -> None:
            with suppress(OSError, TimeoutError):
                socket.create_connection((host, port), timeout=seconds).close()
                found.append(client_of(self.address, timeout=seconds, set_as_default=False))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions of packages we do not use
            # in a thread: who accepts the connection and then says nothing is not waited for
            thread = threading.Thread(target=connect, daemon=True)
            thread.start()
            thread.join(2 * seconds + 1)
        return found[0] if found else None

    def renew(self) -> None:
        """Make the connection again, with patience."""
        self.tell(f"lost the scheduler at {self.address}: trying again for {self.patience:.0f} s")
        self.close()
        self.client = None
        self.client = self._reached()
        self._looked = 0.0
        self._manned = time.monotonic()
        self.tell("the scheduler is back: what it had not delivered is given out anew")

    def close(self) -> None:
        with suppress(Exception):  # it may be gone already
            self.client.close(timeout=2)

    def room(self) -> int:
        """Return how many tasks may be given out at once.

        Raises
        ------
        EngineError : there were no workers for a long time.
        """
        now = time.monotonic()
        if now - self._looked >= _LOOK or self._threads == 0:
            with lost_connection():
                self._threads = sum(self.client.nthreads().values())
            self._looked = now
        if self._threads:
            self._manned = now
        elif now - self._manned > self.patience:
            raise EngineError(
                f"{self.address}: the scheduler had no workers for {self.patience:.0f} s; start "
                f"some with: dask worker {self.address}"
            )
        return max(_FEWEST, _AHEAD * self._threads)

    def submit(self, work: Callable[[Any], Any], tasks: list[Any], key: str) -> Future:
        with lost_connection():
            future = self.client.submit(work, tasks, key=key, pure=False)
            future.add_done_callback(self.finished.put)
        return future

    def some_finished(self) -> list[Future]:
        """Return futures that are over, at least one unless a second goes by without any."""
        found: list[Future] = []
        with suppress(queue.Empty):
            found.append(self.finished.get(timeout=1.0))
            while len(found) < _BATCH:
                found.append(self.finished.get_nowait())
        return found


def _host_and_port(address: str) -> tuple[str, int]:
    """Return host and port of an address.

    Raises
    ------
    EngineError : it is none.
    """
    host, port, scheme = None, None, ""
    with suppress(ValueError):
        found = urlsplit(address)
        scheme, host, port = found.scheme, found.hostname, found.port
    if scheme not in ("tcp", "tls") or not host or not port:
        raise EngineError(f"{address}: is no address of a scheduler: write it like tcp://host:8786")
    return host, port


@contextmanager
def lost_connection() -> Iterator[None]:
    """Tell apart a connection that is lost from what else may go wrong."""
    from concurrent.futures import CancelledError

    try:
        yield
    except (OSError, TimeoutError, CancelledError) as error:
        raise ConnectionLostError from error
    except RuntimeError as error:  # a client that gave up, or whose loop has ended
        raise ConnectionLostError from error
