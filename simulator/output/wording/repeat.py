"""How to have the same numbers again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.output.provenance import Provenance

#: Options that change numbers and are not in the scenario of the run folder.
_OPTIONS = {"size": ("replicates", "draws"), "power": ("n", "replicates", "draws")}


def repeat_lines(origin: Provenance) -> Iterator[str]:
    """Yield what made a run, and what makes the same numbers again, without stops."""
    page = origin.command[:2] == ("afcsim", "serve")
    if page:
        yield "Made by: the page of afcsim serve"
    else:
        yield f"Command: {shlex.join(origin.command) or 'none, called from Python'}"
    again = _again(origin, "FILE" if page else "scenario.yaml")
    if page:
        again += ", where FILE is the YAML downloaded beside this"
    elif origin.made_with == "statement" or "certified_for" in origin.settings:
        again = "the same command with the same file"  # a folder has one world alone, or is none
    elif again:
        again += " in the run folder"
    if again:
        yield (
            f"To have the same numbers again: {again}; neither the machine nor the number of "
            "processors changes them"
        )


def _again(origin: Provenance, file: str) -> str:
    """Return the command that repeats a run from its resolved scenario; "" where none does."""
    if origin.made_with not in _OPTIONS:
        return ""
    words = ["afcsim", origin.made_with, file]
    for name in _OPTIONS[origin.made_with]:
        if name in origin.settings:
            words += [f"--{name}", f"{origin.settings[name]}"]
    return " ".join(words)
