"""References: every arm, endpoint, substance, schedule and family that is named must exist.

Works on plain data (a scenario in its full form, valid or not), so that a document and a
scenario built in Python are held to one list of places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simulator.errors import Problem
from simulator.scenario.suggestion import nearest, unknown
from simulator.scenario.truth import Truth, Variability

Location = tuple[str | int, ...]
What = Literal["arm", "endpoint", "substance", "schedule", "family"]

#: What each may be called in a list of them.
PLURAL: Mapping[What, str] = {
    "arm": "arms",
    "endpoint": "endpoints",
    "substance": "substances",
    "schedule": "schedules",
    "family": "families",
}
#: The family that stands in where none is declared.
DEFAULT_FAMILY = "primary"
#: Ids that would be mistaken for words of the format.
RESERVED_ENDPOINTS = frozenset((*Truth.model_fields, *Variability.model_fields))


@dataclass(frozen=True)
class Reference:
    """One place where something is called by name.

    Attributes
    ----------
    location : of the name; of its value where the name is a key.
    holder : the entry that means nothing without it.
    what, name : what is called, and how.
    fields : for a key, the words of the format that may stand in its place; else None.
    """

    location: Location
    holder: Location
    what: What
    name: str
    fields: tuple[str, ...] | None = None

    def complaint(self, known: Iterable[str]) -> str:
        """Return what to say where the name is none of the known ones."""
        names = tuple(known)
        if self.fields is None:
            return unknown(self.what, self.name, names, plural=PLURAL[self.what])
        hint = nearest(self.name, (*names, *self.fields))
        mean = f'; did you mean "{hint}"?' if hint else ";"
        listed = ", ".join(names) or "none is declared"
        if self.fields and self.fields != ("model",):
            return f"unknown key{mean} allowed: {', '.join(self.fields)}, or an {self.what}: " + (
                listed
            )
        return f"unknown {self.what}{mean} {PLURAL[self.what]}: {listed}"


def references(data: object) -> Iterator[Reference]:
    """Yield every reference of a scenario as plain data; what has no sense is passed over."""
    root = _map(data)
    design = _map(root.get("design"))
    yield from _of_arms(_map(design.get("arms")))
    yield from _of_losses(_map(design.get("attrition")))
    yield from _of_truth(_map(root.get("truth")))
    analysis = _map(root.get("analysis"))
    for kind in ("families", "trends"):
        for key, plan in _map(analysis.get(kind)).items():
            at: Location = ("analysis", kind, key)
            yield from _named(plan, at, at, endpoint="endpoint", arms="arm", against="arm")
    power = _map(root.get("decision")).get("power")
    at = ("decision", "power")
    yield from _named(power, at, at, family="family", arms="arm")


def declared(data: object) -> dict[What, tuple[str, ...]]:
    """Return every name by which something may be called; arms also by dose list and role."""
    root = _map(data)
    design = _map(root.get("design"))
    arms = _map(design.get("arms"))
    others = [
        name
        for field in ("group", "role")
        for arm in arms.values()
        if isinstance(name := _map(arm).get(field), str)
    ]
    return {
        "arm": tuple(dict.fromkeys((*arms, *others))),
        "endpoint": tuple(_map(design.get("endpoints"))),
        "substance": tuple(_map(design.get("substances"))),
        "schedule": tuple(_map(design.get("schedules"))),
        "family": tuple(_map(_map(root.get("analysis")).get("families"))) or (DEFAULT_FAMILY,),
    }


def dangling(data: object) -> list[Problem]:
    """Return a problem for every reference of a scenario to something that is not declared."""
    known = declared(data)
    return [
        Problem(".".join(map(str, one.location)), one.complaint(known[one.what]))
        for one in references(data)
        if one.name not in known[one.what]
    ]


def several_arms(name: str, arms: Iterable[str]) -> str:
    """Return what to say of a name that means several arms where one is due."""
    many = tuple(arms)
    return f'"{name}" means {len(many)} arms ({", ".join(many)}): name one'


def reserved(name: str) -> str:
    """Return what to say of an id that is a word of the format."""
    return f'"{name}" is a word of this format: choose another id'


def _map(data: object) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


def _named(data: object, at: Location, holder: Location, **fields: What) -> Iterator[Reference]:
    """Yield the references of fields that hold a name or a list of names."""
    for field, what in fields.items():
        value = _map(data).get(field)
        if isinstance(value, str):
            yield Reference((*at, field), holder, what, value)
        for i, item in enumerate(value if isinstance(value, list | tuple) else ()):
            if isinstance(item, str):
                yield Reference((*at, field, i), holder, what, item)


def _keys(data: object, at: Location, what: What, fields: Iterable[str]) -> Iterator[Reference]:
    """Yield the keys of a mapping whose keys, but for the fields, are ids."""
    words = tuple(fields)
    for key in _map(data):
        if key not in words:
            yield Reference((*at, key), (*at, key), what, key, words)


def _of_arms(arms: Mapping[str, Any]) -> Iterator[Reference]:
    for key, arm in arms.items():
        holder: Location = ("design", "arms", key)
        regimens = _map(arm).get("regimens")
        for i, regimen in enumerate(regimens if isinstance(regimens, list | tuple) else ()):
            at: Location = (*holder, "regimens", i)
            yield from _named(regimen, at, holder, substance="substance", schedule="schedule")


def _of_losses(attrition: Mapping[str, Any]) -> Iterator[Reference]:
    at: Location = ("design", "attrition")
    yield from _keys(attrition.get("by_arm"), (*at, "by_arm"), "arm", ())
    yield from _keys(attrition.get("samples"), (*at, "samples"), "endpoint", ())


def _of_truth(truth: Mapping[str, Any]) -> Iterator[Reference]:
    yield from _keys(truth, ("truth",), "endpoint", Truth.model_fields)
    spreads: Location = ("truth", "variability")
    yield from _keys(truth.get("variability"), spreads, "endpoint", Variability.model_fields)
    yield from _keys(truth.get("effects"), ("truth", "effects"), "substance", ())
    responses: list[tuple[Location, object]] = [(("truth", "response"), truth.get("response"))]
    for key, stated in truth.items():
        if key not in Truth.model_fields:
            responses.append((("truth", key, "response"), _map(stated).get("response")))
    for at, response in responses:
        model = _map(response).get("model")
        if model in ("fold", "emax"):
            yield from _keys(response, at, "arm" if model == "fold" else "substance", ("model",))
