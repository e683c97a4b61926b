"""A scenario as a plan that can be read at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.cli.terminal import show_warnings

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded


def show(loaded: Loaded, screen: Console, *, source: str) -> None:
    """Print OK, the plan, what is unwise in it, and what it assumes."""
    scenario = loaded.scenario
    screen.print(f"OK: {source} ({scenario.id})", style="bold green")
    screen.print(f"{scenario.question}\n")
    _arms(scenario, screen)
    _endpoints(scenario, screen)
    _comparisons(scenario, screen)
    decision = scenario.decision
    screen.print(
        f"wanted: power {decision.power.target:g} of {decision.power.of}; searched: n = "
        f"{decision.n.start} to {decision.n.stop} per arm; {decision.replicates:,} simulated "
        f"studies; seed {scenario.seed}"
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
    table = _table("arm", "role", "treatment", "days", "animals")
    for name, arm in design.arms.items():
        treatment = [f"{r.substance} {dose_text(r.dose)} {r.route}" for r in arm.regimens]
        days = [_days(design.schedules[r.schedule].times) for r in arm.regimens]
        count = f"{arm.n}" if arm.n is not None else "n" if arm.ratio == 1 else f"{arm.ratio:g} n"
        table.add_row(name, arm.role, "\n".join(treatment) or "-", "\n".join(days) or "-", count)
    screen.print(table)
    screen.print()


def _endpoints(scenario: Scenario, screen: Console) -> None:
    table = _table("endpoint", "kind", "day", "unit", "")
    for name, endpoint in scenario.design.endpoints.items():
        marks = [word for word in ("primary", "terminal", "satellite") if getattr(endpoint, word)]
        table.add_row(name, endpoint.kind, f"{endpoint.day:g}", endpoint.unit, ", ".join(marks))
    screen.print(table)
    screen.print()


def _comparisons(scenario: Scenario, screen: Console) -> None:
    plan = scenario.analysis
    table = _table("family", "endpoint", "arms", "against", "adjustment", "alpha")
    for name, family in plan.families.items():
        table.add_row(
            name,
            "\n".join(family.endpoint),
            _shortened(family.arms),
            family.against,
            family.adjust,
            f"{family.alpha:g}",
        )
    screen.print(table)
    for name, trend in plan.trends.items():
        screen.print(f"trend {name}: {trend.endpoint} over {' < '.join(trend.arms)}")
    screen.print(f"test: Mann-Whitney U, {plan.method}, {plan.alternative}\n")


def _assumed(loaded: Loaded, screen: Console) -> None:
    if not loaded.defaults:
        return
    table = _table("not stated in the file", "stands in", "evidence", "source")
    for one in loaded.defaults:
        table.add_row(one.path, one.value, one.status, one.source or "")
    screen.print(table)


def _table(*columns: str) -> Any:
    from rich.table import Table

    return Table(*columns, box=None, pad_edge=False, header_style="bold")


def _days(days: tuple[float, ...]) -> str:
    shown = [f"{day:g}" for day in days]
    if len(shown) > 6:
        shown = [*shown[:3], "...", shown[-1]]
    return ", ".join(shown)


def _shortened(arms: tuple[str, ...]) -> str:
    return (
        "\n".join(arms) if len(arms) <= 8 else "\n".join([*arms[:7], f"and {len(arms) - 7} more"])
    )
