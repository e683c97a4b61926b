"""The smallest detectable effect as tables and a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.output.wording.effects import in_own_words, planned_words, relative
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.detectable.result import Detectable, DetectableAt, EndpointEffect


def show_detectable(found: Detectable, screen: Console) -> None:
    """Print the detectable effect at every n, and the planned effects beside it."""
    screen.print(
        f"{found.scenario_id}: smallest {_way(found)} that has power {found.target:g} "
        f"({_whose(found)}), {found.replicates:,} simulated studies of every effect tried, seed "
        f"{found.seed}\n"
    )
    endpoints = list(dict.fromkeys(one.endpoint for one in found.planned))
    for endpoint in endpoints:
        _table(found, endpoint, screen)
    for point in found.points:
        if point.status != "found":
            screen.print(f"n = {point.n}: {_words(point)}: {point.reason}", style="yellow")
    for endpoint in endpoints:
        _planned(found, endpoint, screen)
    screen.print(
        "every treated arm has this fold over its control, all else is as planned; in brackets "
        "the effects whose 95 % interval of the power contains the target; P(X>Y): probability "
        "that a treated mouse has more than a control, true values, over the same effects; "
        "planned: of the typical animal",
        style="dim",
    )
    if found.simplified is not None:
        screen.print(f"of the planned response is left out: {found.simplified}", style="dim")


def _way(found: Detectable) -> str:
    return "rise" if found.direction == "up" else "fall"


def _whose(found: Detectable) -> str:
    if len(found.planned) == 1:
        return found.family
    return f"{found.of} of {len(found.planned)} comparisons, {found.family}"


def _words(point: DetectableAt) -> str:
    return "no effect is needed" if point.status == "none needed" else "no such effect"


def _of(point: DetectableAt, endpoint: str) -> EndpointEffect | None:
    return next((effect for effect in point.effects if effect.endpoint == endpoint), None)


def _table(found: Detectable, endpoint: str, screen: Console) -> None:
    rows = []
    for point in found.points:
        effect = _of(point, endpoint)
        said = (_words(point), "", "") if effect is None else (*in_own_words(effect), "")
        rows.append(
            (
                f"{point.n}",
                f"{point.animals}",
                *said[:2],
                "" if effect is None else relative(effect),
                share(point.power),
            )
        )
    columns = ("n", "animals", "detectable effect", "that is", "P(X>Y)", "power there")
    show_table(
        columns,
        rows,
        screen,
        whole=columns,
        right=columns,
        title=f"{found.family}: {endpoint}",
        header="dim",
    )
    screen.print()


def _planned(found: Detectable, endpoint: str, screen: Console) -> None:
    """Print the planned effects beside the detectable one of every n."""
    first = next((e for p in found.points if (e := _of(p, endpoint)) is not None), None)
    if first is None:
        return
    points = [point for point in found.points if point.status == "found"]
    rows = []
    for one in found.planned:
        if one.endpoint != endpoint:
            continue
        verdicts = [point.verdict(one.fold) or "" for point in points]
        rows.append((one.treated, one.control, planned_words(one.fold, first), *verdicts))
    columns = ("arm", "against", "planned", *(f"at n = {point.n}" for point in points))
    show_table(
        columns,
        rows,
        screen,
        whole=columns[:3],
        title=f"the planned effect on {endpoint}, against the detectable one",
        header="dim",
    )
    screen.print()
