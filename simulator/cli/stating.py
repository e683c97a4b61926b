"""The command that writes what a committee reads."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.guard import NO, fail, guarded
from simulator.cli.options import Replicates, Seed, SizeWorld, Threads


class Form(StrEnum):
    """Whose form the statement follows."""

    ARRIVE = "arrive"
    IACUC = "iacuc"
    EU = "eu"


class Format(StrEnum):
    """How the statement is written."""

    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"
    JSON = "json"


@guarded
def statement(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE|RUN",
            help="Scenario file or catalogue id, whose sample size is then searched for; or the "
            "run folder of afcsim size.",
        ),
    ],
    *,
    form: Annotated[
        Form,
        typer.Option(
            "--for",
            case_sensitive=False,
            help="arrive: ARRIVE 2.0; iacuc: a US protocol; eu: Directive 2010/63/EU, Annex VI "
            "and the non-technical summary.",
        ),
    ] = Form.ARRIVE,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="Default: by the name of -o, else markdown."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write (default, and -: the screen)."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    replicates: Replicates = None,
    threads: Threads = None,
    seed: Seed = None,
    world: SizeWorld = None,
) -> None:
    """Write the justification of the sample size that an ethics committee reads.

    Every number is of the run. ASSUMED marks what the scenario does not state about the mice;
    (default) marks choices that it leaves to the program; TO BE WRITTEN is what only you can
    write: severity, humane endpoints, who is blinded.

    Exit code 1: no number of mice is certified; the statement says so and claims none.

    Example: [bold]afcsim statement runs/secretome --for eu -o statement.md[/bold]
    """
    from simulator.cli.searching import search
    from simulator.output.statement.written import check_free, format_of, statement_text
    from simulator.output.stored_run import read_run
    from simulator.output.whole_file import write_whole

    file = None if output == Path("-") else output
    if file is not None:
        check_free(file, force=force)
    if Path(source).is_dir():
        if any(one is not None for one in (replicates, threads, seed, world)):
            fail(
                f"{source} is a run folder, which has its numbers: --replicates, --threads, "
                "--seed and --world are for a scenario file"
            )
        run = read_run(source)
    else:
        run, _ = search(source, world=world, seed=seed, replicates=replicates, threads=threads)
    kind = format_of(file) if format is None else format.value
    text = statement_text(run, form=form.value, format=kind)
    if file is None:
        typer.echo(text, nl=False)
    else:
        write_whole(file, text, replace=force)
        typer.echo(f"statement: {file}")
    if run.size is not None and run.size.status != "certified":
        raise typer.Exit(NO)
