"""The days of a study in the laboratory as a Gantt chart: who does what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from simulator.evaluation.day_at_work import DayAtWork, clock, clock_of
from simulator.evaluation.feasibility_result import Feasibility, span_of_days
from simulator.output.style import GREY, INK, PAGE_WIDTH, PALE, caption, new_figure
from simulator.scenario.conduct import Conduct, TaskName, hours_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.trial.laboratory.logbook import Work

#: Colour of a task and height of its bars; what follows on each other differs in height, so that
#: it can be told apart in grey.
_TASKS: dict[str, tuple[str, float]] = {
    "weighing": (GREY, 0.50),
    "immunization": ("#CC79A7", 0.84),
    "dosing": ("#56B4E9", 0.50),
    "sampling": ("#E69F00", 0.68),
    "killing": ("#D55E00", 0.84),
    "plating": ("#009E73", 0.50),
    "incubation": ("#C8B560", 0.84),
    "reading": ("#0072B2", 0.84),
}
#: What a task takes up besides hands: names of the row, for one and for several.
_EQUIPMENT = {"incubation": ("bath", "baths"), "reading": ("reader", "readers")}
_LATE = "#B02A00"
#: Panels that a page takes, and technicians that have a name.
_MOST_PANELS, _MOST_NAMED = 6, 8
#: Inches of a row that has a name.
_ROW = 0.165
#: Points of names and marks in rows so low.
_SMALL = 7.0
_BREAK = 0.45
#: More bars than this are drawn as an image inside the SVG.
_MOST_VECTORS = 4000
#: Least width of a bar, hours: what takes seconds is still seen.
_HAIR = 0.012


@dataclass(frozen=True)
class _Panel:
    """A day that is drawn, and the days that are like it."""

    day: DayAtWork
    alike: tuple[int, ...]
    bars: tuple[Work, ...]


def gantt_figure(result: Feasibility) -> Figure:
    """Draw the first simulated course: a panel per day, a row per technician, bath and reader.

    Of days with the same tasks for the same animals the busiest is drawn; of more days than a
    page takes, the busiest.

    Parameters
    ----------
    result : with the work of its first course.
    """
    panels, complete = _panels(result)
    if not panels:
        return _nothing()
    inches = [_height(panel, result.conduct) for panel in panels]
    figure = new_figure(PAGE_WIDTH, sum(inches) + 0.42 * len(panels) + 0.95)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=inches)[:, 0]
    for axes, panel in zip(grid, panels, strict=True):
        _draw_day(axes, panel, result.conduct, many=len(result.work) > _MOST_VECTORS)
    _time_axis(grid[-1], panels, result.conduct)
    for axes in grid:
        _mark_shift(axes, result.conduct)
    _legend(figure, panels, result.conduct)
    caption(figure, _told(result, panels, complete=complete))
    return figure


def _panels(result: Feasibility) -> tuple[list[_Panel], bool]:
    """Return what is drawn, in order of days, and whether that is every kind of day."""
    bars: dict[int, list[Work]] = {}
    for work in result.work:
        bars.setdefault(clock_of(work.start, result.conduct)[0], []).append(work)
    panels = []
    for alike in result.kinds_of_day:
        day = max(alike, key=lambda day: (day.latest, -day.day))
        if day.day in bars:
            panels.append(_Panel(day, tuple(other.day for other in alike), tuple(bars[day.day])))
    busiest = sorted(panels, key=lambda panel: (panel.day.fits, -panel.day.staff))[:_MOST_PANELS]
    return sorted(busiest, key=lambda panel: panel.day.day), len(panels) == len(busiest)


def _height(panel: _Panel, conduct: Conduct) -> float:
    """Return the inches of a panel."""
    equipment = {work.task for work in panel.bars} & set(_EQUIPMENT)
    hands = len(_hands(panel, conduct))
    return hands * _row(hands) + _ROW * (len(equipment) + 0.5)


def _hands(panel: _Panel, conduct: Conduct) -> list[int]:
    """Return the technicians that get a row: all, or of many those who work on the day."""
    if conduct.staff <= _MOST_NAMED:
        return list(range(conduct.staff))
    return sorted({work.technician for work in panel.bars if work.technician is not None})


def _row(hands: int) -> float:
    """Return the inches of a technician's row."""
    return _ROW if hands <= _MOST_NAMED else max(0.013, min(0.075, 1.3 / hands))


