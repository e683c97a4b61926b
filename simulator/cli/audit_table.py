"""Tables of an audit, whose intervals stand under their numbers where the window is narrow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from simulator.cli.table import show_table

if TYPE_CHECKING:
    from rich.console import Console

#: Columns of numbers with their intervals.
VALUES: Final = ("value [95 % CI]", "the plan's own")
#: Columns set flush right, which are never wrapped.
_NUMBERS: Final = (*VALUES, "would need")
#: Blanks between two columns.
_GAP = 2


def fits(
    columns: Sequence[str], rows: Iterable[Sequence[str]], width: int, *, whole: Sequence[str]
) -> bool:
    """Return whether a table fits a window with every word in one piece.

    Parameters
    ----------
    width : of the window.
    whole : columns that are not wrapped. The others share what these leave, the widest of them
        first made narrower.
    """
    cells = [(name, *column) for name, *column in zip(columns, *rows, strict=True)]
    free = [column for column in cells if column[0] not in whole]
    fixed = sum(_longest_line(column) for column in cells if column[0] in whole)
    rest = width - fixed - _GAP * (len(columns) - 1)
    if sum(map(_longest_line, free)) <= rest:
        return True
    return bool(free) and max(map(_longest_word, free)) <= rest // len(free)


def show_fitting(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    screen: Console,
    *,
    whole: Sequence[str],
    header: str = "bold",
) -> None:
    """Print a table; where it does not fit the window as `show_narrow` does.

    Parameters
    ----------
    whole : columns that are not wrapped where there is room for them.
    """
    if fits(columns, rows, screen.width, whole=whole):
        show_table(columns, rows, screen, whole=whole, right=_NUMBERS, header=header)
    else:
        show_narrow(columns, rows, screen, header=header)


def show_narrow(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    screen: Console,
    *,
    header: str = "bold",
) -> None:
    """Print a table for a narrow window: intervals under their numbers, the other cells wrapped."""
    broken = _narrow(columns, rows, screen.width)
    show_table(columns, broken, screen, whole=columns, right=_NUMBERS, header=header)


def _narrow(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Return the rows with lines broken between words and before intervals."""
    cells = {name: list(column) for name, *column in zip(columns, *rows, strict=True)}
    for name in VALUES:
        if name in cells:
            cells[name] = [cell.replace(" [", "\n[") for cell in cells[name]]
    widths = {
        name: (_longest_line if name in _NUMBERS else _longest_word)((name, *column))
        for name, column in cells.items()
    }
    room = width - sum(widths.values()) - _GAP * (len(columns) - 1)
    for name, column in cells.items():
        if name in _NUMBERS:
            continue
        more = max(0, min(room, _longest_line((name, *column)) - widths[name]))
        room -= more
        cells[name] = [_wrapped(cell, widths[name] + more) for cell in column]
    return [list(row) for row in zip(*cells.values(), strict=True)]


def _wrapped(cell: str, width: int) -> str:
    lines = []
    for line in cell.splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        lines += textwrap.wrap(
            line,
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _longest_line(cells: Iterable[str]) -> int:
    return max((len(line) for cell in cells for line in cell.splitlines()), default=0)


def _longest_word(cells: Iterable[str]) -> int:
    """Return the length of the longest word, with the blanks before it at the start of a line."""
    lines = [line for cell in cells for line in cell.splitlines()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    words = [max(map(len, line.split()), default=0) for line in lines]
    return max((sum(both) for both in zip(indents, words, strict=True)), default=0)
