"""The commands. Each parses, calls one function of the package, and prints."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.allocating import allocate
from simulator.cli.auditing import audit
from simulator.cli.bench import analyse
from simulator.cli.conducting import conduct
from simulator.cli.detecting import detect
from simulator.cli.diagnosing import diagnose
from simulator.cli.files import new, scenarios, schema, simulate, validate
from simulator.cli.planning import power, size
from simulator.cli.ratio import ratio
from simulator.cli.reporting import report
from simulator.cli.serving import serve
from simulator.cli.stating import statement
from simulator.cli.sweeping import sweep
from simulator.cli.varying import sensitivity

app = typer.Typer(
    name="afcsim",
    help="Plan animal studies of the immune response before a single animal is ordered.\n\n"
    "Start with: [bold]afcsim scenarios[/bold], then [bold]afcsim size quick-start[/bold].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        import simulator

        typer.echo(f"afcsim {simulator.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


_COMMANDS = (
    scenarios,
    new,
    validate,
    conduct,
    power,
    size,
    ratio,
    detect,
    sensitivity,
    diagnose,
    sweep,
    allocate,
    simulate,
    analyse,
    audit,
    report,
    statement,
    serve,
    schema,
)
for _command in _COMMANDS:
    app.command()(_command)