def _nothing() -> Figure:
    figure = new_figure(PAGE_WIDTH, 1.0)
    figure.text(0.5, 0.5, "there is no work to draw", ha="center", va="center", color=GREY)
    return figure


def _draw_day(axes: Axes, panel: _Panel, conduct: Conduct, *, many: bool) -> None:
    """Draw one day: technicians one unit high each, then bath and reader, always readable."""
    staff = [work for work in panel.bars if work.technician is not None]
    hands = _hands(panel, conduct)
    for (task, technician), mine in _by_row(staff).items():
        colour, height = _TASKS[task]
        who = hands.index(technician)
        spans = [_span(work, conduct) for work in mine]
        edge = _wide(spans)
        axes.broken_barh(
            spans,
            (who - height / 2, height),
            facecolors=colour,
            edgecolor="white" if edge else "none",
            linewidth=0.25 if edge else 0.0,
            rasterized=many,
        )
    names = {
        float(row): f"technician {technician + 1}"
        for row, technician in enumerate(hands)
        if len(hands) <= _MOST_NAMED or row in (0, len(hands) - 1)
    }
    unit = _ROW / _row(len(hands))
    # many rows are thin: the name of the last would touch that of the bath
    middle = len(hands) - 0.5 + unit / 2 + (0.4 * unit if len(hands) > _MOST_NAMED else 0.0)
    for task, (one, several) in _EQUIPMENT.items():
        spans = [_span(work, conduct) for work in panel.bars if work.task == task]
        if spans:
            places = _places(task, conduct)
            _draw_use(axes, spans, middle, unit, places=places, colour=_TASKS[task][0])
            names[middle] = one if _units(task, conduct) == 1 else several
            middle += unit
    axes.set_yticks(list(names), list(names.values()), fontsize=_SMALL)
    axes.set_ylim(middle - 0.35 * unit, -0.5 - 0.15 * unit)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_title(_title(panel), fontsize=8)
    told, colour = _ending(panel, staff, conduct)
    axes.set_title(told, loc="right", fontsize=_SMALL, color=colour, fontweight="normal")


def _by_row(staff: Sequence[Work]) -> dict[tuple[str, int], list[Work]]:
    """Return the bars by task and technician."""
    rows: dict[tuple[str, int], list[Work]] = {}
    for work in staff:
        assert work.technician is not None  # only these are given
        rows.setdefault((work.task, work.technician), []).append(work)
    return rows


def _places(task: str, conduct: Conduct) -> int:
    """Return for how many animals at a time there is equipment."""
    equipment = conduct.equipment
    return equipment.readers if task == "reading" else equipment.baths * equipment.per_bath


def _units(task: str, conduct: Conduct) -> int:
    return conduct.equipment.readers if task == "reading" else conduct.equipment.baths


def _span(work: Work, conduct: Conduct) -> tuple[float, float]:
    """Return begin (clock) and length in hours."""
    _, begins = clock_of(work.start, conduct)
    return begins, max(24.0 * (work.end - work.start), _HAIR)


def _wide(spans: Sequence[tuple[float, float]]) -> bool:
    """Whether bars are so wide that a white line between them does not eat them up."""
    return float(np.median([length for _, length in spans])) > 0.04


def _draw_use(
    axes: Axes,
    spans: Sequence[tuple[float, float]],
    middle: float,
    unit: float,
    *,
    places: int,
    colour: str,
) -> None:
    """Fill a row as high as the share of places in use; a single one can still be seen."""
    changes = sorted([(start, 1) for start, _ in spans] + [(a + b, -1) for a, b in spans])
    used = np.cumsum([step for _, step in changes])
    share = np.where(used > 0, np.maximum(used / places, 0.1), 0.0)
    floor = middle + 0.42 * unit
    times = [time for time, _ in changes]
    axes.fill_between(
        times, floor, floor - 0.84 * unit * share, step="post", color=colour, linewidth=0, zorder=2
    )
    axes.axhline(floor, color=PALE, linewidth=0.4, zorder=1)


