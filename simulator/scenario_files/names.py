"""References: every arm, endpoint, substance, schedule and family that is named must exist.

Works on the expanded tree, so that one bad value elsewhere does not hide a bad name.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.scenario_files.collector import Collector, Location
from simulator.scenario_files.node import Node
from simulator.scenario_files.schema_keys import (
    RESERVED_ARMS,
    RESERVED_ENDPOINTS,
    ROLES,
    TRUTH_FIELDS,
    VARIABILITY_FIELDS,
)
from simulator.scenario_files.suggestion import nearest, unknown


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

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Everything by which arms may be called: ids, dose lists, roles."""
        return tuple(dict.fromkeys((*self.arms, *self.refused, *self.groups, *self.roles)))


def _declared(node: Node | None) -> tuple[str, ...]:
    """Return the ids of a mapping, those included whose value was refused before."""
    return () if node is None else tuple(dict.fromkeys((*node.key_lines, *node.keys())))


def check_names(root: Node, found: Collector) -> None:
    """Report every reference to something undeclared, and cut out what holds it."""
    names = _Names(root)
    _reserved(root, names, found)
    _arms(root, names, found)
    _truth(root, names, found)
    _plan(root, names, found)


def _reserved(root: Node, names: _Names, found: Collector) -> None:
    for key in names.endpoints:
        if key in RESERVED_ENDPOINTS:
            location = ("design", "endpoints", key)
            found.at(root, location, f'"{key}" is a word of this format: choose another id')
            found.broken.append(location)
    for key in names.arms:
        location = ("design", "arms", key)
        if key in RESERVED_ARMS:
            found.at(root, location, f'"{key}" is a word of this format: choose another id')
            found.broken.append(location)
        role = root.get(*location, "role")
        if key in ROLES and role is not None and role.value in ROLES and role.value != key:
            found.at(
                root,
                location,
                f'an arm called "{key}" has the role {role.value}: rename it, '
                "because plans call arms by id or by role",
            )


def _refer(
    node: Node | None,
    what: str,
    known: Iterable[str],
    plural: str,
    found: Collector,
    holder: Location,
) -> None:
    """Check one reference (a text or a list of texts)."""
    if node is None:
        return
    for item in node.value if node.is_list else [node]:
        # Anything but a text is refused by the models, in their words.
        if isinstance(item.value, str) and item.value not in known:
            found.add(item, unknown(what, item.value, known, plural=plural))
            found.suspect.append(holder)


def _arms(root: Node, names: _Names, found: Collector) -> None:
    for key, arm in (root.get("design", "arms") or Node({})).items():
        regimens = arm.get("regimens")
        holder = ("design", "arms", key)
        for regimen in regimens.value if regimens is not None and regimens.is_list else []:
            for field, known, plural in (
                ("substance", names.substances, "substances"),
                ("schedule", names.schedules, "schedules"),
            ):
                _refer(regimen.get(field), field, known, plural, found, holder)


def _keys(
    parent: Node | None,
    at: Location,
    known: tuple[str, ...],
    fields: tuple[str, ...],
    what: str,
    found: Collector,
) -> None:
    """Check the keys of a mapping whose further keys are ids."""
    for key, child in parent.items() if parent is not None else ():
        if key in known or key in fields:
            continue
        hint = nearest(key, (*known, *fields))
        mean = f'; did you mean "{hint}"?' if hint else ";"
        listed = ", ".join(known) or "none is declared"
        if fields and fields != ("model",):
            message = f"unknown key{mean} allowed: {', '.join(fields)}, or an {what}: {listed}"
        else:
            message = f"unknown {what}{mean} {what}s: {listed}"
        found.add(child, message)
        found.broken.append((*at, key))


def _truth(root: Node, names: _Names, found: Collector) -> None:
    truth = root.get("truth")
    if truth is None:
        return
    if names.endpoints:
        _keys(truth, ("truth",), names.endpoints, TRUTH_FIELDS, "endpoint", found)
        at: Location = ("truth", "variability")
        variability = truth.get("variability")
        _keys(variability, at, names.endpoints, VARIABILITY_FIELDS, "endpoint", found)
    _keys(truth.get("effects"), ("truth", "effects"), names.substances, (), "substance", found)
    for holder in ("", *names.endpoints):
        path: Location = ("truth", holder, "response") if holder else ("truth", "response")
        response = root.get(*(str(part) for part in path))
        model = response.get("model") if response is not None else None
        if model is not None and model.value == "fold" and names.arms:
            _keys(response, path, names.arm_names, ("model",), "arm", found)
        elif model is not None and model.value == "emax":
            _keys(response, path, names.substances, ("model",), "substance", found)


def _plan(root: Node, names: _Names, found: Collector) -> None:
    for kind in ("families", "trends"):
        for key, plan in (root.get("analysis", kind) or Node({})).items():
            holder: Location = ("analysis", kind, key)
            if names.endpoints:
                where = plan.get("endpoint")
                _refer(where, "endpoint", names.endpoints, "endpoints", found, holder)
            if names.arms:
                for field in ("arms", "against"):
                    _refer(plan.get(field), "arm", names.arm_names, "arms", found, holder)
    power = root.get("decision", "power") or Node({})
    holder = ("decision", "power")
    families = names.families or ("primary",)
    _refer(power.get("family"), "family", families, "families", found, holder)
    if names.arms:
        _refer(power.get("arms"), "arm", names.arm_names, "arms", found, holder)
