"""Pieces of the page as tags. Every text is escaped by the tags; names are set apart by ``bdi``."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from htmltools import Tag, TagChild, tags

from simulator.errors import Problem
from simulator.output.visible_text import visible

if TYPE_CHECKING:
    from simulator.web.pictures import Shown

#: So many problems are shown; the rest is counted.
_MOST_PROBLEMS: Final = 25
#: What the simulation warns of, in words.
_SAID_OF: Final[Mapping[str, str]] = {
    "type_i": "False alarms",
    "n_per_arm": "Mice per arm",
    "untestable": "Studies without a test",
    "cross_checks": "Formulas",
    "kept plan": "The kept plan",
    "simulated study": "The simulated study",
    "laboratory": "The laboratory",
}


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


def problem_list(
    problems: Sequence[Problem],
    heading: str,
    *,
    errors: bool,
    label_of: Callable[[str], str | None] | None = None,
) -> Tag:
    """Return problems as a list, each with its place; of very many the first.

    Parameters
    ----------
    label_of : what a path is called on the page.
    """
    items = [
        tags.li(
            *_place(problem, None if label_of is None else label_of(problem.path)),
            said(problem.message),
        )
        for problem in problems[:_MOST_PROBLEMS]
    ]
    if len(problems) > _MOST_PROBLEMS:
        items.append(tags.li(f"and {len(problems) - _MOST_PROBLEMS:,} more"))
    return tags.details(
        tags.summary(said(heading)),
        tags.ul(*items),
        open="",
        class_="problems errors" if errors else "problems",
    )


def _place(problem: Problem, label: str | None) -> Sequence[TagChild]:
    """Return where a problem is: its input, or its line and path in the file."""
    if label is not None:
        return (tags.strong(said(label)), ": ")
    name = _SAID_OF.get(problem.path)
    if name is not None:
        return (tags.strong(name), ": ")
    line = "" if problem.line is None else f"line {problem.line}"
    if not problem.path:
        return (line, ": ") if line else ()
    return (f"{line}, " if line else "", tags.code(said(problem.path)), ": ")


def sentences(lines: Iterable[str]) -> Tag:
    """Return lines as a list."""
    return tags.ul(*(tags.li(said(line)) for line in lines))
