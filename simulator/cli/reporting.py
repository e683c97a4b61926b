"""The command that makes pages of an answer: report."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import guarded

if TYPE_CHECKING:
    from simulator.output.document import Document
    from simulator.output.run import Run

#: Written to stdout in place of a file.
_STDOUT = "-"


class Format(StrEnum):
    """What a report is written as."""

    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"


_SUFFIX = {Format.HTML: ".html", Format.MARKDOWN: ".md", Format.JSON: ".json"}


@guarded
def report(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder that afcsim size or power wrote (-o).")
    ],
    *,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="File to write, - for stdout (default: report.html in RUN)."
        ),
    ] = None,
    style: Annotated[
        Format | None,
        typer.Option("--format", help="Default: what the file's name ends in, or html."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Make one page of a run: the answer, figures, comparisons, assumptions, origin.

    The HTML file needs nothing else, not even a network: it can be mailed and printed.
    An earlier report of the same run is replaced, any other file only with --force.

    Example: [bold]afcsim report runs/secretome[/bold]
    """
    from simulator.output.report.own_file import may_replace
    from simulator.output.stored_run import read_run
    from simulator.output.whole_file import write_whole

    chosen = style or _by_name(output)
    found = read_run(run)
    if output == _STDOUT:
        typer.echo(_text(found, chosen, folder=run, beside=None), nl=False)
        return
    target = run / f"report{_SUFFIX[chosen]}" if output is None else Path(output)
    replace = may_replace(target, found, force=force)  # asked before the pages are made
    write_whole(target, _text(found, chosen, folder=run, beside=target.parent), replace=replace)
    typer.echo(f"report{' replaced' * replace}: {target}")


def _by_name(output: str | None) -> Format:
    """Return the format that a file's name asks for."""
    from simulator.output.whole_file import by_ending

    if output is None or output == _STDOUT:
        return Format.HTML
    endings = {end: one for one, end in _SUFFIX.items()}
    return by_ending(output, endings | {".htm": Format.HTML}, otherwise=Format.HTML)


def _text(run: Run, chosen: Format, *, folder: Path, beside: Path | None) -> str:
    """Return the report.

    Parameters
    ----------
    folder : run folder, with figures that Markdown can show.
    beside : folder of the report; None where it goes to stdout.
    """
    from simulator.output.document_html import to_html
    from simulator.output.json_text import to_json
    from simulator.output.markdown import to_markdown
    from simulator.output.report.contents import report_of
    from simulator.output.report.own_file import signed

    if chosen is Format.JSON:
        whole = run.to_dict() | {
            "resolved": run.scenario.canonical(),
            "provenance": run.origin.to_dict(),
        }
        return to_json(whole) + "\n"
    document = report_of(run)
    if chosen is Format.HTML:
        return signed(to_html(document), run)
    return signed(to_markdown(document, figures=_links(document, folder, beside)), run)


def _links(document: Document, folder: Path, beside: Path | None) -> dict[str, str]:
    """Return where the figures of the run folder are, seen from the report."""
    from os.path import relpath

    from simulator.output.document import Picture

    found = {}
    for _, one in document.walk():
        if isinstance(one, Picture) and beside is not None:
            file = folder / "figures" / f"{one.name}.svg"
            if file.is_file():
                found[one.name] = Path(relpath(file, beside)).as_posix()
    return found
