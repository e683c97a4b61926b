"""The audit of an analysis: a Python function, or a command that reads a CSV."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from simulator.auditing.collect import Data, Known, Record, Run, collect
from simulator.auditing.commands.journal import Journal
from simulator.auditing.estimands import ESTIMANDS, Estimand, true_values
from simulator.auditing.functions import Analysis, analyst_of, name_of
from simulator.auditing.lines.judge import judge
from simulator.auditing.outcome import Outcome
from simulator.auditing.recognise import recognise
from simulator.auditing.result import Audit, TrapResult
from simulator.auditing.silence import never_said, of_silence
from simulator.engine.engine import Engine
from simulator.engine.local import LocalEngine, Progress, default_threads
from simulator.scenario import Scenario
from simulator.trial.cohort.simulate import DEFAULT_SIZE
from simulator.versions import versions

#: Simulated studies of each world.
REPLICATES = 500
#: Chance that a right analysis is failed on any line.
FALSE_ALARM = 0.01
#: Seconds that one run of a command may take.
TIMEOUT = 60.0


def audit(
    function: Analysis,
    scenario: Scenario,
    *,
    replicates: int = REPLICATES,
    n: int | None = None,
    estimand: str = "fold_of_medians",
    confidence: float = 0.95,
    false_alarm: float = FALSE_ALARM,
    own_test: bool = False,
    progress: Progress | None = None,
) -> Audit:
    """Audit a Python function that analyses one study.

    It is given simulated studies of the scenario, and as many without any effect, and is judged
    by what it makes of them, beside what the scenario's own plan makes of them.

    Parameters
    ----------
    function : takes a table of observations (subject_id, arm, cage, endpoint, day, value, unit,
        censored) and returns one with the columns endpoint, treated, control, p_value and perhaps
        p_adjusted, estimate, ci_low, ci_high, rejected, u, family. What it raises is a failed run.
    scenario : resolved scenario; its analysis plan says what is compared.
    replicates : studies of each world.
    n : animals in an arm of ratio 1 (default 10).
    estimand : what ``estimate`` and its interval are about, one of `estimands.ESTIMANDS`.
    confidence : nominal level of the intervals.
    false_alarm : chance that an analysis that is right is failed on any line.
    own_test : whether the analysis is meant to be another test than the plan's: then it need not
        have the plan's p-values.
    progress : called with (runs done, runs in all).

    Raises
    ------
    ValueError : an unknown estimand, or a number out of range.

    Examples
    --------
    >>> from simulator import analyse, audit, load_scenario
    >>> scenario = load_scenario("quick-start")
    >>> def by_the_plan(observations):
    ...     return analyse(observations, scenario.analysis).to_frame()
    >>> audit(by_the_plan, scenario, replicates=200).verdict
    'pass'
    """
    data = Data(scenario, n=DEFAULT_SIZE if n is None else n)
    return _audit(
        data,
        data.given_to(analyst_of(function, scenario.analysis)),
        name_of(function),
        scenario,
        replicates=replicates,
        estimand=estimand,
        confidence=confidence,
        false_alarm=false_alarm,
        own_test=own_test,
        progress=progress,
    )


def audit_command(
    command: str,
    scenario: Scenario,
    *,
    replicates: int = REPLICATES,
    n: int | None = None,
    jobs: int | None = None,
    engine: Engine | None = None,
    timeout: float = TIMEOUT,
    estimand: str = "fold_of_medians",
    confidence: float = 0.95,
    false_alarm: float = FALSE_ALARM,
    own_test: bool = False,
    journal: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Audit:
    """Audit a command that reads a CSV of observations and writes a table of results.

    Parameters
    ----------
    command : the command line, see `command.Command`.
    jobs : runs at a time (default: the processors). The result does not depend on it.
    engine : of other processes, in place of ``jobs``. They need the command, its files at the
        same paths, and this version of the program. Nor does the result depend on it.
    timeout : seconds that one run may take.
    journal : file that keeps the finished runs while the audit is under way.
    resume : go on from what the journal has.
    scenario, replicates, n, estimand, confidence, false_alarm, own_test, progress : as of `audit`.

    Raises
    ------
    InputError : the command cannot be run.
    OutputError : the journal or the folders of the runs cannot be written.
    EngineError, ErrandError : the other processes cannot be reached, or cannot run the command.
    ValueError : as of `audit`.
    """
    from simulator.auditing.commands.command import Command
    from simulator.auditing.commands.command_line import read_command_line

    size, here = DEFAULT_SIZE if n is None else n, Path.cwd()
    line = read_command_line(command, folder=here)
    data = Data(scenario, n=size)
    with ExitStack() as stack:
        work: Callable[[Run], Outcome]
        if engine is None:
            analyst = stack.enter_context(Command(command, scenario=scenario, timeout=timeout))
            work, engine = data.given_to(analyst), LocalEngine(jobs, cancel=analyst.stop)
        else:
            from simulator.auditing.commands.elsewhere import Errand

            work = Errand.of(line, scenario, folder=here, n=size, timeout=timeout)
        book = None
        if journal is not None:
            key = {
                "digest": scenario.digest,
                "n": size,
                "fingerprint": line.fingerprint,
                "timeout": timeout,
                "version": versions()["afcsim"],
            }
            comparisons = len(scenario.analysis.comparisons)
            book = stack.enter_context(
                Journal.open(journal, key, comparisons=comparisons, resume=resume)
            )
        return _audit(
            data,
            work,
            line.text,
            scenario,
            replicates=replicates,
            estimand=estimand,
            confidence=confidence,
            false_alarm=false_alarm,
            own_test=own_test,
            engine=engine,
            known=None if book is None else book.known,
            record=None if book is None else book.record,
            progress=progress,
        )


def traps_command(
    command: str,
    scenario: Scenario,
    *,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> tuple[TrapResult, ...]:
    """Give a command small data sets with known right answers, in a scenario's words.

    Parameters
    ----------
    command, jobs, timeout : as of `audit_command`.
    scenario : its plan is to be answered.

    Raises
    ------
    InputError : the command cannot be run, or the plan compares nothing.
    OutputError : the folders of the runs cannot be written.
    """
    from simulator.auditing.commands.command import Command
    from simulator.auditing.traps import run_traps

    with Command(command, scenario=scenario, timeout=timeout) as analyst:
        return run_traps(
            analyst,
            scenario,
            told_plan=analyst.run if analyst.is_told_the_plan else None,
            jobs=default_threads() if jobs is None else jobs,
            cancel=analyst.stop,
            progress=progress,
        )


def _audit(
    data: Data,
    work: Callable[[Run], Outcome],
    name: str,
    scenario: Scenario,
    *,
    replicates: int,
    estimand: str,
    confidence: float,
    false_alarm: float,
    own_test: bool,
    progress: Progress | None,
    engine: Engine | None = None,
    known: Known | None = None,
    record: Record | None = None,
) -> Audit:
    if replicates < 1:
        raise ValueError(f"replicates {replicates}: must be from 1")
    for what, share in (("confidence", confidence), ("false_alarm", false_alarm)):
        if not 0 < share < 1:
            raise ValueError(f"{what} must be between 0 and 1, not {share}")
    wanted = estimand_of(estimand)
    found = collect(
        data,
        work,
        replicates=replicates,
        estimand=wanted,
        engine=engine,
        known=known,
        record=record,
        progress=progress,
    )
    written = found.runs["as written"]
    estimates = any(written.says(name) for name in ("estimate", "ci_low", "ci_high"))
    truth = true_values(scenario, wanted, n=data.n) if estimates else ()
    recognised = recognise(found.runs, data.frame, scenario.analysis)
    findings = (*never_said(found.runs), *recognised)
    lines = judge(
        found.runs,
        findings,
        estimand=wanted,
        truth=truth,
        false_alarm=false_alarm,
        confidence=confidence,
        own_test=own_test,
    )
    return Audit(
        analysis=name,
        scenario_id=scenario.id,
        digest=scenario.digest,
        seed=scenario.seed,
        n=data.n,
        replicates=written.replicates,
        estimand=wanted.id if estimates else "",
        truth=truth,
        confidence=confidence,
        false_alarm=false_alarm,
        lines=of_silence(lines, found.runs),
        findings=findings,
        runs=found.runs,
        stopped=found.stopped,
        asked=replicates,
    )


def estimand_of(name: str) -> Estimand:
    """Return an estimand by its name.

    Raises
    ------
    ValueError : an unknown one; says which there are.
    """
    if name not in ESTIMANDS:
        raise ValueError(f'unknown estimand "{name}"; allowed: {", ".join(ESTIMANDS)}')
    return ESTIMANDS[name]
