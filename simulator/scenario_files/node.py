"""A document as a tree that remembers where everything was written.

Shorthand is expanded by building new nodes from old ones, so after any rewriting each value
still knows its line and the path under which its author wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.scenario.suggestion import short_key


@dataclass
class Node:
    """One value of the document.

    Attributes
    ----------
    value : dict of nodes by key, list of nodes, or a plain text, number, boolean or None.
    line : 1-based line of its key (of the item itself in a list), or None without a file.
    path : dotted path as written in the file.
    key_lines : for a mapping, the line of every key.
    text : for a number, its digits as written (1.280 is not 1.28 to whoever wrote it).
    """

    value: Any
    line: int | None = None
    path: str = ""
    key_lines: dict[str, int | None] = field(default_factory=dict)
    text: str | None = None

    @property
    def is_map(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.value, list)

    def get(self, *keys: str) -> Node | None:
        """Return the node under these keys, or None where there is none."""
        found: Node = self
        for key in keys:
            if not isinstance(found.value, dict) or key not in found.value:
                return None
            found = found.value[key]
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the entries of a mapping (none for anything else)."""
        if isinstance(self.value, dict):
            yield from list(self.value.items())

    def keys(self) -> tuple[str, ...]:
        """Return the keys of a mapping (none for anything else)."""
        return tuple(self.value) if isinstance(self.value, dict) else ()

    def with_value(self, value: Any) -> Node:
        """Return another value at the same place."""
        return Node(value, self.line, self.path)

    def child_path(self, key: object) -> str:
        """Return the written path of an entry that is not there."""
        return f"{self.path}.{short_key(str(key))}" if self.path else short_key(str(key))


def plain(node: Node) -> Any:
    """Return the tree as dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def located(value: Any, *, line: int | None = None, path: str = "") -> Node:
    """Return plain data as a tree; every node gets the same line, and its own path."""
    if isinstance(value, dict):
        node = Node({}, line, path)
        for key, child in value.items():
            node.value[key] = located(child, line=line, path=node.child_path(key))
        return node
    if isinstance(value, list | tuple):
        return Node(
            [located(child, line=line, path=f"{path}[{i}]") for i, child in enumerate(value)],
            line,
            path,
        )
    return Node(value, line, path)


def copy(node: Node) -> Node:
    """Return a copy that can be changed without changing the original."""
    if isinstance(node.value, dict):
        value: Any = {key: copy(child) for key, child in node.value.items()}
    elif isinstance(node.value, list):
        value = [copy(child) for child in node.value]
    else:
        value = node.value
    return Node(value, node.line, node.path, dict(node.key_lines), node.text)


def find(root: Node, location: Iterable[object]) -> tuple[Node, tuple[str, ...]]:
    """Follow a location as far as the tree goes.

    Parts that name the variant of a union (``plaque_count``, ``fold``) or a validator are not
    in the tree and are stepped over.

    Returns
    -------
    The deepest node reached, and the rest of the location that is not there.
    """
    node = root
    rest: list[str] = []
    for part in location:
        if rest:
            rest.append(str(part))
        elif isinstance(node.value, dict) and str(part) in node.value:
            node = node.value[str(part)]
        elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        elif not _is_variant(node, str(part)):
            rest.append(str(part))
    return node, tuple(rest)


def _is_variant(node: Node, part: str) -> bool:
    if "[" in part or "(" in part:
        return True
    tags = [node.get(tag) for tag in ("kind", "model")]
    return any(tag is not None and tag.value == part for tag in tags)


def remove(root: Node, location: Iterable[object]) -> None:
    """Take what is at a location out of the tree; nothing happens where nothing is."""
    *parents, last = location
    parent, rest = find(root, parents)
    if rest:
        return
    if isinstance(parent.value, dict):
        parent.value.pop(str(last), None)
    elif isinstance(parent.value, list) and isinstance(last, int) and last < len(parent.value):
        del parent.value[last]
