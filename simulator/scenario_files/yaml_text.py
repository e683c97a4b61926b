"""YAML text -> located tree. The only reader of YAML.

We take the parser's events and build values ourselves: nothing is ever constructed, expanded
or shared, so tags cannot run code and aliases cannot grow. Scalars follow YAML 1.2: only
``true`` and ``false`` are booleans, ``no`` is a text, ``1e8`` is a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from simulator.errors import Problem
from simulator.scenario.numerals import SPACES
from simulator.scenario.suggestion import short_key
from simulator.scenario_files.node import Node
from simulator.scenario_files.yaml_pieces import Pieces
from simulator.scenario_files.yaml_problems import explain, opened_here

MAX_DEPTH = 30
MAX_VALUES = 20_000
MAX_LINE = 10_000
MAX_PROBLEMS = 200
#: Digits of a number; more are a mistake (and integers of thousands of digits are slow).
MAX_NUMBER_LENGTH = 40

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NULL = ("", "~", "null", "Null", "NULL")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


class _GiveUp(Exception):
    """Nothing below this point can be read."""


def plain_value(text: str) -> str | int | float | bool | None:
    """Return what an unquoted scalar means in YAML 1.2.

    Raises
    ------
    ValueError : a number that is not finite, too large, or of absurdly many digits.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    whole = _INT.fullmatch(text)
    if not whole and not _FLOAT.fullmatch(text):
        return text
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError(f"a number of {len(text)} characters is too long")
    if whole:
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large to be a number")
    return number


