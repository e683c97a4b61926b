"""Typed errors: what is wrong, where, and what to do about it. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, placed and explained.

    Attributes
    ----------
    path : dotted path inside the document (``design.arms.drug.dose``), or a column name.
    message : what was found, what is allowed, and what to do, in one or two sentences.
    line : 1-based line in the file, or None where there is no file.
    severity : ``error`` where the plan cannot work, ``warning`` where it is unwise.
    """

    path: str
    message: str
    line: int | None = None
    severity: str = "error"

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else ""
        return "  ".join(part for part in (where, self.path, self.message) if part)


class SimulatorError(Exception):
    """Base of every error a user can cause; the command line prints it without a traceback."""


class InputError(SimulatorError):
    """A document that cannot be used, with *all* of its problems.

    Attributes
    ----------
    source : the file or object that was read.
    problems : every problem found, in file order.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__(self.render())

    def render(self) -> str:
        """Return the message: a headline, then one aligned row per problem."""
        count = len(self.problems)
        headline = f"{self.source}: {count} problem{'s' if count != 1 else ''}"
        lines = [f"line {p.line}" if p.line is not None else "" for p in self.problems]
        line_width = max((len(text) for text in lines), default=0)
        path_width = min(max((len(p.path) for p in self.problems), default=0), 48)
        rows = []
        for line, problem in zip(lines, self.problems, strict=True):
            columns = ((line, line_width), (problem.path, path_width), (problem.message, 1))
            cells = (f"{text:<{width}}" for text, width in columns if width > 0)
            rows.append("  " + "  ".join(cells).rstrip())
        return "\n".join([headline, *rows])


class ScenarioError(InputError):
    """A scenario file that cannot be used."""


def refusal(error: ValueError | InputError) -> str:
    """Return why a changed scenario is refused, in one line: the problems without their places."""
    if isinstance(error, InputError):
        return "; ".join(problem.message for problem in error.problems)
    return str(error)


class DataError(InputError):
    """A data table (bench CSV, simulated CSV) that cannot be used."""


class OutputError(SimulatorError):
    """A run folder that cannot be written: where, why, and what to do."""


class RunFolderError(InputError):
    """A run folder that cannot be read: which file of it, why, and what to do."""


class MissingExtraError(SimulatorError):
    """An optional dependency that is not installed, with the command that installs it."""
