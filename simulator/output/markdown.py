"""A written answer as Markdown that reads well unrendered, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
from simulator.output.visible_text import visible

_DEEPEST = 6
#: What means something to Markdown wherever it stands. Other signs are left as they are, so that
#: ``0.84 [0.83, 0.85]``, ``p < 0.05`` and ``sd_ln`` stay what they are.
_ANYWHERE: Final = re.compile(
    r"""[\\`*~$]
    | (?<![A-Za-z0-9]) _ | _ (?![A-Za-z0-9])   # within a word it is no emphasis
    | < (?=[A-Za-z/!?])                        # a tag
    | & (?=\#?[A-Za-z0-9]+;)                   # a character by its name
    | ] (?=[(\[:])                             # a link
    """,
    re.VERBOSE,
)
#: What begins a heading, list, quotation, rule or code at the start of a line.
_AT_START: Final = re.compile(r"^(\s*)(?:(\d+)([.)])(?=\s|$)|([-+=#>|]))")


def to_markdown(document: Document, *, figures: Mapping[str, str] | None = None) -> str:
    """Return the document as Markdown (CommonMark with GitHub's tables).

    Texts are shown as they are: what would be markup in them is escaped.

    Parameters
    ----------
    figures : links to the files of pictures, by name; a picture without one is its caption.
    """
    return "\n\n".join(_document(document, figures or {})) + "\n"


def _document(document: Document, figures: Mapping[str, str]) -> Iterator[str]:
    yield f"# {_line(document.title)}"
    if document.subtitle:
        yield _start(_line(document.subtitle))
    for line in document.notice:
        yield f"> **{_line(line)}**"
    if document.facts:
        yield "\n".join(f"- {_line(name)}: {_line(text)}" for name, text in document.facts.items())
    for level, one in document.walk():
        if isinstance(one, Section):
            yield f"{'#' * min(level + 1, _DEEPEST)} {_line(one.heading)}"
        elif (text := _block(one, figures)) != "":
            yield text


def _block(block: Block, figures: Mapping[str, str]) -> str:
    match block:
        case Paragraph():
            return _start(_pieces(block))
        case Bullets():
            return "\n".join(f"- {_start(_pieces(item))}" for item in block.items)
        case Table():
            return _table(block)
        case Picture():
            link = figures.get(block.name)
            caption = _line(block.caption)
            # A caption as the image's text would need escapes of its own; it stands below.
            return (f"![{block.name}]({link})\n\n" if link else "") + f"*{caption}*"
        case _:
            assert_never(block)


def _pieces(paragraph: Paragraph) -> str:
    """Return the sentences; marked pieces are bold, so that nobody overlooks them."""
    told, plain = [], ""
    for piece in paragraph.pieces:
        if isinstance(piece, Marked):
            told += [_line(plain), f"**{_line(str(piece))}**"]
            plain = ""
        else:
            plain += piece
    return "".join([*told, _line(plain)])


def _table(table: Table) -> str:
    rule = ("---:" if name in table.number else "---" for name in table.columns)
    lines = [_row(table.columns), "| " + " | ".join(rule) + " |"]
    lines += [_row(row) for row in table.rows]
    return f"**{_line(table.caption)}**\n\n" + "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    lines = (_line(line) for line in visible(text).split("\n"))
    return "<br>".join(lines).replace("|", "\\|") or " "


def _line(text: str) -> str:
    """Return a text on one line, with what would be markup escaped; blanks at its ends stay."""
    one = re.sub(r"\s*\n\s*", " ", visible(text))
    return _ANYWHERE.sub(lambda found: "\\" + found[0], one)


def _start(text: str) -> str:
    """Return the text of a block, whose beginning is no markup either."""
    return _AT_START.sub(
        lambda f: f"{f[1]}{f[2]}\\{f[3]}" if f[2] else f"{f[1]}\\{f[4]}", text.lstrip(), count=1
    )
