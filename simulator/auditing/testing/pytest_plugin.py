"""The pytest plugin: simulated studies, and what is true in them, for the tests of an analysis.

pytest loads this file at every start, so it imports nothing heavy before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario
    from simulator.trial.cohort.simulate import Cohort

_MARK: Final = (
    "afcsim(scenario, *, replicates=20, n=10, null=False, seed=None, world=None): give the test "
    "simulated studies of a scenario (a path, or a name that `afcsim scenarios` lists) through "
    "the fixture afcsim_cohort, one at a time; null=True takes the scenario's effects away"
)
_EXAMPLE: Final = '@pytest.mark.afcsim("quick-start", replicates=20)'
_FIXTURES: Final = ("afcsim_cohort", "afcsim_scenario")
_KEYWORDS: Final = ("replicates", "n", "null", "seed", "world")
#: Tests of one mark; more studies than that are the work of `assert_operating_characteristics`.
_MOST: Final = 10_000


@dataclass(frozen=True)
class _Wanted:
    """What a mark asks for."""

    source: str
    replicates: int = 20
    n: int = 10
    null: bool = False
    seed: int | None = None
    world: str | None = None


class _Cohorts:
    """Simulated studies of one scenario, as they are asked for; drawn in blocks that are shared."""

    def __init__(self, scenario: Scenario, *, n: int) -> None:
        from simulator.trial.cohort.simulate import Cohorts

        self.scenario = scenario
        self._cohorts = Cohorts(scenario, n=n)  # nothing is set up twice

    def of(self, replicate: int) -> Cohort:
        return self._cohorts.of(replicate)


_LOADED: Final = pytest.StashKey[dict[_Wanted, "Scenario"]]()
_DRAWN: Final = pytest.StashKey[dict[_Wanted, _Cohorts]]()


class SimulatedStudy:
    """One simulated study; made when something of it is first asked for.

    Attributes
    ----------
    scenario : the scenario it is of (its null twin where the mark says ``null=True``); its
        ``analysis`` is the plan.
    replicate : which of its simulated studies.
    """

    def __init__(self, cohorts: _Cohorts, replicate: int) -> None:
        self.scenario = cohorts.scenario
        self.replicate = replicate
        self._cohorts = cohorts

    @cached_property
    def cohort(self) -> Cohort:
        """All of it, as `simulate_cohort` returns it."""
        return self._cohorts.of(self.replicate)

    @property
    def observations(self) -> pd.DataFrame:
        """One row per value: subject_id, arm, cage, endpoint, day, value, unit, censored."""
        return self.cohort.observations

    @property
    def truth(self) -> dict[str, Any]:
        """What the analysis never sees: expected responses and folds by endpoint and arm."""
        return self.cohort.truth

    @property
    def subjects(self) -> pd.DataFrame:
        """One row per mouse."""
        return self.cohort.subjects

    @property
    def doses(self) -> pd.DataFrame:
        """One row per injection."""
        return self.cohort.doses

    @property
    def timeline(self) -> pd.DataFrame:
        """What happened when."""
        return self.cohort.timeline

    def __repr__(self) -> str:
        return f"SimulatedStudy of {self.scenario.id}, replicate {self.replicate}"


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the mark."""
    config.addinivalue_line("markers", _MARK)
    config.stash[_LOADED] = {}
    config.stash[_DRAWN] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every replicate, and say now what is wrong with a mark."""
    mark = metafunc.definition.get_closest_marker("afcsim")
    asked = [name for name in _FIXTURES if name in metafunc.fixturenames]
    if mark is None and not asked:
        return
    try:
        wanted = _read(mark, asked, beside=metafunc.definition.path.parent)
        _load(metafunc.config, wanted)
    except _MarkError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
    if "afcsim_cohort" in asked:
        numbers = range(wanted.replicates)
        names = [f"replicate{number}" for number in numbers]
        metafunc.parametrize("afcsim_cohort", numbers, ids=names, indirect=True)


@pytest.fixture
def afcsim_cohort(request: pytest.FixtureRequest) -> SimulatedStudy:
    """One simulated study of the scenario in the test's mark; the test runs once per replicate."""
    if not hasattr(request, "param"):
        pytest.fail("name afcsim_cohort among the arguments of the test", pytrace=False)
    wanted, scenario = _marked(request)
    drawn = request.config.stash[_DRAWN]
    if wanted not in drawn:
        drawn[wanted] = _Cohorts(scenario, n=wanted.n)
    return SimulatedStudy(drawn[wanted], request.param)


@pytest.fixture
def afcsim_scenario(request: pytest.FixtureRequest) -> Scenario:
    """The scenario in the test's mark."""
    return _marked(request)[1]


class _MarkError(Exception):
    pass


def _marked(request: pytest.FixtureRequest) -> tuple[_Wanted, Scenario]:
    mark = request.node.get_closest_marker("afcsim")
    try:
        wanted = _read(mark, _FIXTURES, beside=request.path.parent)
        return wanted, _load(request.config, wanted)
    except _MarkError as error:  # asked for by request.getfixturevalue, unknown at collection
        pytest.fail(str(error), pytrace=False)


def _read(mark: pytest.Mark | None, asked: Sequence[str], *, beside: Path) -> _Wanted:
    """Return what a mark asks for.

    Parameters
    ----------
    asked : fixtures that the test has.
    beside : folder in which the scenario's file is looked for first: that of the test.
    """
    if mark is None:
        raise _MarkError(f"{asked[0]} needs the mark that names the scenario: {_EXAMPLE}")
    problems = []
    if len(mark.args) != 1 or not isinstance(mark.args[0], str | Path) or not str(mark.args[0]):
        problems.append(f"give one scenario, a path or a name: {_EXAMPLE}")
    for name in mark.kwargs:
        if name not in _KEYWORDS:
            near = get_close_matches(name, _KEYWORDS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(_KEYWORDS)}"
            problems.append(f"unknown keyword {name}: {meant}")
    problems += _out_of_range(mark.kwargs)
    if problems:
        raise _MarkError("; ".join(["the mark afcsim cannot be used", *problems]))
    source = str(mark.args[0])
    if (beside / source).is_file():
        source = str(beside / source)
    return _Wanted(source, **mark.kwargs)


def _out_of_range(keywords: Mapping[str, Any]) -> list[str]:
    found = []
    for name, least in (("replicates", 1), ("n", 1), ("seed", 0)):
        value = keywords.get(name)
        if name not in keywords or (name == "seed" and value is None):
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            found.append(f"{name}={value!r}: must be a whole number from {least}")
        elif name == "replicates" and value > _MOST:
            text = f"{name}={value}: at most {_MOST} tests are made; for more studies in one test"
            found.append(f"{text} see assert_operating_characteristics")
    if not isinstance(keywords.get("null", False), bool):
        found.append(f"null={keywords['null']!r}: must be True or False")
    if not isinstance(keywords.get("world"), str | None):
        found.append(f"world={keywords['world']!r}: must be the id of a world of the scenario")
    return found


def _load(config: pytest.Config, wanted: _Wanted) -> Scenario:
    loaded = config.stash[_LOADED]
    if wanted not in loaded:
        from simulator.errors import SimulatorError
        from simulator.scenario_files import load_scenario

        try:
            found = load_scenario(wanted.source, world=wanted.world, seed=wanted.seed)
        except SimulatorError as error:
            raise _MarkError(str(error)) from None
        loaded[wanted] = found.null_twin() if wanted.null else found
    return loaded[wanted]
