"""The smallest detectable effect as tables and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
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
        f"{found.seed}"
    )
    screen.print(f"{_why(found)}\n" if _why(found) else "", style="yellow")
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
    if found.errs_upwards:
        screen.print(
            "each of several comparisons: the effect is where the least of their simulated powers "
            "meets the target, which errs upwards a little (the error of one simulation at most); "
            "the interval allows for it",
            style="dim",
        )
    if found.simplified is not None:
        screen.print(f"of the planned response is left out: {found.simplified}", style="dim")


def _way(found: Detectable) -> str:
    return "rise" if found.direction == "up" else "fall"


def _why(found: Detectable) -> str:
    """Say why effects of this direction were looked for, where that may surprise."""
    if found.chosen == "planned effects":
        return "a fall, as every planned effect is one (--up: the smallest rise)"
    against = "down" if found.direction == "up" else "up"
    sign = 1 if found.direction == "up" else -1
    other = sum(sign * math.log(one.fold) < 0 for one in found.planned)
    if other == 0 or found.chosen == "one-sided test":
        return ""
    many = "the" if other == len(found.planned) else f"{other} of {len(found.planned)}"
    return f"{many} planned effects go {against}: add --{against} for these"


def _whose(found: Detectable) -> str:
    if len(found.planned) == 1:
        return found.family
    return f"{found.of} of {len(found.planned)} comparisons, {found.family}"


def _words(point: DetectableAt) -> str:
    return "no effect is needed" if point.status == "none needed" else "no such effect"


def _of(point: DetectableAt, endpoint: str) -> EndpointEffect | None:
    return next((effect for effect in point.effects if effect.endpoint == endpoint), None)


def _table(found: Detectable, endpoint: str, screen: Console) -> None:
    rows: list[tuple[str, ...]] = []
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
    if _width(columns, rows) > screen.width:  # intervals below what they belong to
        rows = [tuple(cell.replace(" [", "\n[") for cell in row) for row in rows]
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


def _width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table is whose cells are not broken."""
    cells = zip(columns, *rows, strict=True)
    return sum(2 + max(map(len, column)) for column in cells) - 2


def _planned(found: Detectable, endpoint: str, screen: Console) -> None:
    """Print the planned effects beside the detectable one of every n."""
    first = next((e for p in found.points if (e := _of(p, endpoint)) is not None), None)
    if first is None:
        return
    points = [point for point in found.points if point.status == "found"]
    head = ("arm", "against", "planned")
    columns = (*head, *(f"at n = {point.n}" for point in points))
    rows: list[tuple[str, ...]] = []
    folded: list[tuple[str, ...]] = []
    for one in found.planned:
        if one.endpoint != endpoint:
            continue
        said = [point.verdict(one.fold) or "" for point in points]
        names = (one.treated, one.control, planned_words(one.fold, first))
        rows.append((*names, *said))
        folded.append((*names, _runs([point.n for point in points], said)))
    if _width(columns, rows) > screen.width:  # a line for all n of which the same is said
        columns, rows = (*head, "at n"), folded
    show_table(
        columns,
        rows,
        screen,
        whole=columns,
        title=f"the planned effect on {endpoint}, against the detectable one",
        header="dim",
    )
    screen.print()


def _runs(ns: Sequence[int], verdicts: Sequence[str]) -> str:
    """Return ``4 to 6: smaller``, ``7: larger`` on lines, a line for neighbours that agree."""
    lines = []
    for verdict, run in groupby(zip(ns, verdicts, strict=True), key=lambda pair: pair[1]):
        sizes = [n for n, _ in run]
        span = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        lines.append(f"{span}: {verdict}")
    return "\n".join(lines)
