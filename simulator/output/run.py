"""A run: an answer with all that has to be read with it. Report and statement are made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import Problem, RunFolderError
from simulator.evaluation.sizing.size_result import SampleSizeResult
from simulator.output.assumptions import Assumption, assumptions
from simulator.output.provenance import Provenance, seal_of, stored_provenance
from simulator.output.run_folder import MARK, digest_of

if TYPE_CHECKING:
    from simulator.evaluation.characteristics import Probability
    from simulator.evaluation.power_result import PowerResult
    from simulator.scenario import Scenario
    from simulator.scenario.attrition import Headcount
    from simulator.scenario_files import Loaded

_ANSWER, _SCENARIO = "result.json", "scenario.yaml"
_FIRST = "first write one with afcsim size FILE -o DIR, then give DIR"
_MISSING = f"is missing: this is not the run folder of afcsim size or power; {_FIRST}"
_CHANGED = "was changed after it was written: run it again"
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

    @property
    def power(self) -> Probability:
        """What the target is held against, at the n of the answer: confirmed where certified."""
        if self.size is not None:
            return self.size.power
        n = self.result.n_per_arm  # the curve holds it, also where it is outside of the range
        return next(point.target for point in self.result.curve if point.n == n)

    @property
    def animals(self) -> Headcount:
        """The animals of the study at the n of the answer."""
        from simulator.scenario.enrolment import study_headcount

        if self.size is not None:
            return self.size.animals
        return study_headcount(self.scenario, self.result.n_per_arm)

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
    texts = {
        "type_i": [] if alarm is None else [alarm],
        "n_per_arm": [] if size is not None else list(_out_of_reach(scenario, result)),
        "untestable": list(_untestable(result)),
        "cross_checks": [] if size is None else list(size.warnings),
    }
    told = [
        Problem(path, text, severity="warning") for path, some in texts.items() for text in some
    ]
    told += in_practice(scenario, result.n_per_arm)
    return Run(
        scenario=scenario,
        answer=answer,
        worlds=worlds,
        warnings=(*loaded.warnings, *told),
        assumed=assumptions(
            scenario, loaded.defaults, replicates=origin.settings.get("replicates")
        ),
        origin=origin,
    )


def _out_of_reach(scenario: Scenario, result: PowerResult) -> Iterator[str]:
    """Yield why nothing in the decision's family can be significant with so few, if that is so."""
    from simulator.output.wording.next_step import out_of_reach

    family = result.decision_family
    why = out_of_reach(scenario, n=result.n_per_arm, family=family)
    if why is not None:
        yield f"{family}: {why}"


def _untestable(result: PowerResult) -> Iterator[str]:
    """Yield in how many simulated studies a comparison could not be tested, of the worst."""
    worst = max(result.comparisons, key=lambda row: row.untestable.value, default=None)
    if worst is None or not worst.untestable.count:
        return
    others = sum(row.untestable.count > 0 for row in result.comparisons) - 1
    more = f"; so it is in {others} more comparison{'s' if others > 1 else ''}" if others else ""
    yield (
        f"{worst.endpoint}, {worst.treated} v {worst.control}: in {worst.untestable.value:.2g} of "
        "the simulated studies no test could be made (fewer than 2 animals left in an arm, or "
        f"all values equal); these count as not significant{more}"
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
