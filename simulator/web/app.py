"""The application: page, sessions, and what the browser is told of safety."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shiny import App

from simulator.web.layout import ASSETS, page
from simulator.web.server import serve_session

if TYPE_CHECKING:
    from shiny import Inputs, Outputs, Session

    from simulator.web.plan import Plan

_FOLDER = Path(__file__).resolve().parent / "assets"


def planner(first: Plan, *, local: bool) -> App:
    """Return the planner page as an ASGI application.

    Parameters
    ----------
    first : what a session begins with when its link names nothing else.
    local : whether it is served to this computer alone.
    """

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        serve_session(first, input, output, session)

    return App(page(local=local), server, static_assets={f"/{ASSETS}": _FOLDER}, debug=False)
