"""A statement in the format of its reader."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from simulator.errors import OutputError
from simulator.output.document_html import to_html
from simulator.output.json_text import to_json
from simulator.output.markdown import to_markdown
from simulator.output.statement.plain_text import to_data, to_text
from simulator.output.statement.statement import statement
from simulator.output.whole_file import by_ending

if TYPE_CHECKING:
    from simulator.output.run import Run
    from simulator.output.statement.statement import Form

Format = Literal["markdown", "html", "text", "json"]
_SUFFIXES: Final[dict[str, Format]] = {
    ".md": "markdown",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".json": "json",
}


def format_of(path: Path | None) -> Format:
    """Return the format that a file's name asks for: Markdown where it has no ending.

    Raises
    ------
    OutputError : an ending that is not ours.
    """
    return "markdown" if path is None else by_ending(path, _SUFFIXES, otherwise="markdown")


def statement_text(run: Run, *, form: Form, format: Format) -> str:
    """Return the statement of a run as text that ends with a line break."""
    document = statement(run, form=form)
    match format:
        case "markdown":
            return to_markdown(document)
        case "html":
            return to_html(document)
        case "text":
            return to_text(document)
        case "json":
            return to_json(_head(run, form) | to_data(document)) + "\n"


def _head(run: Run, form: Form) -> dict[str, Any]:
    return {
        "for": form,
        "scenario": run.scenario.id,
        "digest": run.origin.digest,
        "seed": run.origin.seed,
        "status": "not searched" if run.size is None else run.size.status,
        "n_per_arm": run.certified,
    }


def check_free(path: Path, *, force: bool) -> None:
    """Refuse a file that is there, unless it may be replaced, before anything is searched for.

    Raises
    ------
    OutputError : it exists.
    """
    if os.path.lexists(path) and not force:
        raise OutputError(
            f"{path}: exists already, and may hold what you wrote into it; name another file, or "
            "add --force"
        )
