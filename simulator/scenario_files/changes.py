"""A scenario with some of its values changed by path, as the planner page and links change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario.analysis_plan import AnalysisPlan
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.loading import Loaded
from simulator.scenario_files.node import Node, located, plain
from simulator.scenario_files.overrides import apply, rewrite
from simulator.scenario_files.resolution import resolve
from simulator.scenario_files.worlds import read_worlds
from simulator.scenario_files.yaml_text import read_yaml

#: Options that only some tests use: told of where they are stated and not used.
_OPTIONS: Final = ("method", "convention")


def change(base: Loaded, changes: Mapping[str, str], *, name: str = "<changed>") -> Loaded:
    """Return a scenario with values changed, complete and criticised like one of a file.

    Parameters
    ----------
    base : as loaded.
    changes : value by path; a path as in ``decision.worlds``, a value as a file would write it.
    name : heads the message.

    Returns
    -------
    What loading the dump of the changed scenario gives, but that ``defaults`` still tells what
    the file of ``base`` did not state, and that nobody is warned of an unused default of the
    analysis; problems are placed by path, without lines.

    Raises
    ------
    ScenarioError : with every problem, at the path of the change that caused it where that is
        known.
    """
    if not changes:
        return base
    found = Collector()
    document = located(_without_defaults(base.scenario))
    touched = _lay(base, changes, document, found)
    resolution = resolve(document, found)  # in any case: all problems at once
    if resolution.scenario is None or found.errors:
        raise ScenarioError(name, found.errors)
    scenario = resolution.scenario
    worlds = read_worlds(scenario, resolution.tree, found)
    if found.errors:
        raise ScenarioError(name, found.errors)
    overrides = {key: one.overrides for key, one in worlds.items()}
    decision = scenario.decision.model_copy(update={"worlds": overrides})
    return Loaded(
        scenario.model_copy(update={"decision": decision}),
        tuple(found.warnings),
        tuple(d for d in base.defaults if not any(_meet(d.path, path) for path in touched)),
        {key: one.scenario for key, one in worlds.items() if one.scenario is not None},
    )


def _without_defaults(scenario: Scenario) -> dict[str, Any]:
    """Return the resolved form without the options of the analysis that are as by default."""
    data = scenario.canonical()
    for option in _OPTIONS:
        if data["analysis"].get(option) == AnalysisPlan.model_fields[option].default:
            del data["analysis"][option]
    return data


def _lay(
    base: Loaded, changes: Mapping[str, str], document: Node, found: Collector
) -> tuple[str, ...]:
    """Lay the changes over a document; return their full paths."""
    touched: list[str] = []
    for path, text in changes.items():
        value = _value(path, text, found)
        if value is None:
            continue
        try:
            for full, item in rewrite(base.scenario, path, plain(value)):
                touched.append(full)
                node = located(item, path=path)
                node.text = value.text
                apply(base.scenario, document, full, node)
        except ValueError as error:
            found.add(Node(None, None, path), str(error))
    return tuple(touched)


def _value(path: str, text: str, found: Collector) -> Node | None:
    """Return what a value as a file would write it means; None where that is nothing."""
    root, problems = read_yaml(text)
    found.problems.extend(Problem(path, one.message) for one in problems)
    if root is None and not problems:
        found.problems.append(Problem(path, "a value is missing"))
    return None if problems else root


def _meet(path: str, changed: str) -> bool:
    """Whether one of two paths is the other or lies within it."""
    return path == changed or path.startswith(changed + ".") or changed.startswith(path + ".")
