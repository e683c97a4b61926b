"""What a YAML parser complains about, said for people who do not write parsers."""

from __future__ import annotations

from simulator.errors import Problem

_MEANING = (
    (
        "mapping values are not allowed",
        "a colon is out of place: check the indentation of this "
        'line and the one above, and put text that contains ": " in quotes',
    ),
    ("could not find expected ':'", 'a key without its colon: write "key: value"'),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("expected ',' or '}'", "a { opened here is not closed: a comma or } is missing"),
    ("expected ',' or ']'", "a [ opened here is not closed: a comma or ] is missing"),
    ("unexpected end of stream", "a quote is opened here and never closed"),
    ("expected '<document start>'", "a line that begins with % or --- is not part of a scenario"),
    ("undefined alias", "*name refers to another place: write it out"),
    ("duplicate anchor", "anchors (&name) are not allowed: write it out"),
    ("unknown escape character", "a backslash inside \"...\" has a special meaning: use '...'"),
    ("did not find expected", "the value is not finished"),
)


def opened_here(context: str) -> bool:
    """Whether the place to show is where something was opened, not where it was missed."""
    return "quoted scalar" in context or "while parsing a flow" in context


def explain(problem: str, context: str, *, line: int, text: str) -> Problem:
    """Return one problem in plain words.

    Parameters
    ----------
    problem, context : the parser's own words.
    line : 1-based line it complains about.
    text : the document.
    """
    rows = text.splitlines()
    row = rows[line - 1] if 0 < line <= len(rows) else ""
    indent = row[: len(row) - len(row.lstrip())]
    if "\t" in indent or "\\t" in problem:
        return Problem("", "a tab; indent with spaces", line)
    for phrase, meaning in _MEANING:
        if phrase in problem or phrase in context:
            return Problem("", meaning, line)
    if "cannot start any token" in problem:
        character = row.strip()[:1]
        return Problem("", f"text cannot begin with {character} here: put it in quotes", line)
    return Problem("", f"this line is not YAML ({problem or context})", line)
