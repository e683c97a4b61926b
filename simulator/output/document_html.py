"""A written answer as one HTML page that needs nothing else, not even a network."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from typing import Final, assert_never

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
from simulator.output.document_style import STYLE
from simulator.output.visible_text import runs_right_to_left, visible

#: Nothing is fetched, whatever a text says: images are in the page, and there are no scripts.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
#: Fewer sections need no list of contents.
_MANY = 4
#: How the texts of marked pieces begin; a cell that begins so is marked, too.
_MARKS: Final = {"assumed": "ASSUMED", "gap": "[TO BE WRITTEN"}
#: Cells up to so many signs stay on one line, and names without blanks up to so many.
_SHORT, _SHORT_NAME = 28, 64
_DEEPEST = 6
#: Stands in every box that may scroll, and is seen only where it does. Whoever hears the page reads
#: all of the box, and needs no hint.
_HINT: Final = (
    '<span class="hint" aria-hidden="true"><span>\u2194 more to the side: swipe, or Tab and arrow '
    "keys</span></span>"
)


def to_html(document: Document) -> str:
    """Return the whole page.

    Every text is shown as text, whatever is in it: it is escaped, what would steer the page is
    written out (``visible``), and what runs from right to left turns nothing around it.
    """
    title = _escaped(document.title.replace("\n", " "))
    subtitle = f'<p class="subtitle">{_text(document.subtitle)}</p>\n' * bool(document.subtitle)
    told = "".join(f"<p>{_text(line)}</p>" for line in document.notice)
    facts = "".join(
        f"<dt>{_text(name)}</dt><dd>{_text(text)}</dd>" for name, text in document.facts.items()
    )
    parts = "\n".join(
        section_html(section, anchor=f"part-{k}") for k, section in enumerate(document.sections, 1)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{_text(document.title)}</h1>\n{subtitle}"
        + f'<div class="notice">{told}</div>\n' * bool(told)
        + f"<dl>{facts}</dl>\n" * bool(facts)
        + f"</header>\n{_contents(document)}<main>\n{parts}\n</main>\n</body>\n</html>\n"
    )


def section_html(section: Section, *, level: int = 2, anchor: str = "") -> str:
    """Return a section with what stands under it.

    Parameters
    ----------
    level : of its heading, 1 to 6; sections within it are one deeper.
    anchor : id of the heading, by which it is linked to; "" for none.
    """
    id_ = f' id="{escape(anchor)}"' if anchor else ""
    body = "\n".join(
        section_html(one, level=min(level + 1, _DEEPEST))
        if isinstance(one, Section)
        else block_html(one)
        for one in section.blocks
    )
    return f"<section>\n<h{level}{id_}>{_text(section.heading)}</h{level}>\n{body}\n</section>"


def block_html(block: Block) -> str:
    """Return a paragraph, list, table or picture."""
    match block:
        case Paragraph():
            return f"<p>{_pieces(block)}</p>"
        case Bullets():
            items = "".join(f"<li>{_pieces(item)}</li>" for item in block.items)
            return f"<ul>{items}</ul>" if items else ""
        case Table():
            return _table(block)
        case Picture():
            return _picture(block)
        case _:
            assert_never(block)


def _contents(document: Document) -> str:
    """Return links to the sections, where there are many."""
    if len(document.sections) < _MANY:
        return ""
    links = "".join(
        f'<li><a href="#part-{k}">{_text(section.heading)}</a></li>'
        for k, section in enumerate(document.sections, 1)
    )
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n'


def _pieces(paragraph: Paragraph) -> str:
    return "".join(
        f'<mark class="{piece.kind}">{_text(str(piece))}</mark>'
        if isinstance(piece, Marked)
        else _text(piece)
        for piece in paragraph.pieces
    )


def _table(table: Table) -> str:
    """Return a table in a box of its own, which scrolls where the page is narrow."""
    head = "".join(_cell(name, "col", _kinds(table, name)) for name in table.columns)
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{_escaped(table.caption)}">'
        f'<div class="room">{_HINT}<table>\n'
        f"<caption><span>{_text(table.caption)}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n"
        + "\n".join(_rows(table))
        + "\n</tbody>\n</table></div></div>"
    )


def _kinds(table: Table, column: str) -> list[str]:
    return ["number"] * (column in table.number) + ["small"] * (column in table.small)


def _cell(text: str, scope: str, kinds: list[str]) -> str:
    """Return a cell of a table, as the head of its row or column where a scope is given."""
    kinds = kinds + ["long"] * any(map(_is_long, text.split("\n")))
    kind = f' class="{" ".join(kinds)}"' if kinds else ""
    marked = next((one for one, begins in _MARKS.items() if text.startswith(begins)), None)
    shown = _breakable(text) if "small" in kinds else _text(text)
    shown = shown if marked is None else f'<mark class="{marked}">{_text(text)}</mark>'
    if scope and text.strip():  # a head without a word would be read aloud as one
        return f'<th scope="{scope}"{kind}>{shown}</th>'
    return f"<td{kind}>{shown}</td>"


def _breakable(text: str) -> str:
    """Return a path that may go on in the next line after a dot or an underscore."""
    return re.sub(r"([._])(?=\w)", r"\1<wbr>", _text(text))


def _is_long(line: str) -> bool:
    """Return whether a line of a cell is broken where the table is narrow."""
    return len(line) > (_SHORT if " " in line else _SHORT_NAME)


def _rows(table: Table) -> Iterable[str]:
    """Yield the rows; their first cells name them."""
    grouped = None if table.group is None else table.columns.index(table.group)
    before: str | None = None
    for row in table.rows:
        value = None if grouped is None else row[grouped]
        first = ' class="first"' if value != before and before is not None else ""
        before = value
        cells = (
            _cell(text, "row" if k == 0 else "", _kinds(table, name))
            for k, (name, text) in enumerate(zip(table.columns, row, strict=True))
        )
        yield f"<tr{first}>{''.join(cells)}</tr>"


def _picture(picture: Picture) -> str:
    """Return a figure as an image of its own: no name or script in it can meet the page's."""
    data = b64encode(picture.svg.encode("utf-8")).decode("ascii")
    # The caption is the image's text already: it need not be read aloud twice.
    return (
        f'<figure><div class="scroll" role="group" tabindex="0" '
        f'aria-label="figure {_escaped(picture.name)}">'
        f'<div class="room">{_HINT}'
        f'<img src="data:image/svg+xml;base64,{data}" alt="{_escaped(picture.caption)}">'
        "</div></div>"
        f'<figcaption aria-hidden="true">{_text(picture.caption)}</figcaption></figure>'
    )


def _escaped(text: str) -> str:
    return escape(visible(text))


def _text(text: str) -> str:
    """Return a text for the page; right-to-left text in a box that nothing leaves."""
    shown = _escaped(text)
    return f"<bdi>{shown}</bdi>" if runs_right_to_left(text) else shown
