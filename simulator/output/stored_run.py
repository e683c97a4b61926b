"""A run read back from its folder, if the folder is whole and nobody changed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.errors import Problem, RunFolderError
from simulator.output.assumptions import Assumption
from simulator.output.provenance import Provenance, seal_of, stored_provenance
from simulator.output.run import Run
from simulator.output.run_folder import MARK, digest_of

_ANSWER, _SCENARIO = "result.json", "scenario.yaml"
_FIRST = "first write one with afcsim size FILE -o DIR, then give DIR"
_MISSING = f"is missing: this is not the run folder of afcsim size or power; {_FIRST}"
_CHANGED = "was changed after it was written: run it again"
#: No result of ours is larger; what is larger is not read.
_MAX_BYTES = 200_000_000


def read_run(folder: str | Path) -> Run:
    """Read back the run folder of ``power`` or ``size``.

    Raises
    ------
    RunFolderError : it is not such a folder, is of another version, or was changed since.
    """
    from simulator.evaluation.power_result import PowerResult
    from simulator.evaluation.stored import stored_answer, stored_assurance, stored_world_size
    from simulator.scenario_files import read_scenario

    path = Path(folder)
    origin = _origin(path)
    data = _json(path, _ANSWER)
    if not (path / _SCENARIO).is_file():
        raise _refused(path, _SCENARIO, _MISSING)
    scenario = read_scenario(path / _SCENARIO).scenario
    try:
        answer = stored_answer(data)
        worlds = {name: stored_answer(one) for name, one in data.get("worlds", {}).items()}
        run = Run(
            scenario,
            answer,
            {name: one for name, one in worlds.items() if isinstance(one, PowerResult)},
            tuple(_warning(one) for one in data["warnings"]),
            tuple(Assumption(**one) for one in data["assumed"]),
            origin,
            stored_assurance(data["assurance"]) if "assurance" in data else None,
            {name: stored_world_size(one) for name, one in data.get("by_world", {}).items()},
        )
        _check_names(run)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise _refused(
            path,
            _ANSWER,
            f"is not a whole result of this version ({type(error).__name__}: {error}); written by "
            f"afcsim {origin.versions.get('afcsim', 'of unknown version')}: run it again",
        ) from error
    for name, digest in ((_ANSWER, answer.digest), (_SCENARIO, scenario.digest)):
        if digest != origin.digest:
            raise _refused(path, name, f"is of another scenario (their digests differ): {_CHANGED}")
    if digest_of(path / _ANSWER) != origin.answer:
        raise _refused(path, _ANSWER, _CHANGED)
    return run


def _origin(path: Path) -> Provenance:
    """Return where a folder is from, if it is from a command that answers."""
    data = _json(path, MARK)
    try:
        origin = stored_provenance(data)
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(path, MARK, f"is not of afcsim: {error}; {_FIRST}") from error
    texts = (origin.digest, origin.made_with, origin.made_at, origin.machine)
    tables = (origin.versions, origin.settings)
    numbers = (origin.seed, origin.block_size)
    if not (
        all(isinstance(one, str) for one in texts)
        and all(isinstance(one, dict) for one in tables)
        and all(isinstance(one, int) for one in numbers)
    ):
        raise _refused(path, MARK, f"is not of afcsim; {_FIRST}")
    if origin.made_with not in ("power", "size", ""):
        raise _refused(
            path,
            MARK,
            f"the folder is of afcsim {origin.made_with}; one of afcsim size or afcsim power is "
            f"due: {_FIRST}",
        )
    if "seal" not in data:
        version = origin.versions.get("afcsim", "")
        raise _refused(
            path, MARK, f"has no seal; older versions ({version}) set none: run it again"
        )
    if data["seal"] != seal_of(data):
        raise _refused(path, MARK, _CHANGED)
    return origin


def _warning(data: Mapping[str, str]) -> Problem:
    """Return a warning that was written."""
    line = data["line"]
    return Problem(
        data["path"] + "", data["message"] + "", None if line is None else int(line), "warning"
    )


def _check_names(run: Run) -> None:
    """Raise where a result is of arms and families that the scenario does not have.

    Raises
    ------
    ValueError : it is.
    """
    arms, plan = set(run.scenario.design.arms), run.scenario.analysis
    for result in (run.result, *run.worlds.values()):
        named = {name for one in result.comparisons for name in (one.treated, one.control)}
        families = {result.decision_family, *(one.family for one in result.families)}
        families |= {one.family for one in result.comparisons}
        known = named <= set(result.sizes) == arms and families <= set(plan.families)
        if not (known and any(point.n == result.n_per_arm for point in result.curve)):
            raise ValueError("it is of another study")


def _json(folder: Path, name: str) -> dict[str, Any]:
    """Return an object of a file of a run folder."""
    path = folder / name
    try:
        if not _is_folder(folder):
            raise _refused(folder, "", f"is not a folder: {_FIRST}")
        if not path.is_file():
            raise _refused(folder, name, _MISSING)
        if path.stat().st_size > _MAX_BYTES:
            raise _refused(folder, name, f"is larger than {_MAX_BYTES:,} bytes: not of afcsim")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(folder, name, f"cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise _refused(folder, name, "is not of afcsim")
    return found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long, forbidden, or not a name at all
        return False


def _refused(folder: Path, name: str, message: str) -> RunFolderError:
    return RunFolderError(str(folder), [Problem(name, message)])
