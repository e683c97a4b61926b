"""What the laboratory can do, as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.evaluation.day_at_work import clock
from simulator.evaluation.feasibility_result import span_of_days
from simulator.output.wording.laboratory import laboratory_text

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.day_at_work import DayAtWork
    from simulator.evaluation.feasibility_result import ArmTimes, Feasibility, Spell

#: Kinds of day that a table takes; of more, those that are busiest.
_MOST_KINDS = 20


def show_conduct(found: Feasibility, screen: Console, *, n_stated: bool) -> None:
    """Print the answer first, then every day, then what the order does to the arms.

    Parameters
    ----------
    n_stated : whether the number per arm was asked for, not taken from the decision's range.
    """
    verdict = found.verdict[0].upper() + found.verdict[1:]
    screen.print(verdict, style="bold green" if found.fits else "bold red")
    for day in found.read_later:
        screen.print(
            f"day {day.day}: {day.left_over} are read the next day; this is counted as fitting, as "
            "plates keep for a day",
            style="yellow",
        )
    if found.long_wait is not None:
        screen.print(
            f"warning: spleens wait up to {found.long_wait:.0f} h for plating: a spleen that waits "
            "24 h is lost for counting; handling.spleen_loss only makes it small",
            style="yellow",
        )
    if not found.fits:
        screen.print(f"next: {_way_out(found)}", style="bold")
    screen.print(f"largest study that fits: {_largest(found)}")
    whence = "" if n_stated else ", the top of decision.n"
    screen.print(
        f"\n{found.scenario_id} with n = {found.n_per_arm} per arm{whence}: {found.animals} "
        f"animals, {_courses(found)}, seed {found.seed}"
    )
    screen.print(_laboratory(found), style="yellow" if found.assumed else None)
    screen.print()
    _days(found, screen)
    _arms(found, screen)
    screen.print(
        "ends: when the last technician is done, mean over the courses; what has begun is "
        "finished, through the break and past closing; use: share of the working hours "
        f"({found.conduct.hours.working:g} h a day), of the places in the bath and of the readers",
        style="dim",
    )


def _courses(found: Feasibility) -> str:
    if found.courses == 1:
        return "one course (no duration varies)"
    return f"{found.courses} simulated courses"


def _largest(found: Feasibility) -> str:
    if found.largest == 0:
        return "none, not even one animal per arm"
    least = "at least " if found.largest_at_cap else ""
    return f"{least}n = {found.largest} per arm ({found.largest_animals} animals)"


def _way_out(found: Feasibility) -> str:
    """Return what would make every day fit."""
    ways = []
    if found.staff_needed is not None:
        ways.append(f"with {found.staff_needed} technicians every day fits")
    if found.largest:
        ways.append(f"with n = {found.largest} per arm every day fits")
    other = found.ways_out
    if other is not None and other.at_once:
        ways.append("with plating: at-once in design.conduct every day fits")
    if other is not None and other.days is not None:
        ways.append(f"with days: {other.days} in design.conduct every day fits")
    if found.staff_needed is None:
        ways.append(_no_hands(found))
    return "; ".join(ways)


def _no_hands(found: Feasibility) -> str:
    """Say what to do where more technicians do not help."""
    too_few = max(found.most_staff, found.conduct.staff)
    told = f"{too_few} technicians are too few as well"
    limit = None if found.ways_out is None else found.ways_out.bottleneck
    if limit is None:
        return f"{told}, and no bath, reader or balance is busy: give longer hours or fewer animals"
    many = {"balance": "balances", "bath": "baths", "reader": "readers"}[limit.name]
    return (
        f"{told}: the {limit.name} is the bottleneck, in use for {min(limit.use, 1.0):.0%} of the "
        f"working hours of day {limit.day} with that many: give more {many}, or longer hours"
    )


def _laboratory(found: Feasibility) -> str:
    told = laboratory_text(found.conduct)
    if found.assumed:
        return f"assumed, as the file has no design.conduct: {told}, and the time of every task"
    return f"laboratory: {told}"


def _days(found: Feasibility, screen: Console) -> None:
    kinds = found.kinds_of_day
    shown = sorted(kinds, key=lambda kind: (kind[0].fits, -kind[0].staff))[:_MOST_KINDS]
    rows = [_row(kind) for kind in sorted(shown, key=lambda kind: kind[0].day)]
    columns = (
        *("day", "animals", "tasks", "begins", "ends", "latest", "left"),
        *("staff", "balance", "bath", "reader"),
    )
    numbers = tuple(column for column in columns if column != "tasks")
    show_table(
        columns,
        rows,
        screen,
        whole=numbers,
        right=numbers[1:],
        title=f"days (the shift ends at {found.conduct.hours.closes})",
        header="dim",
    )
    if len(kinds) > len(shown):
        screen.print(f"  the {len(shown)} busiest kinds of day; --json has all", style="dim")
    screen.print()


def _row(kind: Sequence[DayAtWork]) -> tuple[str, ...]:
    """Return the busiest of days that are alike."""
    day = max(kind, key=lambda day: (day.latest, -day.day))
    return (
        span_of_days([day.day for day in kind]),
        f"{day.planned}" if day.planned else "-",
        _tasks(day),
        *(clock(hours) or "-" for hours in (day.begins, day.ends, day.latest)),
        "\n".join(_left(day)) or "-",
        *(_share(used) for used in (day.staff, day.balance, day.bath, day.reader)),
    )


def _left(day: DayAtWork) -> list[str]:
    left = [f"{day.left}"] if day.left else []
    left += [f"{day.unplated} spleens"] if day.unplated else []
    unread = max(day.unread, day.overdue)
    return left + ([f"{unread} unread"] if unread else [])


def _tasks(day: DayAtWork) -> str:
    """Return the tasks; with their animals where not all of the day's have them."""
    return ", ".join(
        task if count == day.planned else f"{task} {count:.0f}" if count >= 0.5 else f"{task} <1"
        for task, count in day.tasks.items()
    )


