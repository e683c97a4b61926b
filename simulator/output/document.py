"""Nouns of a written answer: what is said, before it is HTML, Markdown or plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Marked:
    """A piece of a sentence that a reader must not take for a stated fact.

    Attributes
    ----------
    kind : ``assumed``, what the program put in for what the planner did not state; ``gap``, what
        only the planner can write.
    text : the value that is assumed, or what is to be written.
    """

    kind: Literal["assumed", "gap"]
    text: str

    def __str__(self) -> str:
        return (
            f"ASSUMED: {self.text}" if self.kind == "assumed" else f"[TO BE WRITTEN: {self.text}]"
        )


@dataclass(frozen=True)
class Paragraph:
    """Sentences; some of their pieces may be marked."""

    pieces: tuple[str | Marked, ...]

    @property
    def text(self) -> str:
        """The sentences with their marks in words."""
        return "".join(str(piece) for piece in self.pieces)


@dataclass(frozen=True)
class Bullets:
    """A list of paragraphs."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Table:
    """Cells under named columns.

    Attributes
    ----------
    caption : what the table is of; read aloud before it.
    number : columns set flush right.
    group : column at whose every new value a heavier line is drawn.
    small : columns in small type, which few need.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    number: tuple[str, ...] = ()
    group: str | None = None
    small: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure as SVG.

    Attributes
    ----------
    name : short, without blanks; a file name where the figure is a file.
    caption : sentence under it, and for those who cannot see it.
    """

    name: str
    svg: str
    caption: str


Block = Paragraph | Bullets | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading with what stands under it; sections of sections are one level deeper."""

    heading: str
    blocks: tuple[Block | Section, ...]

    def walk(self, level: int = 1) -> Iterator[tuple[int, Section | Block]]:
        """Yield this section, its blocks and the sections within it, in order, with their levels.

        Parameters
        ----------
        level : of this section; a block has that of its section.
        """
        yield level, self
        for one in self.blocks:
            if isinstance(one, Section):
                yield from one.walk(level + 1)
            else:
                yield level, one


@dataclass(frozen=True)
class Document:
    """A whole written answer.

    Attributes
    ----------
    title, subtitle : of the page; the subtitle may be empty.
    facts : what stands in the head, by name.
    notice : what nobody may overlook; empty where there is nothing.
    """

    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    notice: tuple[str, ...] = ()

    def walk(self) -> Iterator[tuple[int, Section | Block]]:
        """Yield every section and block of the document in order, with its level, 1 or deeper."""
        for section in self.sections:
            yield from section.walk()


def say(*pieces: str | Marked) -> Paragraph:
    """Return a paragraph of some pieces."""
    return Paragraph(pieces)


def listed(texts: Iterable[str | Paragraph]) -> Bullets:
    """Return a list of texts."""
    return Bullets(tuple(one if isinstance(one, Paragraph) else say(one) for one in texts))
