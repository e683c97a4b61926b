"""The state of a page: the text of a scenario, and what was changed in it by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from simulator.errors import Problem, ScenarioError
from simulator.web.limits import LONGEST_CHANGE, MOST_CHANGES, beyond

if TYPE_CHECKING:
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded

#: Most values of a link that are looked at.
_MOST: Final = 2_000


@dataclass(frozen=True)
class Plan:
    """A scenario's text with changes: all that a view of the page is made from.

    Attributes
    ----------
    text : YAML.
    name : heads messages: a catalogue id, or the name of an uploaded file.
    changes : value by path, as ``afcsim`` worlds and the link write them.
    catalogued : whether the text is that of the catalogue scenario ``name``.
    served : whether the text is the file that the page was started with.
    """

    text: str
    name: str
    changes: Mapping[str, str] = field(default_factory=dict)
    catalogued: bool = False
    served: bool = False

    def base(self) -> Loaded:
        """Return the scenario of the text alone.

        Raises
        ------
        ScenarioError : with every problem of the text.
        """
        return _loaded(self.text, self.name)

    def loaded(self) -> Loaded:
        """Return the scenario with its changes.

        Raises
        ------
        ScenarioError : with every problem of text and changes, or what a page cannot take on.
        """
        from simulator.scenario_files.changes import change

        problems = _too_much(self.changes)
        if problems:
            raise ScenarioError(self.name, problems)
        found = change(self.base(), self.changes, name=self.name)
        large = beyond(found.scenario)
        if large:
            raise ScenarioError(self.name, large)
        return found

    def with_changes(self, changes: Mapping[str, str]) -> Plan:
        """Return the same text with other changes."""
        return replace(self, changes=dict(changes))

    def edited(self, text: str) -> Plan:
        """Return the plan of another text that was made of this one's."""
        mark = " (edited)"
        return Plan(text, self.name.removesuffix(mark) + mark)

    def query(self) -> str | None:
        """Return what stands after ``?`` in a link to this view; None for a text of its own."""
        if not self.catalogued and not self.served:
            return None
        pairs = [("scenario", self.name)] if self.catalogued else []
        pairs += [("set", f"{path}={value}") for path, value in self.changes.items()]
        return urlencode(pairs)


def catalogue_plan(scenario: str, changes: Mapping[str, str] | None = None) -> Plan:
    """Return the plan of a catalogue scenario. Looks its id up; opens nothing else.

    Raises
    ------
    ScenarioError : there is no such scenario.
    """
    from simulator.scenario_files import catalogue

    known = {entry.id: entry.path for entry in catalogue()}
    if scenario not in known:
        shown = scenario[:64] + "..." * (len(scenario) > 64)
        message = f"no such scenario in the catalogue: {', '.join(known)}"
        raise ScenarioError(shown, [Problem("scenario", message)])
    text = known[scenario].read_text(encoding="utf-8")
    return Plan(text, scenario, dict(changes or {}), catalogued=True)


def plan_of_query(query: str, *, otherwise: Plan) -> Plan:
    """Return the plan of a link; ``otherwise``, with the link's changes, where it names none.

    Parameters
    ----------
    query : ``?scenario=ID&set=path=value&set=...``

    Raises
    ------
    ScenarioError : it names no scenario of the catalogue, a ``set`` has no value or more than
        one line, or there are too many of them.
    """
    try:
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=_MOST)
    except ValueError:
        message = f"a link holds at most {_MOST:,} values"
        raise ScenarioError("link", [Problem("", message)]) from None
    named = [value for key, value in pairs if key == "scenario"]
    changes: dict[str, str] = {}
    problems: list[Problem] = []
    for value in (value for key, value in pairs if key == "set"):
        path, sign, new = value.partition("=")
        if not (sign and path.strip() and new.strip()):
            problems.append(Problem(value[:64], "a link sets a value by set=path=value"))
        elif len(value.splitlines()) > 1:  # the inputs could not give it back
            problems.append(Problem(path.strip()[:64], "a value in a link has one line"))
        else:
            changes[path.strip()] = new.strip()
    if problems:
        raise ScenarioError("link", problems)
    plan = catalogue_plan(named[-1]) if named else otherwise
    return plan.with_changes({**plan.changes, **changes})


def differences(before: Scenario, after: Scenario) -> Sequence[tuple[str, str, str]]:
    """Return (path, value before, value after) of what differs between two resolved scenarios."""
    old, new = (dict(_leaves(scenario.canonical())) for scenario in (before, after))
    return [
        (path, old.get(path, "-"), new.get(path, "-"))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def _leaves(node: object, path: str = "") -> Sequence[tuple[str, str]]:
    if isinstance(node, Mapping):
        if "value" in node and "status" in node:
            return [(path, str(node["value"]))]
        inner = [
            _leaves(child, f"{path}.{key}" if path else str(key)) for key, child in node.items()
        ]
        return [leaf for leaves in inner for leaf in leaves]
    if isinstance(node, list) and any(isinstance(one, Mapping | list) for one in node):
        inner = [_leaves(child, f"{path}.{place}") for place, child in enumerate(node)]
        return [leaf for leaves in inner for leaf in leaves]
    return [(path, ", ".join(map(str, node)) if isinstance(node, list) else str(node))]


def _too_much(changes: Mapping[str, str]) -> list[Problem]:
    if len(changes) > MOST_CHANGES:
        message = f"{len(changes)} values are changed, of at most {MOST_CHANGES}: edit the file"
        return [Problem("", message)]
    return [
        Problem(path[:64], f"{len(text):,} characters are no value: at most {LONGEST_CHANGE:,}")
        for path, text in changes.items()
        if len(text) > LONGEST_CHANGE or len(path) > LONGEST_CHANGE
    ]


@lru_cache(maxsize=32)
def _loaded(text: str, name: str) -> Loaded:
    from simulator.scenario_files import load_text

    return load_text(text, name=name)
