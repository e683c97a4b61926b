"""The command that tests other people's analysis code: audit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.cli.guard import NO, STOPPED, fail, guarded
from simulator.cli.options import (
    AsJson,
    Force,
    OutFolder,
    Scheduler,
    Seed,
    Workers,
    World,
    engine_elsewhere,
)
from simulator.cli.trapping import BORROWED

if TYPE_CHECKING:
    from simulator.engine.local import Progress
    from simulator.scenario_files import Loaded

_REPLICATES, _TIMEOUT, _FALSE_ALARM = 500, 60.0, 0.01


class EstimandName(StrEnum):
    """What the estimates of an analysis are of."""

    FOLD_OF_MEDIANS = "fold_of_medians"
    FOLD_OF_MEANS = "fold_of_means"
    FOLD_OF_GEOMETRIC_MEANS = "fold_of_geometric_means"
    DIFFERENCE_OF_MEDIANS = "difference_of_medians"
    DIFFERENCE_OF_MEANS = "difference_of_means"
    RELATIVE_EFFECT = "relative_effect"
    HODGES_LEHMANN_RATIO = "hodges_lehmann_ratio"
    HODGES_LEHMANN_SHIFT = "hodges_lehmann_shift"


@guarded
def audit(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="Scenario file, or the id of a catalogue scenario "
            f"(with --traps may be left out: {BORROWED}).",
        ),
    ] = None,
    *,
    command: Annotated[
        str,
        typer.Option(
            "--command",
            "-c",
            help="The analysis, e.g. 'Rscript analysis.R {data} {result}'. No shell reads it.",
        ),
    ],
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            "-r",
            min=1,
            max=1_000_000,
            help="Simulated studies with the effects, and as many without "
            f"(default: {_REPLICATES}).",
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=10_000, help="Animals per arm (default: 10)."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            max=1024,
            help="Runs at the same time (default: processors). The numbers do not depend on it.",
        ),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=0.1, max=86_400, help="Seconds that one run may take."),
    ] = _TIMEOUT,
    estimand: Annotated[
        EstimandName | None,
        typer.Option(
            "--estimand", help="What the column estimate is of (default: fold_of_medians)."
        ),
    ] = None,
    false_alarm: Annotated[
        float | None,
        typer.Option(
            "--false-alarm",
            min=1e-6,
            max=0.5,
            help=f"Chance that a right analysis fails on any check (default: {_FALSE_ALARM:g}).",
        ),
    ] = None,
    own_test: Annotated[
        bool,
        typer.Option(
            "--own-test",
            help="It is meant to be another test than the plan's: whether the p-values agree is "
            "told, not judged.",
        ),
    ] = False,
    traps: Annotated[
        bool,
        typer.Option("--traps", help="Only give it small data sets with known right answers."),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on where a stopped audit into the same folder (-o) ended."
        ),
    ] = False,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Audit your analysis script on simulated studies whose truth is known.

    The command is run on every simulated study, each time in a folder of its own:
    {data} is the CSV to read (subject_id, arm, cage, endpoint, day, value, unit,
    censored), {result} the CSV or JSON to write (what is printed, if it is not
    named), {plan}, if named, a CSV of the comparisons that the plan makes.

    With --workers or --scheduler other processes run it: the command, and the files that
    it names, have to be there on all their machines, at the same paths.

    The result has a row per comparison: endpoint, treated, control, p_value, and
    perhaps p_adjusted, estimate, ci_low, ci_high, rejected, u, family.

    Exit code 0: it passes; 1: it fails, or there are not enough replicates to tell;
    2: bad input.

    Example: [bold]afcsim audit quick-start --command 'Rscript analysis.R {data} {result}'[/bold]
    """
    from simulator.cli.trapping import give_traps
    from simulator.output.audit_journal import JOURNAL
    from simulator.scenario_files import read_scenario

    if traps:
        given = {
            "--replicates": replicates, "--n": n, "--estimand": estimand,
            "--false-alarm": false_alarm, "--own-test": own_test or None,
            "--resume": resume or None, "--workers": workers, "--scheduler": scheduler,
        }  # fmt: skip
        if refused := [name for name, value in given.items() if value is not None]:
            fail(f"{', '.join(refused)}: cannot be combined with --traps, which simulates nothing")
        source = source or BORROWED
        give_traps(
            command,
            read_scenario(source, world=world, seed=seed),
            {"source": source, "world": world, "timeout": timeout, "jobs": jobs},
            output=output,
            force=force,
            as_json=as_json,
        )
        return
    if source is None:
        fail(
            "name a scenario file, or the id of a catalogue scenario (afcsim scenarios): the "
            "analysis is given studies of it; --traps needs none"
        )
    if resume and output is None:
        fail("--resume: name the folder of the audit with -o; without one nothing is kept")
    if resume and not force and output and (output.expanduser() / JOURNAL).is_file():
        fail(
            f"{output}: this audit is complete; --resume --force goes on from its runs (with more "
            "--replicates) and replaces the folder"
        )
    settings = {
        "replicates": replicates or _REPLICATES,
        "n": n,
        "timeout": timeout,
        "estimand": str(estimand or EstimandName.FOLD_OF_MEDIANS),
        "false_alarm": false_alarm or _FALSE_ALARM,
        "own_test": own_test,
    }
    _audit(
        command,
        read_scenario(source, world=world, seed=seed),
        settings,
        typed={"source": source, "world": world},
        places={"jobs": jobs, "workers": workers, "scheduler": scheduler},
        resume=resume,
        output=output,
        force=force,
        as_json=as_json,
    )


