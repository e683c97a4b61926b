"""A run: an answer with all that has to be read with it. Report and statement are made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import Problem, RunFolderError
from simulator.evaluation.sizing.size_result import SampleSizeResult
from simulator.output.assumptions import Assumption, assumptions
from simulator.output.provenance import Provenance, stored_provenance
from simulator.output.run_folder import MARK

if TYPE_CHECKING:
    from simulator.evaluation.power_result import PowerResult
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded

_ANSWER, _SCENARIO = "result.json", "scenario.yaml"
#: No result of ours is larger; what is larger is not read.
_MAX_BYTES = 200_000_000


@dataclass(frozen=True)
class Run:
    """What was asked, what the answer is, and what it rests on.

    Attributes
    ----------
    scenario : resolved; in the world that was asked for.
    answer : of ``power`` or of ``size``.
    worlds : power at the same n under the other assumptions of the file, by their ids.
    warnings : what is unwise in the plan, and what the simulation found.
    assumed : what the answer merely assumes.
    origin : enough to repeat it.
    """

    scenario: Scenario
    answer: PowerResult | SampleSizeResult
    worlds: Mapping[str, PowerResult]
    warnings: tuple[Problem, ...]
    assumed: tuple[Assumption, ...]
    origin: Provenance

    @property
    def size(self) -> SampleSizeResult | None:
        """The answer about sample size; None where only power was asked for."""
        return self.answer if isinstance(self.answer, SampleSizeResult) else None

    @property
    def result(self) -> PowerResult:
        """What the study does at the n of the answer."""
        return self.answer.result if isinstance(self.answer, SampleSizeResult) else self.answer

    @property
    def certified(self) -> int | None:
        """The certified number per arm, if there is one."""
        return None if self.size is None else self.size.n_per_arm

    def to_dict(self) -> dict[str, Any]:
        """Return the answer with its warnings, assumptions and worlds as plain data."""
        return {
            **self.answer.to_dict(),
            "worlds": {name: result.to_dict() for name, result in self.worlds.items()},
            "warnings": [
                {"path": w.path, "line": w.line, "message": w.message} for w in self.warnings
            ],
            "assumed": [one.to_dict() for one in self.assumed],
        }


def run_of(
    loaded: Loaded,
    answer: PowerResult | SampleSizeResult,
    *,
    worlds: Mapping[str, PowerResult],
    origin: Provenance,
) -> Run:
    """Return the run of an answer, with what the plan and the simulation warn of.

    Parameters
    ----------
    loaded : the scenario as read, with its warnings and what it leaves open.
    """
    from simulator.evaluation.advice import false_alarms, in_practice

    scenario = loaded.scenario
    size = answer if isinstance(answer, SampleSizeResult) else None
    result = answer.result if isinstance(answer, SampleSizeResult) else answer
    alarm = false_alarms(result, scenario)
    told = [] if alarm is None else [Problem("type_i", alarm)]
    told += in_practice(scenario, result.n_per_arm)
    told += [] if size is None else [Problem("cross_checks", text) for text in size.warnings]
    return Run(
        scenario=scenario,
        answer=answer,
        worlds=worlds,
        warnings=(*loaded.warnings, *told),
        assumed=assumptions(scenario, loaded.defaults),
        origin=origin,
    )


def read_run(folder: str | Path) -> Run:
    """Read back the run folder of ``power`` or ``size``.

    Raises
    ------
    RunFolderError : it is not such a folder, is of another version, or was changed since.
    """
    from simulator.evaluation.power_result import PowerResult
    from simulator.evaluation.stored import stored_answer
    from simulator.scenario_files import read_scenario

    path = Path(folder)
    origin = stored_provenance(_json(path, MARK))
    if origin.made_with not in ("power", "size", ""):
        raise _refused(
            path,
            MARK,
            f"the folder is of afcsim {origin.made_with}; a report needs one of afcsim size or "
            "afcsim power",
        )
    data = _json(path, _ANSWER)
    scenario = read_scenario(path / _SCENARIO).scenario
    try:
        answer = stored_answer(data)
        worlds = {name: stored_answer(one) for name, one in data.get("worlds", {}).items()}
        warnings = tuple(Problem(w["path"], w["message"], w["line"], "warning") for w in data["warnings"])
        assumed = tuple(Assumption(**one) for one in data["assumed"])
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(
            path,
            _ANSWER,
            f"is not a whole result of this version ({type(error).__name__}: {error}); written by "
            f"afcsim {origin.versions.get('afcsim', 'of unknown version')}: run it again",
        ) from error
    if not scenario.digest == origin.digest == answer.digest:
        raise _refused(
            path,
            _SCENARIO,
            "is not the scenario of the result (their digests differ): somebody changed the "
            "folder; run it again",
        )
    return Run(
        scenario,
        answer,
        {name: one for name, one in worlds.items() if isinstance(one, PowerResult)},
        warnings,
        assumed,
        origin,
    )


def _json(folder: Path, name: str) -> dict[str, Any]:
    """Return an object of a file of a run folder."""
    path = folder / name
    try:
        if not folder.is_dir():
            raise _refused(folder, "", "is not a folder: give one that afcsim size -o wrote")
        if not path.is_file():
            raise _refused(
                folder, name, "is missing: this is not the run folder of afcsim size or power"
            )
        if path.stat().st_size > _MAX_BYTES:
            raise _refused(folder, name, f"is larger than {_MAX_BYTES:,} bytes: not of afcsim")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refused(folder, name, f"cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise _refused(folder, name, "is not of afcsim")
    return found


def _refused(folder: Path, name: str, message: str) -> RunFolderError:
    return RunFolderError(str(folder), [Problem(name, message)])
