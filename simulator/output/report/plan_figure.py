"""The plan as a timeline: what every arm gets on which day, and when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.output.arm_labels import dose_text
from simulator.output.style import (
    GREY,
    INK,
    PAGE_WIDTH,
    PALE,
    SMALL,
    ArmStyle,
    arm_styles,
    caption,
    new_figure,
    power_text,
)
from simulator.output.wording.plan import days_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.scenario import Scenario
    from simulator.scenario.design import Endpoint, Regimen

#: Inches of a row.
_ROW = 0.24
#: Rows between two arms, and between arms and what all animals have in common.
_GAP, _WIDE_GAP = 0.25, 0.6
#: Marks of what is done to every animal.
_IMMUNIZED, _SAMPLED, _KILLED = "v", "o", "X"
#: Arms of one treatment that the sentence for those who cannot see the figure names.
_MOST_TOLD = 16


@dataclass(frozen=True)
class _Row:
    """Marks on some days.

    Attributes
    ----------
    name : at the left; empty for a further regimen of the same arm.
    told : at the right.
    hollow : drawn without a filling.
    """

    place: float
    name: str
    told: str
    days: tuple[float, ...]
    mark: str
    colour: str
    hollow: bool = False


def plan_figure(scenario: Scenario, *, sizes: Mapping[str, int]) -> Figure:
    """Draw a row per regimen of every arm, between the immunization and the readings.

    Parameters
    ----------
    sizes : animals enrolled per arm.
    """
    rows = list(_rows(scenario, sizes))
    lowest = rows[-1].place
    figure = new_figure(PAGE_WIDTH, _ROW * (lowest + 2) + 0.9)
    axes = figure.subplots()
    design = scenario.design
    axes.axvline(design.immunization.day, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)))
    for day in sorted({endpoint.day for endpoint in design.endpoints.values()}):
        axes.axvline(day, color=INK, linewidth=0.7, linestyle=(0, (5, 3)))
    for row in rows:
        _draw(axes, row)
    _scale(axes, rows, lowest)
    caption(figure, f"{scenario.id}: {_key(scenario)}")
    return figure


def plan_sentence(scenario: Scenario, *, sizes: Mapping[str, int]) -> str:
    """Return what the figure shows, in words."""
    design = scenario.design
    told = [f"Every animal is immunized on day {design.immunization.day:g}."]
    alike: dict[str, list[str]] = {}
    for name, arm in design.arms.items():
        given = [_given(r, design.schedules[r.schedule].times) for r in arm.regimens]
        alike.setdefault("; ".join(given) or "no treatment stated", []).append(
            f"{name} (n = {sizes[name]})"
        )
    told += [f"{_named(names)}: {given}." for given, names in alike.items()]
    told += [f"Read on day {day:g}: {_read(members)}." for day, members in _readings(scenario)]
    return " ".join(told)


def _given(regimen: Regimen, days: tuple[float, ...]) -> str:
    several = "s" if len(days) > 1 else ""
    return (
        f"{regimen.substance} {regimen.route}, {len(days)} injection{several} on "
        f"day{several} {days_text(days)}"
    )


def _named(arms: Sequence[str]) -> str:
    if len(arms) <= _MOST_TOLD:
        return ", ".join(arms)
    return f"{', '.join(arms[:_MOST_TOLD])} and {len(arms) - _MOST_TOLD} more arms"


def _rows(scenario: Scenario, sizes: Mapping[str, int]) -> Iterator[_Row]:
    """Yield the rows from the top: immunization, arms, days of reading."""
    design = scenario.design
    given = design.immunization
    told = f"{given.antigen[:40]}, {power_text(given.dose)} cells {given.route}"
    yield _Row(0.0, "all: immunization", told, (given.day,), _IMMUNIZED, INK)
    place = 1 + _WIDE_GAP
    styles = arm_styles(design)
    for name, arm in design.arms.items():
        label = f"{name}  n = {sizes[name]}"
        if not arm.regimens:
            yield _Row(place, label, "no treatment stated", (), "", GREY)
            place += 1
        for k, regimen in enumerate(arm.regimens):
            yield _dosed(scenario, regimen, styles[name], place, "" if k else label)
            place += 1
        place += _GAP
    place += _WIDE_GAP - _GAP
    for day, members in _readings(scenario):
        kills = any(endpoint.terminal for endpoint in members.values())
        mark = _KILLED if kills else _SAMPLED
        yield _Row(place, f"all: read on day {day:g}", _read(members), (day,), mark, INK, not kills)
        place += 1


def _dosed(scenario: Scenario, regimen: Regimen, style: ArmStyle, place: float, name: str) -> _Row:
    design = scenario.design
    return _Row(
        place,
        name,
        f"{regimen.substance} {dose_text(regimen.dose)} {regimen.route}",
        design.schedules[regimen.schedule].times,
        style.marker,
        style.colour,
        hollow=design.substances[regimen.substance].role == "vehicle",
    )


def _readings(scenario: Scenario) -> Sequence[tuple[float, Mapping[str, Endpoint]]]:
    """Return what is read, by ascending day."""
    endpoints = scenario.design.endpoints
    return [
        (day, {name: one for name, one in endpoints.items() if one.day == day})
        for day in sorted({one.day for one in endpoints.values()})
    ]


def _read(members: Mapping[str, Endpoint]) -> str:
    """Return the endpoints of a day with what they take: ``afc (kills), titer (extra mice)``."""
    told = []
    for name, one in members.items():
        takes = [words for words in ("kills", "extra mice") if _takes(one, words)]
        told.append(f"{name} ({', '.join(takes)})" if takes else name)
    return ", ".join(told)


def _takes(endpoint: Endpoint, words: str) -> bool:
    return endpoint.terminal if words == "kills" else endpoint.satellite


def _draw(axes: Axes, row: _Row) -> None:
    axes.axhline(row.place, color=PALE, linewidth=0.4, zorder=0)
    axes.plot(
        row.days,
        [row.place] * len(row.days),
        linestyle="none",
        marker=row.mark or "none",
        markersize=5.5,
        color=row.colour,
        markerfacecolor="white" if row.hollow else row.colour,
        markeredgewidth=0.9,
        clip_on=False,
        zorder=3,
    )
    axes.annotate(
        row.told,
        (1, row.place),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        fontsize=SMALL,
        va="center",
        annotation_clip=False,
    )


def _scale(axes: Axes, rows: Sequence[_Row], lowest: float) -> None:
    from matplotlib.ticker import MaxNLocator

    named = [row for row in rows if row.name]
    axes.set_yticks([row.place for row in named], [row.name for row in named])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(lowest + 0.7, -0.7)
    axes.spines["left"].set_visible(False)
    days = [day for row in rows for day in row.days]
    room = 0.03 * (max(days) - min(days)) or 0.5
    axes.set_xlim(min(days) - room, max(days) + room)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=14))
    axes.set_xlabel("study day")


def _key(scenario: Scenario) -> str:
    """Say what the marks mean, of those that there are."""
    design = scenario.design
    told = ["triangle and dotted line, immunization"]
    roles = {design.substances[r.substance].role for a in design.arms.values() for r in a.regimens}
    if roles:
        told.append("marks of an arm, its injections" + " (hollow: vehicle)" * ("vehicle" in roles))
    told.append("dashed lines, readings")
    kills = {any(e.terminal for e in members.values()) for _, members in _readings(scenario)}
    told += ["cross, animals are killed"] * (True in kills)
    told += ["ring, they live on"] * (False in kills)
    days = 1 if design.conduct is None else design.conduct.days
    turn = f" The study runs on {days} days in turn; days are counted from the start of each."
    return "; ".join(told) + "." + turn * (days > 1)
