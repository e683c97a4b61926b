"""Pieces of the page as tags. Every text is escaped by the tags; names are set apart by ``bdi``."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from htmltools import Tag, tags

from simulator.errors import Problem
from simulator.output.visible_text import visible

if TYPE_CHECKING:
    from simulator.web.pictures import Shown


def said(text: str) -> Tag:
    """Return text that may be a scenario's: escaped, set apart, and steering nothing."""
    return tags.bdi(visible(text))


def figure(shown: Shown | None, *, old: bool = False, missing: str = "") -> Tag:
    """Return a figure as an image; ``old`` greys it, ``missing`` stands where there is none."""
    if shown is None:
        return tags.p(missing)
    data = b64encode(shown.svg.encode("utf-8")).decode("ascii")
    image = tags.img(src=f"data:image/svg+xml;base64,{data}", alt=visible(shown.told))
    box = tags.div(image, class_="scroll", tabindex="0", role="group", aria_label="Figure")
    return tags.figure(box, class_="old" if old else None)


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    number: Sequence[str] = (),
) -> Tag:
    """Return a table in a box of its own to scroll; the first column names the row."""

    def kind(name: str) -> str | None:
        return "number" if name in number else None

    head = [tags.th(said(name), scope="col", class_=kind(name)) for name in columns]
    body = []
    for first, *rest in rows:
        cells = [
            tags.td(said(text), class_=kind(name))
            for name, text in zip(columns[1:], rest, strict=True)
        ]
        body.append(tags.tr(tags.th(said(first), scope="row"), *cells))
    return tags.div(
        tags.table(tags.caption(said(caption)), tags.thead(tags.tr(*head)), tags.tbody(*body)),
        class_="table-box",
        tabindex="0",
        role="region",
        aria_label=visible(caption[:200]),
    )


def problem_list(problems: Sequence[Problem], heading: str, *, errors: bool) -> Tag:
    """Return problems as a list, each with its place."""
    items = []
    for problem in problems:
        where = [f"line {problem.line}"] if problem.line is not None else []
        place = [tags.code(said(problem.path))] if problem.path else []
        items.append(
            tags.li(
                *(tags.span(f"{text}, ") for text in where),
                *place,
                ": " if place else "",
                said(problem.message),
            )
        )
    return tags.details(
        tags.summary(said(heading)),
        tags.ul(*items),
        open="",
        class_="problems errors" if errors else "problems",
    )


def sentences(lines: Iterable[str]) -> Tag:
    """Return lines as a list."""
    return tags.ul(*(tags.li(said(line)) for line in lines))
