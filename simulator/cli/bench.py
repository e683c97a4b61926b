"""The command about data from the bench: analyse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import fail, guarded
from simulator.cli.options import Adjust, Alternative, AsJson, Convention, Method, Test, Unit

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario.analysis_plan import AnalysisPlan

#: Names that a control arm usually has.
_CONTROL_NAMES = ("control", "ctrl", "saline", "vehicle", "placebo", "untreated", "negative")


@guarded
def analyse(
    data: Annotated[Path, typer.Argument(metavar="DATA.csv", help="Bench data: tidy or wide CSV.")],
    *,
    plan: Annotated[
        str | None,
        typer.Option("--plan", help="Scenario whose analysis plan is used (file or catalogue id)."),
    ] = None,
    control: Annotated[
        str | None, typer.Option("--control", help="Compare every other arm with this one.")
    ] = None,
    endpoint: Annotated[
        list[str] | None,
        typer.Option("--endpoint", help="Only this endpoint (may be repeated) (default: all)."),
    ] = None,
    test: Annotated[
        Test | None, typer.Option("--test", help="Test of two arms (default: mann_whitney).")
    ] = None,
    method: Annotated[
        Method | None,
        typer.Option("--method", help="How mann_whitney computes its p-value (default: auto)."),
    ] = None,
    alternative: Annotated[
        Alternative | None,
        typer.Option("--alternative", help="greater: treated larger (default: two-sided)."),
    ] = None,
    convention: Annotated[
        Convention | None,
        typer.Option("--convention", help="Exact two-sided p-value (default: far-tail)."),
    ] = None,
    adjust: Annotated[
        Adjust | None,
        typer.Option("--adjust", help="Over the arms, within an endpoint (default: holm)."),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option("--alpha", min=1e-6, max=0.5, help="Level of the test (default: 0.05)."),
    ] = None,
    unit: Annotated[
        Unit | None,
        typer.Option(
            "--unit",
            help="What has one value (default: animal); cage: the median of every cage, named in "
            "a column cage.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Analyse bench data: a rank test per comparison (Mann-Whitney U), effects with intervals.

    Example: [bold]afcsim analyse data.csv --control saline[/bold]
    """
    from simulator.analysis import analyse as run_analysis
    from simulator.analysis import plan_for
    from simulator.analysis.bench_plan import check_names
    from simulator.cli import analysis_view, terminal
    from simulator.output.json_text import to_json
    from simulator.scenario_files import load_scenario
    from simulator.tables import read_bench

    options = {
        "test": test,
        "method": method,
        "alternative": alternative,
        "convention": convention,
        "adjust": adjust,
        "alpha": alpha,
        "unit": unit,
        "endpoints": endpoint or None,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if plan is not None and (control is not None or given):
        said = ["--control"] * (control is not None)
        said += [f"--{name.removesuffix('s')}" for name in given]
        fail(f"{', '.join(said)}: cannot be combined with --plan, whose file says all this")
    if method is not None and test not in (None, Test.MANN_WHITNEY):
        fail(f"--method {method}: of mann_whitney only; --test {test} has no methods")
    if plan is not None:
        chosen = load_scenario(plan).analysis
        observations = read_bench(data, endpoints=_endpoints(chosen))
        check_names(observations, chosen)
    else:
        observations = read_bench(data, endpoints=endpoint)
        if control is None:
            fail(_which_control(observations, data))
        chosen = plan_for(observations, control=control, **given)  # type: ignore[arg-type]
    analysis = run_analysis(observations, chosen)
    if as_json:
        typer.echo(to_json({"data": str(data), **analysis.to_dict()}))
    else:
        analysis_view.show(analysis, terminal.console())


def _endpoints(plan: AnalysisPlan) -> list[str]:
    """Return every endpoint that a plan tests."""
    names = [comparison.endpoint for comparison in plan.comparisons]
    return list(dict.fromkeys([*names, *(trend.endpoint for trend in plan.trends.values())]))


def _which_control(observations: pd.DataFrame, data: Path) -> str:
    """Return what to say when neither a plan nor a control was named."""
    arms = [str(arm) for arm in dict.fromkeys(observations["arm"].dropna())]
    likely = [arm for arm in arms if any(word in arm.lower() for word in _CONTROL_NAMES)]
    message = f"{data}: name the control arm with --control, or a scenario with --plan"
    if len(likely) == 1:
        return f'{message}; the control may be: --control "{likely[0]}"'
    return f"{message}; arms in the data: {', '.join(arms)}"
