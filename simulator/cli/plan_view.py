"""A scenario as a plan that can be read at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.laboratory_view import laboratory_lines
from simulator.cli.rank_test_names import TEST_NAMES
from simulator.cli.table import show_table
from simulator.cli.terminal import show_warnings
from simulator.cli.truth_view import truth_rows

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario import Scenario
    from simulator.scenario.analysis_plan import TestSpec
    from simulator.scenario_files import Default, Loaded

#: Columns that the list of assumptions takes with its sources.
_WIDE = 100
#: Its defaults are shown above the table, so that they take one row.
_LABORATORY = "design.conduct"


def show(loaded: Loaded, screen: Console, *, source: str) -> None:
    """Print OK, the plan, what is unwise in it, and what it assumes."""
    scenario = loaded.scenario
    screen.print(f"OK: {source} ({scenario.id})", style="bold green")
    screen.print(f"{scenario.question}\n")
    _arms(scenario, screen)
    _endpoints(scenario, screen)
    _laboratory(scenario, screen)
    _truth(scenario, screen)
    _comparisons(scenario, screen)
    decision = scenario.decision
    wish = decision.power
    of = wish.of if wish.arms is None else f"{wish.of} of {', '.join(wish.arms)}"
    searched = " to ".join(dict.fromkeys(f"{n}" for n in (decision.n.start, decision.n.stop)))
    screen.print(
        f"wanted: power {wish.target:g} of {of}; searched: n = {searched} per arm; "
        f"{decision.replicates:,} simulated studies; seed {scenario.seed}"
    )
    if decision.worlds:
        screen.print(f"worlds: {', '.join(decision.worlds)}")
    screen.print()
    show_warnings(loaded.warnings, screen)
    _assumed(loaded, screen)


def as_dict(loaded: Loaded, *, resolved: bool) -> dict[str, Any]:
    """Return the same as plain data; with the resolved scenario if wanted."""
    data: dict[str, Any] = {
        "valid": True,
        "scenario": loaded.scenario.id,
        "digest": loaded.scenario.digest,
        "warnings": [
            {"path": w.path, "line": w.line, "message": w.message} for w in loaded.warnings
        ],
        "assumed": [
            {"path": d.path, "value": d.value, "status": d.status, "source": d.source}
            for d in loaded.defaults
        ],
    }
    if resolved:
        data["resolved"] = loaded.scenario.canonical()
    return data


def _arms(scenario: Scenario, screen: Console) -> None:
    from simulator.output.arm_labels import dose_text

    design = scenario.design
    rows = []
    for name, arm in design.arms.items():
        count = f"{arm.n}" if arm.n is not None else "n" if arm.ratio == 1 else f"{arm.ratio:g} n"
        given = [
            (
                f"{r.substance} {dose_text(r.dose)} {r.route}",
                _days(design.schedules[r.schedule].times),
            )
            for r in arm.regimens
        ] or [("-", "-")]
        # A line per regimen, so that its days stay beside it when the treatment wraps.
        for k, (treatment, days) in enumerate(given):
            head, tail = ((name, arm.role), (count,)) if k == 0 else (("", ""), ("",))
            rows.append((*head, treatment, days, *tail))
    show_table(
        ("arm", "role", "treatment", "days", "animals"),
        rows,
        screen,
        whole=("arm", "role", "animals", "days"),
    )
    screen.print()


def _endpoints(scenario: Scenario, screen: Console) -> None:
    rows = []
    for name, endpoint in scenario.design.endpoints.items():
        marks = [word for word in ("primary", "terminal", "satellite") if getattr(endpoint, word)]
        rows.append((name, endpoint.kind, f"{endpoint.day:g}", endpoint.unit, ", ".join(marks)))
    columns = ("endpoint", "kind", "day", "unit", "")
    show_table(columns, rows, screen, whole=columns[:3])
    screen.print()


def _laboratory(scenario: Scenario, screen: Console) -> None:
    lines = list(laboratory_lines(scenario))
    for line in lines:
        screen.print(line)
    if lines:
        screen.print()


def _truth(scenario: Scenario, screen: Console) -> None:
    columns = ("truth of", "control", "spread", "response")
    show_table(columns, truth_rows(scenario), screen, whole=columns[:3])
    screen.print()


def _comparisons(scenario: Scenario, screen: Console) -> None:
    plan = scenario.analysis
    rows = []
    for name, family in plan.families.items():
        rows.append(
            (
                name,
                "\n".join(family.endpoint),
                _shortened(family.arms),
                family.against,
                _test(plan.spec(name)),
                family.adjust,
                f"{family.alpha:g}",
            )
        )
    columns = ("family", "endpoint", "arms", "against", "test", "adjust", "alpha")
    show_table(columns, rows, screen, whole=columns)
    for name, trend in plan.trends.items():
        screen.print(
            f"trend {name}: {trend.endpoint} over {' < '.join(trend.arms)} "
            f"(Jonckheere-Terpstra, {trend.method})"
        )
    screen.print(f"tests: {plan.alternative}\n")


def _test(spec: TestSpec) -> str:
    name = TEST_NAMES[spec.test]
    return f"{name}, {spec.method}" if spec.test == "mann_whitney" else name


def _assumed(loaded: Loaded, screen: Console) -> None:
    if not loaded.defaults:
        return
    shown = 4 if screen.width >= _WIDE else 3
    columns = ("not stated in the file", "stands in", "evidence", "source")
    rows = [(one.path, one.value, one.status, one.source or "") for one in _folded(loaded)]
    show_table(
        columns[:shown], [row[:shown] for row in rows], screen, whole=(columns[0], columns[2])
    )


def _folded(loaded: Loaded) -> list[Default]:
    """Return the defaults, with those of the laboratory as one: which, as the lines above it."""
    from simulator.scenario_files import Default

    inside = [one for one in loaded.defaults if one.path.startswith(f"{_LABORATORY}.")]
    if not inside:
        return list(loaded.defaults)
    first = loaded.defaults.index(inside[0])
    one = Default(_LABORATORY, f"as above: {_named(inside)}", "assumed", inside[0].source)
    return [*loaded.defaults[:first], one, *loaded.defaults[first + len(inside) :]]


def _named(inside: Sequence[Default]) -> str:
    """Return which parts of the laboratory are meant: its fields, and what of its tasks."""
    paths = [one.path.removeprefix(f"{_LABORATORY}.").split(".") for one in inside]
    names = list(dict.fromkeys(path[0] for path in paths if path[0] != "tasks"))
    minutes = [path[1] for path in paths if path[-1] == "takes"]
    spread = dict.fromkeys(
        one.value
        for one, path in zip(inside, paths, strict=True)
        if path[-1] == "cv" and path[1] != "incubation"  # a bath keeps time
    )
    if minutes:
        names.append(f"minutes of {', '.join(minutes)}")
    if spread:
        names.append(f"cv {' or '.join(spread)} of the minutes")
    return "; ".join(names)


def _days(days: tuple[float, ...]) -> str:
    shown = [f"{day:g}" for day in days]
    if len(shown) > 6:
        shown = [*shown[:3], "...", shown[-1]]
    return ", ".join(shown)


def _shortened(arms: tuple[str, ...]) -> str:
    return (
        "\n".join(arms) if len(arms) <= 8 else "\n".join([*arms[:7], f"and {len(arms) - 7} more"])
    )
