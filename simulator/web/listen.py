"""Listens for browsers until it is told to end."""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack, closing

import uvicorn

from simulator.errors import OutputError
from simulator.web.app import planner
from simulator.web.gate import Gate
from simulator.web.jobs import give_up_all
from simulator.web.limits import MESSAGE_BYTES
from simulator.web.plan import Plan, catalogue_plan


def listen(
    source: str, *, host: str, port: int, open_browser: bool, tell: Callable[[str], None]
) -> None:
    """Serve the planner page; returns on Ctrl-C.

    Parameters
    ----------
    source : scenario file, or catalogue id; checked before anything is opened.
    host, port : where to listen; port 0 takes a free one.
    tell : says where the page is, once it listens.

    Raises
    ------
    ScenarioError : the scenario cannot be used.
    OutputError : the address cannot be listened on.
    """
    plan = plan_of_source(source)
    plan.loaded()
    with closing(_bound(host, port)) as listener:
        place = listener.getsockname()
        shown = "127.0.0.1" if place[0] in ("0.0.0.0", "::") else place[0]
        shown = f"[{shown}]" if ":" in shown else shown
        url = f"http://{shown}:{place[1]}/"
        local = _is_local(place[0])
        app = Gate(planner(plan, local=local), local=local)
        config = uvicorn.Config(
            app,
            log_level="warning",
            ws_max_size=MESSAGE_BYTES,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        tell(f"afcsim planner: {url}  (end it with Ctrl-C)")
        if open_browser:
            threading.Timer(0.7, webbrowser.open, [url]).start()
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            give_up_all()


def plan_of_source(source: str) -> Plan:
    """Return the plan of a file, or of the catalogue scenario of this id.

    Raises
    ------
    ScenarioError : there is neither, or it cannot be read.
    """
    from pathlib import Path

    from simulator.scenario_files import catalogue, read_scenario

    path = Path(source)
    if not path.exists() and source in {entry.id for entry in catalogue()}:
        return catalogue_plan(source)
    read_scenario(source)  # says what is wrong with it
    return Plan(path.read_text(encoding="utf-8"), path.name, served=True)


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address, or say why there is none."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with ExitStack() as undo:
            listener = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            if os.name == "posix":  # elsewhere it would let two servers share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            undo.pop_all()
            return listener
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"cannot listen on {host}, port {port}: {why.lower()}; another --port, or --port 0 "
            "for any that is free"
        ) from None


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
