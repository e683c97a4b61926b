"""Tables that never cut a number or a name: words wrap, and in too narrow a window lines run on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    screen: Console,
    *,
    whole: Sequence[str] = (),
    right: Sequence[str] = (),
    title: str | None = None,
    header: str = "bold",
) -> None:
    """Print a table.

    Parameters
    ----------
    columns : their names.
    rows : cells in the order of the columns.
    whole : columns whose cells are never broken: numbers, and ids.
    right : columns set flush right.
    """
    from rich.measure import Measurement
    from rich.table import Table

    cells = [tuple(row) for row in rows]
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style=header,
    )
    for k, name in enumerate(columns):
        settings: dict[str, Any] = {"overflow": "fold"}
        if name in whole:
            lines = [line for row in cells for line in row[k].splitlines()]
            # rich shrinks even a column that may not wrap, and cuts what then has no room
            settings |= {"no_wrap": True, "min_width": max(map(len, [name, *lines]))}
        table.add_column(name, justify="right" if name in right else "left", **settings)
    for row in cells:
        table.add_row(*row)
    needed = Measurement.get(screen, screen.options.update(max_width=10_000), table).minimum
    if needed <= screen.width:
        screen.print(table)
        return
    was = screen.width
    screen.width = needed
    try:
        screen.print(table, crop=False)
    finally:
        screen.width = was