def _title(panel: _Panel) -> str:
    day = panel.day
    if not day.planned:
        return f"day {day.day}, what was left"
    animals = f"{day.planned} animal{'s' if day.planned != 1 else ''}"
    if not panel.alike[1:]:
        return f"day {day.day}, {animals}"
    return f"days {span_of_days(panel.alike)}, {animals} (day {day.day} is drawn)"


def _ending(panel: _Panel, staff: Sequence[Work], conduct: Conduct) -> tuple[str, str]:
    """Return how the drawn day ends, and the colour to say it in."""
    if not panel.day.fits:
        return f"{panel.day.left_over} left at closing", _LATE
    if panel.day.unread:
        return f"{panel.day.left_over} read the next day", INK
    ends = max((sum(_span(work, conduct)) for work in staff), default=float("nan"))
    return f"done at {clock(ends)}", INK


def _time_axis(axes: Axes, panels: Sequence[_Panel], conduct: Conduct) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    opens, closes = hours_of(conduct.hours.opens), hours_of(conduct.hours.closes)
    ends = max(sum(_span(work, conduct)) for panel in panels for work in panel.bars)
    first, last = opens, max(closes, ends)
    room = 0.015 * (last - first)
    axes.set_xlim(first - room, last + room)
    step = next(step for step in (0.25, 0.5, 1.0, 2.0, 3.0, 6.0) if (last - first) / step <= 11)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda hours, _: clock(hours % 24)))


def _mark_shift(axes: Axes, conduct: Conduct) -> None:
    """Mark break and closing, and the hours by thin lines."""
    if conduct.hours.pause is not None:
        first, last = (hours_of(text) for text in conduct.hours.pause)
        axes.axvspan(first, last, color=PALE, alpha=_BREAK, linewidth=0, zorder=0)
    axes.axvline(hours_of(conduct.hours.closes), color=INK, linewidth=0.9, zorder=3)
    axes.grid(axis="x", color=PALE, linewidth=0.35)
    axes.set_axisbelow(True)


def _legend(figure: Figure, panels: Sequence[_Panel], conduct: Conduct) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    used = {work.task for panel in panels for work in panel.bars}
    keys: list[Patch | Line2D] = [
        Patch(facecolor=_TASKS[task][0], label=task) for task in get_args(TaskName) if task in used
    ]
    if conduct.hours.pause is not None:
        keys.append(Patch(facecolor=PALE, alpha=_BREAK, label="break"))
    keys.append(Line2D([], [], color=INK, linewidth=0.9, marker="|", linestyle="", label="closing"))
    figure.legend(
        handles=keys,
        loc="outside upper left",
        ncols=len(keys),
        frameon=False,
        fontsize=_SMALL,
        handlelength=1.1,
        handleheight=0.9,
        columnspacing=1.2,
        handletextpad=0.4,
    )


def _told(result: Feasibility, panels: Sequence[_Panel], *, complete: bool) -> str:
    conduct = result.conduct
    course = "" if result.courses == 1 else f"; the first of {result.courses} simulated courses"
    used = {work.task for panel in panels for work in panel.bars}
    heights = " ".join(
        f"Height of the {names[_units(task, conduct) > 1]}: share of {places:,} places in use."
        for task, names in _EQUIPMENT.items()
        if task in used and (places := _places(task, conduct)) > 1
    )
    more = "" if complete else f" Only the {len(panels)} busiest days are drawn."
    return (
        f"{result.scenario_id}, n = {result.n_per_arm} per arm, {result.animals} animals{course}; "
        f"{conduct.staff} technician{'s' if conduct.staff > 1 else ''}, order {conduct.order}, "
        f"plating {conduct.plating}. {heights}{more}"
    )
