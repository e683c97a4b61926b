"""What the nouns refuse, said in a biologist's words, at the place where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from typing import Any

from pydantic_core import ErrorDetails

from simulator.scenario.noun import PRIORS
from simulator.scenario.numerals import comma_advice
from simulator.scenario.suggestion import nearest, unknown_key
from simulator.scenario_files.allowed import allowed_keys
from simulator.scenario_files.collector import Collector, Location
from simulator.scenario_files.node import Node, find

#: What to write for a key that is missing.
_EXAMPLES = {
    "schema_version": "write schema_version: 1",
    "id": "a short name, e.g. id: quick-start",
    "question": "what the study asks, in one sentence",
    "seed": "any whole number, e.g. seed: 20261122; the same seed gives the same numbers",
    "design": "animals, arms and endpoints",
    "arms": "e.g. saline: {role: control}",
    "endpoints": "e.g. afc: {kind: plaque_count, day: 5}",
    "role": "control, reference, positive or test (or a substance, which tells it)",
    "kind": "plaque_count, titer, phagocytic_percentage, phagocytic_number or continuous",
    "day": "the day of reading, e.g. day: 5",
    "model": "fold, emax or kinetic",
    "dose": "e.g. dose: 10 uL/kg",
    "route": "IM, SC, IP or IV",
    "substance": "the id of a substance under design.substances",
    "schedule": "the id of a schedule under design.schedules",
    "endpoint": "the id of an endpoint, or a list of them",
    "against": "the arm that the others are compared with",
    "measured_in": "the unit, e.g. measured_in: mg",
    "ed50": "the dose of half the effect, e.g. ed50: 50 ug/kg",
    "emax": "the largest log fold, e.g. emax: 2.3",
    "value": "the number itself",
    "takes": "minutes for one animal, e.g. takes: 4 min",
}
#: Types by the name that pydantic gives the error.
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "dict_type": "a mapping (key: value)",
    "mapping_type": "a mapping (key: value)",
    "frozen_set_type": "a list",
    "tuple_type": "a list",
    "list_type": "a list",
}
_ROUTES = {
    "IM": ("im", "intramuscular", "intramuscularly"),
    "SC": ("sc", "sq", "subq", "subcutaneous", "subcutaneously"),
    "IP": ("ip", "intraperitoneal", "intraperitoneally"),
    "IV": ("iv", "intravenous", "intravenously"),
}
_BY_MOUTH = ("po", "per os", "oral", "orally", "gavage", "ig", "intragastric")
_TASKS = ("design", "conduct", "tasks")
_LONGER = "must be at most 1440 min"
_HOURS = ("design", "conduct", "hours")
#: What pydantic says of a time of day, or of a break, that is none.
_NO_CLOCK = ("string_type", "string_pattern_mismatch", "tuple_type", "missing", "too_long")
_BOUNDS = {
    "greater_than": ("must be above", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be below", "lt"),
    "less_than_equal": ("must be at most", "le"),
}


def report(errors: Iterable[ErrorDetails], root: Node, found: Collector) -> None:
    """Turn the errors of one validation into problems of the document.

    A missing key is not reported where an unknown key was evidently meant to be it, nor where
    its value was refused before.
    """
    details = list(errors)
    meant: dict[str, set[str]] = {}
    for error in details:
        if error["type"] == "extra_forbidden":
            *parent, key = error["loc"]
            hint = nearest(str(key), allowed_keys(tuple(parent)))
            if hint is not None:
                meant.setdefault(find(root, parent)[0].path, set()).add(hint)
    unions: set[str] = set()
    for error in details:
        location, kind = error["loc"], error["type"]
        if _median_of_prior(location, root):
            continue  # the distribution itself is refused
        if kind == "extra_forbidden":
            *parent, key = location
            message = unknown_key(str(key), allowed_keys(tuple(parent)))
            found.at(root, location, message)
            continue
        if kind == "missing":
            holder, rest = find(root, location)
            key = str(location[-1])
            written = meant.get(holder.path, set())
            if len(rest) == 1 and (
                key in written or key in holder.key_lines or "<<" in holder.key_lines
            ):
                continue
        node, _ = find(root, location)
        if "union" in kind or _in_union(location, node):
            if node.path in unions:
                continue
            unions.add(node.path)
        found.at(root, _place(location, error), _message(error))


def _median_of_prior(location: Location, root: Node) -> bool:
    """Whether an error is about a value that was not written, but taken from a distribution."""
    holder, rest = find(root, location)
    return rest == ("value",) and any(key in holder for key in PRIORS)


def culprit(error: ErrorDetails) -> Location:
    """Return the place an error is about: what a check of a whole block names first.

    "attrition.inflate cannot ..." of ``design`` is about ``design.attrition.inflate``.
    """
    location = error["loc"]
    if error["type"] != "value_error" or not isinstance(error["input"], Mapping):
        return location
    named = str(error["ctx"]["error"]).partition(" ")[0].split(".")
    return (*location, *named) if len(named) > 1 and named[0] in error["input"] else location


def _in_union(location: Location, node: Node) -> bool:
    """Whether the error is one of several about a value that fits no alternative."""
    return str(location[-1]) in ("str", "float", "int") and not node.is_map


def _place(location: Location, error: ErrorDetails) -> Location:
    """Return the location of the culprit: the tag itself where a variant was not recognised."""
    if location[:3] == _HOURS and error["type"] == "missing":
        return location[:-1]
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return (*location, _tag(error))
    if str(location[-1] if location else "") in ("str", "float", "int", "[key]"):
        return location[:-1]
    return culprit(error)


def _tag(error: ErrorDetails) -> str:
    return str(error.get("ctx", {}).get("discriminator", "kind")).strip("'")


def _message(error: ErrorDetails) -> str:
    kind: str = error["type"]
    if error["loc"][:3] == _HOURS and kind in _NO_CLOCK:
        return _clock(error)
    context: Mapping[str, Any] = error.get("ctx", {})
    shown = show(error["input"])
    if kind == "quantity" and error["loc"][:3] == _TASKS and _LONGER in context["text"]:
        return f"{shown} is longer than a day"
    if kind == "quantity":
        return str(context["text"])
    if kind == "value_error":
        text = str(context["error"])
        return text if culprit(error) == error["loc"] else text.partition(" ")[2]
    if kind in ("missing", "union_tag_not_found"):
        key = str(error["loc"][-1]) if kind == "missing" else _tag(error)
        example = _EXAMPLES.get(key)
        if key == "role" and "substances" in error["loc"]:
            example = "vehicle, reference, positive or test"
        return "is missing: " + example if example else "is missing"
    if kind == "literal_error" and error["loc"][-1] == "route":
        return _route(error["input"], str(context["expected"]))
    if kind == "literal_error":
        return _choice(error["input"], str(context["expected"]))
    if kind == "union_tag_invalid":
        return _choice(context["tag"], str(context["expected_tags"]))
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{shown} {words} {context[name]:g}"
    if kind == "string_pattern_mismatch":
        return (
            f"{shown} is not an id: use letters, digits, - _ and . and begin with a letter or digit"
        )
    if kind == "string_too_long":
        return f"is too long: at most {context['max_length']} characters"
    if kind == "string_too_short":
        return "is an empty text"
    if kind == "too_short":
        example = _EXAMPLES.get(str(error["loc"][-1]) if error["loc"] else "")
        return "is empty: write at least one" + (f", {example}" if example else "")
    if kind == "too_long":
        count = context["actual_length"]
        if count is None and isinstance(error["input"], Sized):  # it stops counting a mapping
            count = len(error["input"])
        return f"has {count}, more than the {context['max_length']} allowed"
    if isinstance(error["input"], str) and (advice := comma_advice(error["input"])):
        if _WANTED.get(kind) == "a list":
            advice = f"write a list: [{error['input']}]"
        return f"{shown}: {advice}"
    return f"{shown} is not {_WANTED.get(kind, 'allowed here')}"


def _clock(error: ErrorDetails) -> str:
    """Return the message for what is no time of day, or no break."""
    if error["type"] in ("missing", "too_long") or error["loc"][-1] == "break":
        return "a break is two times of day, e.g. break: [12:00, 12:30], or none"
    return f"{show(error['input'])} is not a time of day: write e.g. 8:00 or 17:30"


def _route(value: object, expected: str) -> str:
    """Return the message for a route that is not one of the four."""
    word = str(value).strip().lower().replace(".", "").replace("-", "")
    meant = next((short for short, names in _ROUTES.items() if word in names), None)
    if meant is not None:
        return f"{show(value)}: write {meant}"
    if word in _BY_MOUTH:
        return f"{show(value)}: doses by mouth are not simulated; allowed: IM, SC, IP, IV"
    return _choice(value, expected)


def _choice(value: object, expected: str) -> str:
    """Return the message for a word that is not among the allowed ones."""
    allowed = [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",")]
    hint = nearest(str(value), allowed) if isinstance(value, str) else None
    mean = f'; did you mean "{hint}"?' if hint is not None else ";"
    return f"{show(value)} is not known{mean} allowed: {', '.join(allowed)}"


def show(value: object) -> str:
    """Return a value as a planner would recognise it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 60 else text[:57] + "..."
