"""What people write -> the full form. Idempotent: the full form is left as it is."""

from __future__ import annotations

from simulator.scenario_files.arms import expand_arms
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.node import Node, copy
from simulator.scenario_files.schema_keys import ENDPOINT_SPREAD, SPREAD_FORMS, TRUTH_FIELDS

#: Keys of which an empty value may mean something.
_EMPTY = {"break": "is empty: for a day without a break write break: none"}
_EFFECT_KEYS = ("on", "emax", "ec50", "hill", "rise")


def expand(root: Node, found: Collector) -> None:
    """Rewrite the tree in place; what cannot be rewritten is reported and left out."""
    _refuse_empty(root, found)
    _wrap_scalar(root.get("design"), "attrition", "loss")
    _expand_samples(root.get("design"))
    _expand_tasks(root.get("design", "conduct", "tasks"))
    _wrap_scalar(root.get("decision"), "power", "target")
    expand_arms(root, found)
    truth = root.get("truth")
    if truth is None or not truth.is_map:
        return
    _wrap_scalar(truth, "response", "model")
    for key, entry in truth.items():
        if key not in TRUTH_FIELDS and entry.is_map:
            _wrap_scalar(entry, "response", "model")
            endpoints = root.get("design", "endpoints")
            if endpoints is None or key in endpoints or key in endpoints.key_lines:
                _move_spread(truth, key, entry, found)
    _expand_effects(truth, found)


def _refuse_empty(node: Node, found: Collector) -> None:
    """Report every key without a value. It stays in ``key_lines``, so it is not also missing."""
    if isinstance(node.value, dict):
        for key, child in list(node.value.items()):
            if child.value is None:
                found.add(child, _EMPTY.get(key, "is empty: write a value, or leave the line out"))
                del node.value[key]
            else:
                _refuse_empty(child, found)
    elif isinstance(node.value, list):
        for child in list(node.value):
            if child.value is None:
                found.add(child, "is empty: write a value, or leave it out")
                node.value.remove(child)
            else:
                _refuse_empty(child, found)


def _wrap_scalar(parent: Node | None, key: str, inner: str) -> None:
    """Turn ``key: value`` into ``key: {inner: value}``."""
    child = parent.get(key) if parent is not None else None
    if parent is None or child is None or child.is_map:
        return
    parent.value[key] = child.with_value({inner: child})


def _expand_tasks(tasks: Node | None) -> None:
    """Turn the minutes of a task into the task."""
    if tasks is None:
        return
    for name, _ in tasks.items():
        _wrap_scalar(tasks, name, "takes")


def _expand_samples(design: Node | None) -> None:
    """Turn one share of lost samples into that of every endpoint."""
    attrition = design.get("attrition") if design is not None else None
    samples = attrition.get("samples") if attrition is not None else None
    endpoints = design.get("endpoints") if design is not None else None
    if attrition is None or samples is None or samples.is_map or endpoints is None:
        return
    every = {key: copy(samples) for key, _ in endpoints.items()}
    attrition.value["samples"] = samples.with_value(every)


def _move_spread(truth: Node, endpoint: str, entry: Node, found: Collector) -> None:
    """Move ``truth.<endpoint>.cv`` (sd, cage_icc, ...) to ``truth.variability.<endpoint>``."""
    stated = [key for key, _ in entry.items() if key in ENDPOINT_SPREAD]
    if not stated:
        return
    moved = Node({}, entry.line, entry.path)
    for key in stated:
        moved.value[key] = entry.value.pop(key)
        moved.key_lines[key] = moved.value[key].line
    variability = truth.get("variability")
    if variability is None:
        variability = truth.value["variability"] = Node({}, truth.line, "truth.variability")
    if not variability.is_map:
        return
    other = variability.get(endpoint)
    if other is None:
        variability.value[endpoint] = moved
        return
    for kind in (SPREAD_FORMS, ("cage_icc",)):
        here, there = ([key for key in kind if key in node] for node in (moved, other))
        if here and (there or not other.is_map):
            found.add(
                moved.value[here[0]],
                f"the variability of {endpoint} is also stated on line {other.line}: keep one of "
                "them",
            )
            return
    if other.is_map:
        other.value.update(moved.value)
        other.key_lines.update(moved.key_lines)


def _expand_effects(truth: Node, found: Collector) -> None:
    """Turn an effect without a route into one for ``any_route``."""
    effects = truth.get("effects")
    if effects is None:
        return
    for _, effect in effects.items():
        direct = [key for key, _ in effect.items() if key in _EFFECT_KEYS]
        if not direct:
            continue
        if effect.get("any_route") is not None:
            found.add(effect.value[direct[0]], "stated here and under any_route: keep one of them")
            for key in direct:
                del effect.value[key]
            continue
        inner = Node({key: effect.value.pop(key) for key in direct}, effect.line, effect.path)
        inner.key_lines = {key: line for key, line in effect.key_lines.items() if key in direct}
        effect.value["any_route"] = inner