class _Builder:
    """Builds the tree from events, collecting every problem on the way."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.problems: list[Problem] = []
        self.values = 0
        self.aliases: set[tuple[str, int]] = set()

    def problem(self, path: str, message: str, line: int) -> None:
        self.problems.append(Problem(path, message, line))
        if len(self.problems) >= MAX_PROBLEMS:
            message = f"reading stopped here, after {MAX_PROBLEMS} problems: there may be more"
            self.problems.append(Problem("", message, line))
            raise _GiveUp

    def build(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            line = event.start_mark.line + 1
            if isinstance(event, StreamEndEvent):
                break
            if isinstance(event, DocumentStartEvent) and root is not None:
                self.problem(
                    "", "a second document starts here (---): one file, one scenario", line
                )
                break
            if isinstance(event, AliasEvent | ScalarEvent | MappingStartEvent | SequenceStartEvent):
                root = self.node(event, path="", line=line, depth=0)
        return root

    def node(self, event: Any, *, path: str, line: int, depth: int) -> Node:
        self.values += 1
        if self.values > MAX_VALUES:
            self.problem(path, f"more than {MAX_VALUES:,} values: this is not a scenario", line)
            raise _GiveUp
        if depth > MAX_DEPTH:
            self.problem(path.split("[")[0], f"nested more than {MAX_DEPTH} levels deep", line)
            raise _GiveUp
        if isinstance(event, AliasEvent):
            if (event.anchor, line) not in self.aliases:
                self.aliases.add((event.anchor, line))
                self.problem(
                    path, f"*{short_key(event.anchor)} refers to another place: write it out", line
                )
            return Node(_BAD, line, path)
        if event.anchor is not None:
            self.problem(path, _anchor(event), line)
        if event.tag is not None and not str(event.tag).startswith("tag:yaml.org,2002:str"):
            shown = short_key(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
            self.problem(path, f"{shown} (a tag) is not allowed: write a plain value", line)
            self.skip(event)
            return Node(_BAD, line, path)
        if isinstance(event, ScalarEvent):
            value = self.scalar(event, path, line)
            return Node(value, line, path, text=event.value if _is_number(value) else None)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path, line, depth)
        return self.mapping(path, line, depth, flow=bool(event.flow_style))

    def value(self, text: str) -> Any:
        """Return what a text would be, or that it is nothing."""
        try:
            return plain_value(text)
        except ValueError:
            return None

    def scalar(self, event: ScalarEvent, path: str, line: int) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return plain_value(event.value)
        except ValueError as error:
            self.problem(path, str(error), line)
            return _BAD

    def sequence(self, path: str, line: int, depth: int) -> Node:
        items: list[Node] = []
        for index, event in enumerate(self.events):
            if isinstance(event, SequenceEndEvent):
                break
            here = event.start_mark.line + 1
            item = self.node(event, path=f"{path}[{index}]", line=here, depth=depth + 1)
            if item.value is not _BAD:
                items.append(item)
        return Node(items, line, path)

    def mapping(self, path: str, line: int, depth: int, *, flow: bool) -> Node:
        node = Node({}, line, path)
        pieces = Pieces(self.problem, self.value)
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            here = event.start_mark.line + 1
            inner = next(self.events) if isinstance(event, ScalarEvent) else None
            if flow and inner is not None and pieces.take(node, event, inner):
                continue
            key = self.key(event, node, here)
            child_path = node.child_path(key) if key is not None else path
            inner = next(self.events) if inner is None else inner
            child = self.node(inner, path=child_path, line=here, depth=depth + 1)
            pieces.follow(key, inner)
            if key is None:
                continue
            if key in node.key_lines:
                first = node.key_lines[key]
                where = f"already on line {first}" if first != here else "twice on this line"
                self.problem(child_path, f'"{short_key(key)}" is {where}: keep one of them', here)
                continue
            node.key_lines[key] = here
            if child.value is not _BAD:
                node.value[key] = child
        pieces.close(node)
        return node

    def key(self, event: Any, node: Node, line: int) -> str | None:
        if not isinstance(event, ScalarEvent):
            self.problem(node.path, "a key must be a plain name, not a list or a mapping", line)
            self.skip(event)
            return None
        if event.anchor is not None:
            self.problem(node.path, _anchor(event), line)
        if event.value == "<<" and event.implicit[0]:
            self.problem(node.path, "<< (a merge key) is not allowed: write the keys out", line)
            node.key_lines["<<"] = line
            return None
        try:
            named = event.value if not event.implicit[0] else plain_value(event.value)
        except ValueError:
            named = None
        if not isinstance(named, str):
            shown = short_key(event.value)
            message = f'{shown} is not a name: a key is a text; put it in quotes ("{shown}")'
            if not shown:
                message = "a key is missing before the colon"
            self.problem(node.child_path(shown) if shown else node.path, message, line)
            return None
        return named

    def skip(self, event: Any) -> None:
        """Read past a value that cannot be used."""
        depth = 0
        while True:
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                depth -= 1
            if depth == 0:
                return
            if depth > MAX_DEPTH:
                raise _GiveUp
            event = next(self.events)


def _anchor(event: Any) -> str:
    return f"&{short_key(event.anchor)} (an anchor) is not allowed: write it out"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


#: Marks a value that was refused and is left out of the tree.
_BAD = object()


def read_yaml(text: str) -> tuple[Node | None, list[Problem]]:
    """Return the tree of a text and its problems; the tree is None where it cannot be read.

    Parts that are refused (aliases, tags, second copies of a key) are left out of the tree,
    so that the rest can still be examined.
    """
    for number, row in enumerate(text.split("\n"), start=1):
        if len(row) > MAX_LINE:
            message = f"a line of {len(row):,} characters: this is not a scenario"
            return None, [Problem("", message, number)]
    text = text.translate(SPACES)
    try:
        parser = YAML(typ="safe", pure=True)
        builder = _Builder(iter(parser.parse(text)))
    except YAMLError as error:
        return None, [_broken(error, text)]
    try:
        root = builder.build()
    except _GiveUp:
        return None, builder.problems
    except YAMLError as error:
        return None, [*builder.problems, _broken(error, text)]
    except (RecursionError, ValueError, IndexError, AttributeError, AssertionError) as error:
        # A parser bug on absurd input must not become a traceback.
        return None, [*builder.problems, Problem("", f"this is not YAML ({type(error).__name__})")]
    if root is not None and root.value is _BAD:
        root = None
    return root, builder.problems


def _broken(error: YAMLError, text: str) -> Problem:
    if isinstance(error, ReaderError):
        character = error.character if isinstance(error.character, int) else ord(error.character)
        line = text.count("\n", 0, max(0, int(error.position))) + 1
        return Problem("", f"a character that text cannot hold (code {character})", line)
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if opened_here(error.context or "") and error.context_mark is not None:
            mark = error.context_mark
        line = mark.line + 1 if mark is not None else 1
        return explain(error.problem or "", error.context or "", line=line, text=text)
    return Problem("", "this is not YAML")
