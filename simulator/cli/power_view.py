"""Power and sample size as tables and sentences a biologist can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.cli.terminal import show_assumed, show_warnings
from simulator.evaluation.staying import n_reaching
from simulator.output.wording.answer import certified, in_cages, top_text
from simulator.output.wording.assurance import assurance_lines, believed_lines
from simulator.output.wording.formulas import against_formulas
from simulator.output.wording.next_step import next_step
from simulator.output.wording.numbers import estimate, share
from simulator.output.wording.truth import chance_text
from simulator.output.wording.worlds import WORLD_COLUMNS, for_all_text, world_lines, world_rows

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.power_result import ComparisonPower, PowerResult
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.output.run import Run
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded

#: Columns of the table over n that an 80-column window takes.
_MOST_N = 9
#: Columns that the tables take with every number on one line.
_WIDE = 118
#: In a narrower window than this an arm is named without its doses.
_ROOM_FOR_DOSES = 78
#: What the simulation found, which is printed where its numbers are; other warnings come last.
_FOUND = ("type_i", "untestable", "n_per_arm", "cross_checks")
_NUMBERS = ("power [95 % CI]", "type I error", "true fold", "P(X>Y)")


def show_power(run: Run, loaded: Loaded, screen: Console, *, top: bool = False) -> None:
    """Print the power of every comparison, family and trend at one n.

    Parameters
    ----------
    top : whether nobody asked for this n, so that it is the top of the range.
    """
    result = run.result
    screen.print(loaded.scenario.question, style="bold")
    _world(run, loaded, screen)
    if top:
        screen.print(top_text(run), highlight=False)
    _setting(result, loaded.scenario, screen)
    _animals(run, screen)
    _tables(result, loaded.scenario, screen)
    _warn(run, screen, "type_i", "untestable")
    show_curve(result, loaded.scenario, screen)
    _assurance(run, screen)
    _worlds(run, screen)
    _warn(run, screen, "n_per_arm")
    _closing(run, loaded, screen)


def show_size(run: Run, loaded: Loaded, screen: Console) -> None:
    """Print the answer first, then what the study does at that size, then cross-checks."""
    found = run.size
    assert found is not None  # the caller asked for it
    screen.print(loaded.scenario.question, style="bold")
    _world(run, loaded, screen)
    if found.status == "certified":
        screen.print(certified(found, loaded.scenario), style="bold green", highlight=False)
    else:
        screen.print(f"{found.status}: {found.reason}", style="bold red", highlight=False)
        advice = next_step(found, loaded.scenario)
        if advice is not None:
            screen.print(f"next: {advice}", style="bold")
    everywhere = for_all_text(run)
    if everywhere is not None:
        screen.print(everywhere, highlight=False)
    at = "" if found.status == "certified" else f" at n = {found.result.n_per_arm}"
    screen.print(f"animals{at}: {found.animals}\n")
    _setting(found.result, loaded.scenario, screen)
    _tables(found.result, loaded.scenario, screen)
    _warn(run, screen, "type_i", "untestable")
    _assurance(run, screen)
    _worlds(run, screen)
    _cross_checks(found, loaded.scenario, screen)
    _warn(run, screen, "cross_checks")
    _closing(run, loaded, screen)


def _world(run: Run, loaded: Loaded, screen: Console) -> None:
    """Print in which world of its file the study is judged, where that is not as planned."""
    for k, line in enumerate(world_lines(run, loaded.planned)):
        screen.print(line, style="dim" if k else "bold", highlight=False)


def _warn(run: Run, screen: Console, *paths: str) -> None:
    """Print what the simulation found amiss."""
    for one in run.warnings:
        if one.path in paths:
            screen.print(f"warning: {one.message}", style="yellow")


def _animals(run: Run, screen: Console) -> None:
    """Print how many animals the study takes, where that is not simply those of its arms."""
    animals = run.animals
    if not animals.analysed == animals.enrolled == animals.purchased:
        screen.print(f"animals: {animals}\n")


def _assurance(run: Run, screen: Console) -> None:
    """Print the power to be expected over what is believed, if the file says what that is."""
    if run.assurance is None:
        return
    for line in assurance_lines(run.assurance):
        screen.print(line, highlight=False)
    for line in believed_lines(run.assurance.priors):
        screen.print(f"  believed: {line}", style="dim", highlight=False)
    screen.print()


def _worlds(run: Run, screen: Console) -> None:
    """Print what the study does under the other assumptions of the file, if it has any."""
    if not run.worlds:
        return
    show_table(
        WORLD_COLUMNS,
        world_rows(run),
        screen,
        whole=WORLD_COLUMNS,
        right=WORLD_COLUMNS[1:],
        title=f"the same {run.result.n_per_arm} per arm in other worlds",
        header="dim",
    )
    screen.print()


def _cross_checks(found: SampleSizeResult, scenario: Scenario, screen: Console) -> None:
    """Print the formulas' n, with what they have in common said once."""
    shared: dict[str, list[str]] = {}
    for check in found.cross_checks:
        number = "no answer" if check.n_per_arm is None else f"{check.n_per_arm} per arm"
        shared.setdefault(check.basis, []).append(f"{check.name} {number} ({check.method})")
    for basis, answers in shared.items():
        screen.print(f"by formula, as a cross-check: {'; '.join(answers)}", style="dim")
        screen.print(f"  for {basis}", style="dim")
    compared = against_formulas(found, scenario)
    if compared is not None:
        screen.print(f"  {compared[0].lower()}{compared[1:]}", style="dim")


