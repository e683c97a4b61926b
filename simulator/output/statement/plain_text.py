"""A written answer as plain text, for forms that take nothing else, and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Final, assert_never

from simulator.output.document import (
    Block,
    Bullets,
    Document,
    Marked,
    Paragraph,
    Picture,
    Section,
    Table,
)
from simulator.output.visible_text import visible

_WIDTH: Final = 100
#: Under headings of the document, its sections, and theirs.
_RULES: Final = "==-"


def to_text(document: Document) -> str:
    """Return the document as lines of at most 100 characters, words and tables permitting."""
    return "\n\n".join(part for part in _parts(document) if part) + "\n"


def _parts(document: Document) -> Iterator[str]:
    yield _heading(document.title, 0)
    yield _wrapped(document.subtitle)
    for line in document.notice:
        yield _wrapped(f"! {line}")
    yield "\n".join(_wrapped(f"{name}: {text}") for name, text in document.facts.items())
    for section in document.sections:
        yield from _section(section, 1)


def _section(section: Section, level: int) -> Iterator[str]:
    yield _heading(section.heading, level)
    for one in section.blocks:
        if isinstance(one, Section):
            yield from _section(one, level + 1)
        else:
            yield _block(one)


def _heading(text: str, level: int) -> str:
    line = " ".join(visible(text).split())
    rule = _RULES[min(level, len(_RULES) - 1)]
    return f"{line}\n{rule * min(len(line), _WIDTH)}" if level else f"{line.upper()}"


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _wrapped(_told(block))
        case Bullets():
            return "\n".join(_wrapped(f"- {_told(item)}", indent="  ") for item in block.items)
        case Table():
            return _table(block)
        case Picture():
            return _wrapped(block.caption)
        case _:
            assert_never(block)


def _told(paragraph: Paragraph) -> str:
    """Return the sentences; marks in brackets, so that one sees where each ends."""
    return "".join(
        f"[{piece}]" if isinstance(piece, Marked) and piece.kind == "assumed" else str(piece)
        for piece in paragraph.pieces
    )


def _wrapped(text: str, *, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(visible(text).split()),
        width=_WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(table: Table) -> str:
    """Return aligned columns, or, where they are too wide, a line of named cells per row."""
    columns, *rows = (
        [" ".join(visible(cell).split()) for cell in row] for row in (table.columns, *table.rows)
    )
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    caption = _wrapped(table.caption)
    if sum(widths) + 2 * (len(widths) - 1) > _WIDTH:
        named = (
            "; ".join(f"{n}: {c}" if n else c for n, c in zip(columns, r, strict=True) if c)
            for r in rows
        )
        return "\n".join([caption, *(_wrapped(f"- {line}", indent="  ") for line in named)])
    lines = []
    for row in (columns, *rows):
        cells = (
            cell.rjust(width) if name in table.number else cell.ljust(width)
            for cell, width, name in zip(row, widths, table.columns, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join([caption, *lines])


def to_data(document: Document) -> dict[str, Any]:
    """Return the document as plain data, for JSON; marked pieces by their kind."""
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "notice": list(document.notice),
        "facts": dict(document.facts),
        "sections": [_data(section) for section in document.sections],
    }


def _data(one: Block | Section) -> dict[str, Any]:
    match one:
        case Section():
            return {"heading": one.heading, "blocks": [_data(block) for block in one.blocks]}
        case Paragraph():
            return {"paragraph": _pieces(one)}
        case Bullets():
            return {"list": [_pieces(item) for item in one.items]}
        case Table():
            rows = [dict(zip(one.columns, row, strict=True)) for row in one.rows]
            return {"table": one.caption, "rows": rows}
        case Picture():
            return {"picture": one.name, "caption": one.caption}
        case _:
            assert_never(one)


def _pieces(paragraph: Paragraph) -> list[str | dict[str, str]]:
    return [
        {piece.kind: piece.text} if isinstance(piece, Marked) else piece
        for piece in paragraph.pieces
    ]
