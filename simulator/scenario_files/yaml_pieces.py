"""What a comma tore apart inside { }: ``{dose: 0,035 mg/kg}`` is ``dose: 0`` and ``035 mg/kg:``.

The pieces are put together again, so that one message says what happened, and what was meant
stands in for it while the rest of the file is examined.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml.events import ScalarEvent

from simulator.scenario.numerals import comma_advice
from simulator.scenario.suggestion import short_key
from simulator.scenario_files.node import Node

_NUMBER = re.compile(r"[-+]?(?:\d|\.\d)")
_GLUED = re.compile(r"([A-Za-z_][A-Za-z_0-9]*):(\S.*)")


class Pieces:
    """Gathers the torn value of one flow mapping.

    Parameters
    ----------
    problem : reports (path, message, line).
    value : text -> what it means unquoted.
    """

    def __init__(
        self, problem: Callable[[str, str, int], None], value: Callable[[str], Any]
    ) -> None:
        self.problem = problem
        self.value = value
        self.last: tuple[str, ScalarEvent] | None = None
        self.parts: list[str] = []
        self.adjacent = True
        self.end = -1

    def follow(self, key: str | None, inner: Any) -> None:
        """Remember an ordinary entry, whose value a comma may have cut off."""
        plain = isinstance(inner, ScalarEvent) and inner.implicit[0]
        starts = plain and _NUMBER.match(inner.value) is not None
        self.last = (key, inner) if key is not None and starts else None
        self.end = inner.end_mark.index

    def take(self, node: Node, event: ScalarEvent, inner: Any) -> bool:
        """Return whether a key without a value was a piece, and keep it."""
        empty = isinstance(inner, ScalarEvent) and inner.implicit[0] and inner.value == ""
        written = event.implicit[0] and event.anchor is None and inner.anchor is None
        if not (empty and written):
            self.close(node)
            return False
        line = event.start_mark.line + 1
        if self.last is not None and _NUMBER.match(event.value):
            if not self.parts:
                self.parts = [self.last[1].value]
            self.adjacent &= event.start_mark.index == self.end + 1
            self.parts.append(event.value)
            self.end = event.end_mark.index
            return True
        self.close(node)
        glued = _GLUED.fullmatch(event.value)
        if glued is None or glued[1] in node.key_lines:
            return False
        path = node.child_path(glued[1])
        self.problem(
            path, f"put a space after the colon: {short_key(f'{glued[1]}: {glued[2]}')}", line
        )
        node.key_lines[glued[1]] = line
        node.value[glued[1]] = Node(self.value(glued[2]), line, path)
        self.last = None
        return True

    def close(self, node: Node) -> None:
        """Report what was gathered, and put what was meant in its place."""
        if self.last is None or not self.parts:
            return
        key, parts = self.last[0], self.parts
        self.parts, adjacent, self.adjacent = [], self.adjacent, True
        self.last = None
        place = node.value.get(key)
        if place is None:
            return
        whole = ",".join(parts)
        advice = comma_advice(whole) if adjacent else None
        line = place.line or 1
        if advice is None or advice.startswith("several") or key == "days":
            listed = ", ".join(parts)
            decimal = f"; decimal comma? write {'.'.join(parts)}" if advice and _two(parts) else ""
            self.problem(place.path, f"several values: write a list, [{listed}]{decimal}", line)
            place.value = [
                Node(self.value(part), line, f"{place.path}[{i}]") for i, part in enumerate(parts)
            ]
            return
        self.problem(place.path, advice, line)
        meant = advice.rsplit("write ", 1)[1]
        place.value = self.value(meant)


def _two(parts: list[str]) -> bool:
    return len(parts) == 2