def _setting(result: PowerResult, scenario: Scenario, screen: Console) -> None:
    screen.print(
        f"{result.scenario_id} with n = {result.n_per_arm} per arm"
        f"{in_cages(scenario, result.n_per_arm)}, "
        f"{result.replicates:,} simulated studies, seed {result.seed}\n"
    )


def _tables(result: PowerResult, scenario: Scenario, screen: Console) -> None:
    from simulator.output.arm_labels import arm_dose

    groups: dict[tuple[str, str], list[ComparisonPower]] = {}
    for comparison in result.comparisons:
        groups.setdefault((comparison.family, comparison.endpoint), []).append(comparison)
    families = {family.family: family for family in result.families}
    last = {family: key for key in groups for family in [key[0]]}
    doses = {
        arm: arm_dose(arm, scenario.design) if screen.width >= _ROOM_FOR_DOSES else ""
        for arm in scenario.design.arms
    }
    narrow = screen.width < _WIDE
    for key, rows in groups.items():
        family, endpoint = key
        plan = scenario.analysis.families[family]
        lines = []
        for row in rows:
            cells = (
                _arm(row.treated, doses[row.treated]),
                share(row.power),
                share(row.type_i),
                estimate(row.fold_of_medians),
                estimate(row.relative_effect),
            )
            lines.append(tuple(_folded(cell) if narrow else cell for cell in cells))
        show_table(
            ("arm", *_NUMBERS),
            lines,
            screen,
            whole=_NUMBERS,
            right=_NUMBERS,
            title=f"{family}: {endpoint} against {plan.against} "
            f"({plan.adjust}, alpha {plan.alpha:g})",
            header="dim",
        )
        if last[family] == key and len(plan.arms) * len(plan.endpoint) > 1:
            joint = families[family]
            screen.print(
                f"  any of them {share(joint.any)}, all of them {share(joint.all)}, "
                f"family-wise type I error {share(joint.fwer)}{_unadjusted(scenario, family)}",
            )
        screen.print()
    for trend in result.trends:
        screen.print(
            f"trend {trend.name} ({trend.endpoint}: {' < '.join(trend.arms)}): "
            f"power {share(trend.power)}, type I error {share(trend.type_i)}\n"
        )


def show_curve(result: PowerResult, scenario: Scenario, screen: Console) -> None:
    """Print the power of the decision's family over n: its ends, and where it meets the target."""
    if not result.curve:
        return
    wish, family = scenario.decision.power, result.decision_family
    reached = n_reaching(result.curve, wish.target)
    crossing = result.curve[-1].n if reached is None else reached
    ns = around([point.n for point in result.curve], crossing)
    points = [point for point in result.curve if point.n in ns]
    plan = scenario.analysis.families[family]
    several = len(plan.arms) * len(plan.endpoint) > 1
    least = {"each": "least power", "any": "power of any", "all": "power of all"}[wish.of]
    columns = ["n", *(f"{point.n}" for point in points)]
    seen = sorted({point.target.replicates for point in result.curve})
    show_table(
        columns,
        [
            (least if several else "power", *(f"{p.target.value:.3f}" for p in points)),
            ("type I error", *(f"{p.fwer.value:.3f}" for p in points)),
        ],
        screen,
        whole=columns,
        right=columns[1:],
        title=f"{family}, by n per arm (target {wish.target:g} of {_wished(scenario)}; "
        f"range {result.curve[0].n} to {result.curve[-1].n})",
        header="dim",
    )
    if seen[1:]:
        few = [point.n for point in result.curve if point.target.replicates == seen[0]]
        screen.print(
            f"  {seen[0]:,} simulated studies at n far from the target (n = {few[-1]}, for one), "
            f"{seen[-1]:,} at the others",
            style="dim",
        )
    if several:
        note = _unadjusted(scenario, family)
        screen.print(f"  type I error: family-wise, of any of them{note}", style="dim")
    screen.print()


def _wished(scenario: Scenario) -> str:
    wish = scenario.decision.power
    return wish.of if wish.arms is None else f"{wish.of} of {', '.join(wish.arms)}"


def around(ns: Sequence[int], crossing: int) -> tuple[int, ...]:
    """Return at most 9 of ascending ``ns``: both ends, and the 7 nearest to ``crossing``."""
    if len(ns) <= _MOST_N:
        return tuple(ns)
    inner = ns[1:-1]
    at = min(range(len(inner)), key=lambda k: abs(inner[k] - crossing))
    first = max(0, min(at - (_MOST_N - 2) // 2, len(inner) - (_MOST_N - 2)))
    return (ns[0], *inner[first : first + _MOST_N - 2], ns[-1])


def _unadjusted(scenario: Scenario, family: str) -> str:
    none = scenario.analysis.families[family].adjust == "none"
    return " (no adjustment asked for)" if none else ""


def _closing(run: Run, loaded: Loaded, screen: Console) -> None:
    screen.print(
        "power: share of simulated studies that reject, after adjustment; type I error: the same "
        "where nothing has an effect; true fold of medians and P(X>Y): simulated truth before "
        f"assay noise, ± its error; {chance_text(loaded.scenario)}",
        style="dim",
    )
    show_warnings([one for one in run.warnings if one.path not in _FOUND], screen)
    asked = run.origin.settings.get("replicates")
    show_assumed(loaded, screen, replicates=asked)


def _arm(name: str, dose: str) -> str:
    """Return an arm with its dose; several doses each on a line of its own."""
    if " + " in dose:
        return f"{name}\n  " + dose.replace(" + ", "\n+ ")
    return f"{name}  {dose}".strip()


def _folded(cell: str) -> str:
    """Return a cell on two lines, for a narrow window: the number, and under it its error."""
    return cell.replace("  ", "\n  ", 1).replace(" [", "\n[").replace(" ±", "\n±")
