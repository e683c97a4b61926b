"""Arms as written -> arms of regimens: dose lists, inline regimens, roles from substances."""

from __future__ import annotations

from simulator.scenario.design import Weight
from simulator.scenario.quantities import parse_quantity
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.doses import dose_label, dose_view
from simulator.scenario_files.node import Node, copy

_INLINE = ("substance", "dose", "route", "schedule")
_ROLE_ORDER = ("test", "positive", "reference", "control")


def expand_arms(root: Node, found: Collector) -> None:
    """Rewrite ``design.arms`` in place, in the order written."""
    arms = root.get("design", "arms")
    if arms is None or not arms.is_map:
        return
    weight = _weight(root)
    expanded: dict[str, Node] = {}
    for key, arm in arms.items():
        for name, one in _split(key, arm, found):
            if name in expanded:
                found.add(
                    one,
                    f'two arms are called "{name}" once dose lists are written out: '
                    "rename one, or list every dose once",
                )
                continue
            expanded[name] = one
    for name, one in expanded.items():
        if one.is_map:
            _regimens(one, found, weight)
            _role(root, name, one, found)
    arms.value = expanded


def _split(key: str, arm: Node, found: Collector) -> list[tuple[str, Node]]:
    """Return the arms of one entry: one per dose of a list, else the entry itself."""
    dose = arm.get("dose")
    if dose is None or not dose.is_list:
        return [(key, arm)]
    if not dose.value:
        found.add(dose, "the list of doses is empty: write e.g. [10 uL/kg, 20 uL/kg]")
    split: list[tuple[str, Node]] = []
    for item in dose.value:
        one = copy(arm)
        one.value["dose"] = item
        one.value["group"] = Node(key, arm.line, arm.path)
        label = dose_label(item.value) if isinstance(item.value, str) else str(item.value)
        split.append((f"{key}-{label}", one))
    if not split:
        found.suspect.append(("design", "arms", key))
        split.append((key, arm))
        del arm.value["dose"]
    return split


def _regimens(arm: Node, found: Collector, weight: float) -> None:
    """Gather inline substance, dose, route and schedule into one regimen; read doses."""
    inline = [key for key in _INLINE if key in arm.value or key in arm.key_lines]
    regimens = arm.get("regimens")
    if inline and regimens is not None:
        found.add(arm.value.get(inline[0], arm), "write either this or regimens, not both")
        for key in inline:
            arm.value.pop(key, None)
    elif inline:
        regimen = Node({}, arm.line, arm.path)
        for key in inline:
            if key in arm.value:
                regimen.value[key] = arm.value.pop(key)
            regimen.key_lines[key] = arm.key_lines.pop(key, arm.line)
        regimens = arm.value["regimens"] = Node([regimen], arm.line, arm.path)
    if regimens is not None and regimens.is_list:
        for regimen in regimens.value:
            _read_dose(regimen, found, weight)


def _weight(root: Node) -> float:
    """Return the mean weight of the file in grams, as far as it can be read already."""
    usual: float = Weight().mean
    stated = root.get("design", "animals", "weight", "mean")
    try:
        weight = parse_quantity(str(stated.value), "gram") if stated is not None else usual
    except ValueError:
        return usual
    return weight if weight > 0 else usual


def _read_dose(regimen: Node, found: Collector, weight: float) -> None:
    dose = regimen.get("dose")
    if dose is None or dose.is_map:
        return
    if dose.is_list:
        found.add(dose, "a list of doses does not fit in regimens: write one arm for each dose")
    elif not isinstance(dose.value, str):
        found.add(dose, f"{_show(dose.value)} has no unit; write e.g. 10 uL/kg or 35 ug/kg")
    else:
        try:
            regimen.value["dose"] = Node(
                {dose_view(dose.value, weight=weight): dose}, dose.line, dose.path
            )
            return
        except ValueError as error:
            found.add(dose, str(error))
    del regimen.value["dose"]
    regimen.key_lines.setdefault("dose", dose.line)


def _role(root: Node, name: str, arm: Node, found: Collector) -> None:
    """Derive the role of an arm from its substances, where it is not stated."""
    regimens = arm.get("regimens")
    if "role" in arm.value or regimens is None or not regimens.is_list or not regimens.value:
        return
    roles: list[object] = []
    for regimen in regimens.value:
        substance = regimen.get("substance")
        known = substance is not None and isinstance(substance.value, str)
        role = (
            root.get("design", "substances", substance.value, "role")
            if known and substance is not None
            else None
        )
        roles.append(role.value if role is not None else None)
    named = ["control" if role == "vehicle" else role for role in roles]
    derived = next((role for role in _ROLE_ORDER if role in named), None)
    if derived is None or any(role not in _ROLE_ORDER for role in named):
        # The substance is what is wrong; a missing role would be a second voice about it.
        found.suspect.append(("design", "arms", name))
        derived = name if name in _ROLE_ORDER else "test"
    arm.value["role"] = Node(derived, arm.line, arm.path)


def _show(value: object) -> str:
    return str(value)[:40]