def _audit(
    command: str,
    loaded: Loaded,
    settings: dict[str, Any],
    *,
    typed: dict[str, Any],
    places: dict[str, Any],
    resume: bool,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    from simulator.auditing.audit import audit_command
    from simulator.cli import terminal
    from simulator.cli.audit_view import show_audit, show_report
    from simulator.cli.record import origin
    from simulator.output.assumptions import caveats
    from simulator.output.audit_folder import write_audit
    from simulator.output.audit_journal import journal_for
    from simulator.output.json_text import to_json

    scenario, engine = loaded.scenario, engine_elsewhere(**places)
    with (
        terminal.maybe_folder(output, force=force) as folder,
        journal_for(output, resume=resume) as journal,
        _counted(journal) as count,
    ):
        with terminal.progress("auditing") as progress:
            found = audit_command(
                command,
                scenario,
                jobs=places["jobs"],
                engine=engine,
                journal=journal,
                resume=resume,
                progress=partial(count, progress),
                **settings,
            )
        answer = found.to_dict() | caveats(
            scenario, warnings=loaded.warnings, unstated=loaded.defaults
        )
        if folder is not None:
            made = origin(scenario, **typed, **settings, **places)
            write_audit(
                folder, found, answer=answer, scenario=scenario, origin=made, journal=journal
            )
    if journal is not None:
        journal.unlink(missing_ok=True)  # it is in the folder
    if as_json:
        typer.echo(to_json(answer))
    else:
        screen = terminal.console()
        show_audit(found, loaded, screen)
        show_report(output, screen)
    if found.verdict != "pass":
        raise typer.Exit(NO)


@contextmanager
def _counted(journal: Path | None) -> Iterator[Callable[[Progress | None, int, int], None]]:
    """Give a callback that counts the runs, so that Ctrl-C says how many there are."""
    from simulator.output.audit_journal import has_runs

    runs = [0, 0]

    def count(progress: Progress | None, done: int, total: int) -> None:
        runs[:] = done, total
        if progress is not None:
            progress(done, total)

    try:
        yield count
    except KeyboardInterrupt:
        done, total = runs
        where = f"after {done:,} of {total:,} runs" if total else "before the first run"
        how = "continue with the same command and --resume"
        if not has_runs(journal):
            how = "nothing was left behind" + " (-o keeps the runs of a stopped audit)" * bool(done)
        print(f"Stopped {where}; {how}.", file=sys.stderr)
        raise typer.Exit(STOPPED) from None
