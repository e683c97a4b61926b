"""Text or file -> Loaded: the scenario, its warnings, and what the file did not state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario.suggestion import nearest, unknown
from simulator.scenario_files.catalogue import catalogue, catalogue_path
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.defaults import Default, unstated
from simulator.scenario_files.resolution import resolve
from simulator.scenario_files.sweeps import first_of, sweep_problems
from simulator.scenario_files.worlds import read_worlds
from simulator.scenario_files.yaml_text import read_yaml

MAX_BYTES = 1_000_000
#: Names of a folder that are looked at for the one that was meant.
_MOST_NEIGHBOURS = 1_000


@dataclass(frozen=True)
class Loaded:
    """A scenario as loaded.

    Attributes
    ----------
    scenario : resolved.
    warnings : what is unwise in the plan, in file order.
    defaults : what the file did not state, in the order of the resolved form.
    worlds : the same study under the other assumptions of the file, by their ids.
    planned : the scenario as the file plans it, where it was read in a world; else None.
    """

    scenario: Scenario
    warnings: tuple[Problem, ...]
    defaults: tuple[Default, ...]
    worlds: Mapping[str, Scenario]
    planned: Scenario | None = None


def load_scenario(
    source: str | Path, *, world: str | None = None, seed: int | None = None
) -> Scenario:
    """Load a scenario from a YAML file, or from the catalogue by its id.

    Parameters
    ----------
    source : path of a file, or the id of a catalogue scenario.
    world : id of one of its worlds; its overrides are applied.
    seed : seed to use instead of the file's.

    Raises
    ------
    ScenarioError : with every problem of the file.

    Examples
    --------
    >>> from simulator.scenario_files import load_scenario
    >>> load_scenario("quick-start").design.sizes(10)
    {'saline': 10, 'drug': 10}
    """
    return read_scenario(source, world=world, seed=seed).scenario


def read_scenario(
    source: str | Path,
    *,
    world: str | None = None,
    seed: int | None = None,
    swept: bool = False,
) -> Loaded:
    """Load a scenario with its warnings and assumed defaults; see ``load_scenario``.

    Parameters
    ----------
    swept : check the paths and values of its sweep too, which takes some ms for each.
    """
    name = str(source) if str(source).isprintable() else repr(str(source))
    name = name if len(name) <= 1000 else name[:100] + "..."
    path = Path(source)
    if not str(source) or not _exists(path):
        known = catalogue_path(name)
        if known is None:
            raise ScenarioError(name, [Problem("", _not_found(name))])
        path = known
    return load_text(_read(path, name), name=name, world=world, seed=seed, swept=swept)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, forbidden, or not a name at all
        return False


def load_text(
    text: str,
    *,
    name: str = "<text>",
    world: str | None = None,
    seed: int | None = None,
    swept: bool = False,
) -> Loaded:
    """Load a scenario from YAML text; ``name`` heads its message. See ``read_scenario``.

    Raises
    ------
    ScenarioError : with every problem of the text.
    """
    found = Collector()
    if len(text) > MAX_BYTES:
        raise ScenarioError(name, [Problem("", _too_large(len(text)))])
    if not text.strip():
        raise ScenarioError(name, [Problem("", "the file is empty: afcsim new writes a first one")])
    root, problems = read_yaml(text.removeprefix("\ufeff"))
    found.problems.extend(problems)
    if root is None:
        if not problems:
            found.problems.append(Problem("", "there is nothing but comments in this file"))
        raise ScenarioError(name, found.errors)
    resolution = resolve(root, found)
    base = resolution.scenario
    if base is None:
        raise ScenarioError(name, found.errors)
    worlds = read_worlds(base, resolution.tree, found)
    if swept and not found.errors:  # laid over what is wrong, any value would be
        found.problems.extend(first_of(sweep_problems(base, tree=resolution.tree)))
    if found.errors:
        raise ScenarioError(name, found.errors)
    overrides = {key: one.overrides for key, one in worlds.items()}
    decision = base.decision.model_copy(update={"worlds": overrides})
    scenario = base.model_copy(update={"decision": decision})
    others = {key: one.scenario for key, one in worlds.items() if one.scenario is not None}
    defaults = unstated(scenario, resolution.tree)
    warnings = tuple(found.warnings)
    planned = None if world is None else scenario
    if world is not None:
        if world not in others:
            message = unknown("world", world, others, plural="worlds")
            raise ScenarioError(name, [Problem("decision.worlds", message)])
        scenario, warnings = others[world], worlds[world].warnings
        defaults = tuple(d for d in defaults if not _within(d.path, set(overrides[world])))
    if seed is not None:
        if isinstance(seed, bool) or not 0 <= seed < 2**63:
            message = f"{seed} must be a whole number from 0 to 2^63 - 1"
            raise ScenarioError(name, [Problem("seed", message)])
        scenario = scenario.model_copy(update={"seed": seed})
        others = {key: one.model_copy(update={"seed": seed}) for key, one in others.items()}
    return Loaded(scenario, warnings, defaults, others, planned)


def _within(path: str, changed: set[str]) -> bool:
    return any(path == c or path.startswith(c + ".") or c.startswith(path + ".") for c in changed)


def _read(path: Path, name: str) -> str:
    """Return the text of a file.

    Raises
    ------
    ScenarioError : it cannot be read, is too large, or is not text.
    """

    def refuse(message: str) -> ScenarioError:
        return ScenarioError(name, [Problem("", message)])

    try:
        if path.is_dir():
            raise refuse("is a folder: give a .yaml file in it")
        if not path.is_file():
            raise refuse("is not a file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refuse(_too_large(size))
        data = path.read_bytes()
    except PermissionError:
        raise refuse("may not be read: no permission") from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "this is not text (UTF-8): save the file as plain text in UTF-8"
        raise ScenarioError(name, [Problem("", message, line)]) from None


def _too_large(size: int) -> str:
    return f"the file has {size:,} bytes; a scenario has at most {MAX_BYTES:,}"


def _not_found(name: str) -> str:
    """Say that there is nothing of this name, and what is nearest to it: never the whole list."""
    hint = nearest(Path(name).stem, [entry.id for entry in catalogue()]) or _neighbour(name)
    mean = f'; did you mean "{hint}"?' if hint is not None else ";"
    listed = "afcsim scenarios lists those of the program"
    return f"there is no such file, folder or scenario{mean} {listed}"


def _neighbour(name: str) -> str | None:
    """Return the scenario file of the same folder that was probably meant."""
    folder = Path(name).parent
    try:
        files = [one.name for one in islice(folder.iterdir(), _MOST_NEIGHBOURS)]
    except (OSError, ValueError):  # no folder, forbidden, or not a name at all
        return None
    match = nearest(Path(name).name, [one for one in files if one.endswith((".yaml", ".yml"))])
    return None if match is None else str(folder / match)
