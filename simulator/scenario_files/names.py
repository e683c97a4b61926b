"""References: every arm, endpoint, substance, schedule and family that is named must exist.

Works on the expanded tree, so that one bad value elsewhere does not hide a bad name.
"""

from __future__ import annotations

from simulator.scenario.references import (
    DEFAULT_FAMILY,
    RESERVED_ENDPOINTS,
    What,
    references,
    reserved,
)
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.node import Node, plain
from simulator.scenario_files.schema_keys import RESERVED_ARMS, ROLES


class _Names:
    """The declared ids of a document."""

    def __init__(self, root: Node) -> None:
        design = root.get("design") or Node({})
        arms = design.get("arms") or Node({})
        self.arms = arms.keys()
        self.groups = tuple(
            dict.fromkeys(str(g.value) for _, arm in arms.items() if (g := arm.get("group")))
        )
        self.roles = tuple(
            dict.fromkeys(str(r.value) for _, arm in arms.items() if (r := arm.get("role")))
        )
        self.refused = tuple(k for k in arms.key_lines if k not in (*self.arms, *self.groups))
        self.endpoints = _declared(design.get("endpoints"))
        self.substances = _declared(design.get("substances"))
        self.schedules = _declared(design.get("schedules"))
        self.families = _declared(root.get("analysis", "families"))

    def of(self, what: What) -> tuple[str, ...]:
        """Return every name by which something may be called; arms by dose list and role too."""
        if what == "arm":
            others = (*self.refused, *self.groups, *self.roles) if self.arms else ()
            return tuple(dict.fromkeys((*self.arms, *others)))
        return {
            "endpoint": self.endpoints,
            "substance": self.substances,
            "schedule": self.schedules,
            "family": self.families or (DEFAULT_FAMILY,),
        }[what]


def _declared(node: Node | None) -> tuple[str, ...]:
    """Return the ids of a mapping, those included whose value was refused before."""
    return () if node is None else tuple(dict.fromkeys((*node.key_lines, *node.keys())))


def check_names(root: Node, found: Collector) -> None:
    """Report every reference to something undeclared, and cut out what holds it."""
    names = _Names(root)
    _reserved(root, names, found)
    for one in references(plain(root)):
        known = names.of(one.what)
        if one.name in known or (one.what in ("arm", "endpoint") and not known):
            continue  # where all arms were refused, it is said of them
        found.at(root, one.location, one.complaint(known))
        (found.suspect if one.fields is None else found.broken).append(one.holder)


def _reserved(root: Node, names: _Names, found: Collector) -> None:
    for key in names.endpoints:
        if key in RESERVED_ENDPOINTS:
            location = ("design", "endpoints", key)
            found.at(root, location, reserved(key))
            found.broken.append(location)
    for key in names.arms:
        location = ("design", "arms", key)
        if key in RESERVED_ARMS:
            found.at(root, location, reserved(key))
            found.broken.append(location)
        role = root.get(*location, "role")
        if key in ROLES and role is not None and role.value in ROLES and role.value != key:
            found.at(
                root,
                location,
                f'an arm called "{key}" has the role {role.value}: rename it, '
                "because plans call arms by id or by role",
            )
