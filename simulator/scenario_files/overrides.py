"""One override of a world: its path in full, and how it is laid over a resolved document."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from simulator.scenario import Scenario
from simulator.scenario.conduct import Tasks
from simulator.scenario_files.allowed import allowed_keys
from simulator.scenario_files.node import Node
from simulator.scenario_files.schema_keys import ENDPOINT_SPREAD, SPREAD_FORMS

_REGIMEN = ("substance", "dose", "route", "schedule")
_EFFECT = ("on", "emax", "ec50", "hill", "rise")
_REGULAR = ("start", "every", "count")
_LOSS_BY_ARM = ("design", "attrition", "by_arm")
_LOST_SAMPLES = ("design", "attrition", "samples")

Parts = tuple[str, ...]


def rewrite(base: Scenario, path: str, value: Any) -> list[tuple[str, Any]]:
    """Return an override by its full paths: shorthand, dose lists and roles spelled out.

    Rewriting a full path gives the same path again.

    Raises
    ------
    ValueError : the scenario has no such path.
    """
    for prefix in ("decision.worlds", "schema_version"):
        if path == prefix or path.startswith(prefix + "."):
            raise ValueError(f"a world cannot change {prefix}")
    if not isinstance(value, dict):
        path = _scalar_spelled_out(path)
    if path.startswith("design.conduct.") and base.design.conduct is None:
        raise ValueError(
            "this scenario has no design.conduct: state it (conduct: {} has the defaults), or set "
            "design.conduct as a whole"
        )
    data = _data(base)
    design = base.design
    for one in _arms_spelled_out(base, path):
        parts, rest = _walk(data, one)
        if parts[:1] == ("truth",) and len(parts) <= 2 and rest:
            one = _truth_spelled_out(base, data, parts, rest, one)
            parts, rest = _walk(data, one)
        if parts[:2] == ("design", "schedules") and len(parts) == 3 and rest in _REGULAR:
            return [(".".join(parts), _regular(design.schedules[parts[2]].times, rest, value))]
        if rest and not _may_hold(base, data, parts, rest):
            raise ValueError(_no_path(data, path))
        break
    return [(one, value) for one in _spelled_out(base, data, path)]


def _data(base: Scenario) -> dict[str, Any]:
    """Return the resolved scenario as plain data, with a place for the truth of every endpoint."""
    data = base.canonical()
    for key in base.design.endpoints:
        data["truth"].setdefault(key, {})
    return data


def _spelled_out(base: Scenario, data: Any, path: str) -> Iterator[str]:
    for one in _arms_spelled_out(base, path):
        parts, rest = _walk(data, one)
        if parts[:1] == ("truth",) and rest:
            one = _truth_spelled_out(base, data, parts, rest, one)
        parts, rest = _walk(data, one)
        holder = _at(data, parts)
        folds = isinstance(holder, dict) and holder.get("model") == "fold"
        if rest and (folds or parts == _LOSS_BY_ARM):
            members = base.design.arms_of(rest)
            if members:
                yield from (".".join((*parts, member)) for member in members)
                continue
        yield one


def _scalar_spelled_out(path: str) -> str:
    """Spell out what one number stands for: a power target, a loss, the minutes of a task."""
    inner = {"decision.power": "target", "design.attrition": "loss"}.get(path)
    holder, _, task = path.rpartition(".")
    if holder == "design.conduct.tasks" and task in Tasks.model_fields:
        inner = "takes"
    return f"{path}.{inner}" if inner else path


def _arms_spelled_out(base: Scenario, path: str) -> list[str]:
    """Spell out ``design.arms.<dose list>.dose`` and the like."""
    head = "design.arms."
    if not path.startswith(head):
        return [path]
    arms = base.design.arms
    names = {*arms, *(arm.group for arm in arms.values() if arm.group)}
    tail = path.removeprefix(head)
    name = max((n for n in names if tail == n or tail.startswith(n + ".")), key=len, default=None)
    if name is None:
        return [path]
    rest = tail.removeprefix(name).removeprefix(".")
    first = rest.split(".")[0]
    spelled: list[str] = []
    for member in base.design.arms_of(name):
        if first in _REGIMEN and len(arms[member].regimens) != 1:
            raise ValueError(
                f"{member} has {len(arms[member].regimens)} regimens: write "
                f"design.arms.{member}.regimens.0.{first}"
            )
        inner = f"regimens.0.{rest}" if first in _REGIMEN else rest
        spelled.append(head + member + ("." + inner if inner else ""))
    if name not in arms and not rest:
        members = ", ".join(base.design.arms_of(name))
        raise ValueError(f"{name} is a list of doses: name one of its arms ({members})")
    return spelled


def _truth_spelled_out(base: Scenario, data: Any, parts: Parts, rest: str, path: str) -> str:
    """Spell out ``truth.<endpoint>.cv`` and ``truth.effects.<substance>.rise``."""
    first = rest.split(".")[0]
    if len(parts) == 2 and parts[1] in base.design.endpoints and first in ENDPOINT_SPREAD:
        return f"truth.variability.{parts[1]}.{rest}"
    if parts == ("truth",):
        for key in base.design.endpoints:
            tail = rest.removeprefix(key + ".")
            if tail != rest and tail.split(".")[0] in ENDPOINT_SPREAD:
                return f"truth.variability.{key}.{tail}"
    if parts[:2] == ("truth", "effects") and len(parts) == 3 and first in _EFFECT:
        effect = _at(data, parts)
        if "any_route" in effect:
            return ".".join((*parts, "any_route", rest))
    return path


def _regular(days: tuple[float, ...], key: str, value: Any) -> dict[str, Any]:
    steps = {round(b - a, 9) for a, b in pairwise(days)}
    if len(steps) > 1:
        raise ValueError(f"the schedule is not regular, so it has no {key}: override its days")
    every = steps.pop() if steps else 1.0
    regular: dict[str, Any] = {
        "start": f"{days[0]:g} d",
        "every": f"{every:g} d",
        "count": len(days),
    }
    return {**regular, key: value}


def _walk(data: Any, path: str) -> tuple[Parts, str]:
    """Follow a path as far as the data goes; ids may contain dots, the longest key wins."""
    parts: list[str] = []
    rest = path
    while rest:
        if isinstance(data, dict):
            keys = [key for key in data if rest == key or rest.startswith(key + ".")]
            if not keys:
                break
            key = max(keys, key=len)
            data = data[key]
        elif isinstance(data, list):
            key = rest.split(".")[0]
            if not key.isdecimal() or int(key) >= len(data):
                break
            data = data[int(key)]
        else:
            break
        parts.append(key)
        rest = rest.removeprefix(key).removeprefix(".")
    return tuple(parts), rest


def _at(data: Any, parts: Parts) -> Any:
    for part in parts:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def _may_hold(base: Scenario, data: Any, parts: Parts, key: str) -> bool:
    """Whether the place may have this key, though the scenario does not."""
    holder = _at(data, parts)
    if not isinstance(holder, dict):
        return False
    if (holder.get("model") == "fold" or parts == _LOSS_BY_ARM) and base.design.arms_of(key):
        return True
    if parts == _LOST_SAMPLES and key in base.design.endpoints:
        return True
    return key in _allowed(data, parts)


def _allowed(data: Any, parts: Parts) -> tuple[str, ...]:
    """Return the keys that the nouns allow at a place."""
    location: list[str] = []
    inner = data
    for part in parts:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
        location.append(part)
        if isinstance(inner, dict):
            location.extend(str(inner[tag]) for tag in ("kind", "model") if tag in inner)
    return allowed_keys(tuple(location))


def _paths(data: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, child in data.items():
            path = f"{prefix}.{key}" if prefix else key
            yield path
            yield from _paths(child, path)


def _no_path(data: Any, path: str) -> str:
    evidence = ("value", "status", "source", "range")
    known = [
        p
        for p in _paths(data)
        if p.rsplit(".", 1)[-1] not in evidence and not p.startswith("decision.worlds")
    ]
    last = path.rsplit(".", 1)[-1]
    same_end = [p for p in known if p.rsplit(".", 1)[-1] == last]
    match = difflib.get_close_matches(path[:200], same_end, n=1, cutoff=0.6)
    match = match or _siblings(data, path)
    match = match or difflib.get_close_matches(path[:200], known, n=1, cutoff=0.6)
    return "there is no such path in this scenario" + (
        f'; did you mean "{match[0]}"?' if match else ": paths are those of validate --resolved"
    )


def _siblings(data: Any, path: str) -> list[str]:
    """Return the path whose last part was probably meant; none where more than that is wrong."""
    parts, rest = _walk(data, path)
    holder = _at(data, parts)
    if "." in rest or not isinstance(holder, dict):
        return []
    names = [*holder, *_allowed(data, parts)]
    # a key of two letters with one of them wrong is half of itself
    match = difflib.get_close_matches(rest[:80], dict.fromkeys(names), n=1, cutoff=0.5)
    return [".".join((*parts, match[0]))] if match else []


def apply(base: Scenario, document: Node, path: str, value: Node) -> None:
    """Set the value at a full path, and take away what it replaces elsewhere."""
    parts, rest = _walk(_data(base), path)
    full = (*parts, rest) if rest else parts
    _make_room(base, document, full)
    holder = document
    for part in full[:-1]:
        inner = holder.value[int(part)] if holder.is_list else holder.get(part)
        if inner is None or not (inner.is_map or inner.is_list):
            inner = Node({}, value.line, value.path)
            holder.value[part] = inner
        holder = inner
    if holder.is_list:
        holder.value[int(full[-1])] = value
    else:
        holder.value[full[-1]] = value


def _make_room(base: Scenario, document: Node, full: Parts) -> None:
    """Remove the other forms of what is set: another spread, the other view of a dose."""
    if full[:2] == ("truth", "variability") and len(full) == 4 and full[3] in SPREAD_FORMS:
        spread = document.get(*full[:3])
        if spread is not None and spread.is_map:
            for form in SPREAD_FORMS:
                spread.value.pop(form, None)
    if full[:2] == ("truth", "response"):
        _follow_study_response(base, document)
    if full[:2] == ("design", "substances") and (len(full) == 3 or full[3] == "stock"):
        # What goes into the syringe stays; another stock makes it another mass.
        for _, arm in (document.get("design", "arms") or Node({})).items():
            for regimen in (arm.get("regimens") or Node([])).value:
                dose, substance = regimen.get("dose"), regimen.get("substance")
                given = substance is not None and substance.value == full[2]
                if given and dose is not None and dose.is_map and "volume" in dose.value:
                    dose.value.pop("mass", None)
    if full[:2] == ("design", "arms") and full[-2:-1] == ("dose",) and full[-1] in _VIEWS:
        regimens = document.get(*full[:3], "regimens")
        if regimens is not None and len(full) == 7:
            regimens.value[int(full[4])].get("dose").value.clear()


_VIEWS = ("volume", "mass")


def _follow_study_response(base: Scenario, document: Node) -> None:
    """Let endpoints that have the study's own response follow it when it changes."""
    for key, truth in base.truth.endpoints.items():
        if truth.response == base.truth.response and base.design.endpoints[key].immune:
            entry = document.get("truth", key)
            if entry is not None:
                entry.value.pop("response", None)
