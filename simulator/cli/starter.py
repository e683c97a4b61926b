"""The file that ``afcsim new`` writes."""

from __future__ import annotations

from pathlib import Path

from simulator.errors import OutputError


def write_starter(file: Path, *, template: str | None, force: bool) -> None:
    """Write a commented scenario file.

    Parameters
    ----------
    template : id of a catalogue scenario to copy; None for the general one.
    force : overwrite an existing file.

    Raises
    ------
    ScenarioError : no such template.
    OutputError : the file exists, or cannot be written.
    """
    from simulator.scenario_files import starter_text

    text = starter_text(file, template=template)
    if file.is_dir():
        raise OutputError(f"{file}: is a folder; name a file")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise OutputError(f"{file}: exists already; name another file, or add --force") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OutputError(f"{file}: cannot be written: {reason}") from error
