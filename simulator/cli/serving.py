"""The command that opens the planner page."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.guard import guarded


@guarded
def serve(
    source: Annotated[
        str,
        typer.Argument(metavar="[FILE]", help="Scenario file, or the id of a catalogue scenario."),
    ] = "quick-start",
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any that is free.")
    ] = 8000,
    host: Annotated[
        str,
        typer.Option("--host", help="Address to listen on; 0.0.0.0 lets other computers in."),
    ] = "127.0.0.1",
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Open the planner page in the browser: change inputs, see curves, n, animals, laboratory.

    Ends with Ctrl-C. Only this computer can reach it unless --host says otherwise.

    Example: [bold]afcsim serve secretome-healthy-mice[/bold]
    """
    from simulator.cli import terminal
    from simulator.errors import MissingExtraError

    try:
        from simulator.web.listen import listen
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("shiny", "htmltools", "uvicorn"):
            raise
        raise MissingExtraError(
            "the planner page needs a package that is not installed: "
            'python -m pip install "afcsim[web]"'
        ) from None
    listen(source, host=host, port=port, open_browser=open_browser, tell=terminal.note)