def _share(used: float) -> str:
    if used == 0:
        return "-"
    return f"{used:.0%}" if used >= 0.005 else "<1%"


def _arms(found: Feasibility, screen: Console) -> None:
    by_endpoint: dict[str, list[ArmTimes]] = {}
    for arm in found.arms:
        by_endpoint.setdefault(arm.endpoint, []).append(arm)
    for endpoint, arms in by_endpoint.items():
        plated = any(arm.waited is not None for arm in arms)
        columns = ("arm", "immunization to kill, h", *(("spleen waits, h",) if plated else ()))
        rows = [(arm.arm, _spell(arm.interval, 1), _waits(arm))[: len(columns)] for arm in arms]
        if arms[1:] and len({row[1:] for row in rows}) == 1:
            rows = [(f"each of {len(arms)}", *rows[0][1:])]
        screen.print(
            f"{endpoint}: mean (shortest to longest) by arm; planned {arms[0].planned:g} h; order "
            f"{found.conduct.order}",
            style="bold",
        )
        show_table(columns, rows, screen, whole=columns, right=columns[1:], header="dim")
        screen.print(f"  {_difference(arms, found.conduct.order)}\n" if arms[1:] else "")


def _waits(arm: ArmTimes) -> str:
    return "-" if arm.waited is None else _spell(arm.waited, 2)


def _spell(spell: Spell, digits: int) -> str:
    if spell.longest - spell.shortest < 0.5 * 10**-digits:
        return f"{spell.mean:.{digits}f}"
    return f"{spell.mean:.{digits}f} ({spell.shortest:.{digits}f} to {spell.longest:.{digits}f})"


def _difference(arms: Sequence[ArmTimes], order: str) -> str:
    """Say how far apart the arms are on average: what the order of the animals does to them."""
    parts = [("from immunization to kill", [arm.interval.mean for arm in arms])]
    waits = [arm.waited.mean for arm in arms if arm.waited is not None]
    parts += [("in the wait of spleens", waits)] if waits else []
    told = " and ".join(f"{_hours(max(means) - min(means))} {what}" for what, means in parts)
    drawn = "" if order == "by-arm" else " (who stands where is drawn anew for every study)"
    return f"between arms the means differ by up to {told}{drawn}"


def _hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 0.95 else f"{60 * hours:.0f} min"
