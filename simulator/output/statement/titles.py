"""Groups and endpoints in words, for a reader who does not know the names of the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from simulator.output.arm_labels import dose_text, dose_unit, number
from simulator.output.wording.plan import days_text

if TYPE_CHECKING:
    from simulator.scenario import Design
    from simulator.scenario.design import Dose, Regimen

#: What is read, by the kind of the endpoint; others are called by their name.
_READ: Final = {
    "plaque_count": "antibody-forming cells per spleen",
    "titer": "hemagglutinin titer",
    "phagocytic_percentage": "share of phagocytes that ingested a particle",
    "phagocytic_number": "particles per phagocyte",
}
#: Of more groups, or doses, only so many are named.
_MOST: Final = 8


def series(items: Sequence[str], *, last: str = "and", most: int = _MOST) -> str:
    """Return ``a, b and c``; of very many the first ones, and how many more there are."""
    if len(items) > most + 1:
        return f"{', '.join(items[:most])} {last} {len(items) - most} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def endpoints(design: Design, names: Iterable[str]) -> str:
    """Return what is read, each with its day: ``antibody-forming cells per spleen on day 5``."""
    return series(
        [f"{_read(design, name)} on day {design.endpoints[name].day:g}" for name in names]
    )


def _read(design: Design, name: str) -> str:
    return _READ.get(design.endpoints[name].kind, name.replace("-", " ").replace("_", " "))


def mice(design: Design, names: Sequence[str]) -> str:
    """Return which mice some groups are: ``mice given secretome at 10, 20 and 50 µL/kg IM``.

    Groups that differ in nothing but the dose are told together. A group whose treatment the
    scenario does not state is called by its name.
    """
    bare = [name for name in names if not design.arms[name].regimens]
    given = _given(design, [name for name in names if name not in bare])
    told = [f"mice given {series(given, last='or')}"] if given else []
    told += [f"the group{'s' if len(bare) > 1 else ''} {series(bare)}"] if bare else []
    return " and ".join(told)


def _given(design: Design, names: Sequence[str]) -> list[str]:
    """Return the treatments of some groups, doses of one substance together."""
    told: dict[tuple[str, str, str], list[Dose]] = {}
    parts = []
    for name in names:
        first, *others = design.arms[name].regimens
        if others:
            given = (f"{r.substance} {dose_text(r.dose)} {r.route}" for r in (first, *others))
            parts.append(" plus ".join(given))
        else:
            told.setdefault(_alone(design, first), []).append(first.dose)
    several = _schedules(design, names)
    for (substance, route, days), doses in told.items():
        when = f" on {_days(days)}" if (substance, route) in several else ""
        parts.append(f"{substance} {_doses(doses)} {route}{when}")
    return parts


def _alone(design: Design, given: Regimen) -> tuple[str, str, str]:
    return given.substance, given.route, days_text(design.schedules[given.schedule].times)


def _days(text: str) -> str:
    return f"days {text}" if "," in text else f"day {text}"


def _schedules(design: Design, names: Sequence[str]) -> set[tuple[str, str]]:
    """Return what is given by more than one schedule, so that days tell the groups apart."""
    found: dict[tuple[str, str], set[str]] = {}
    for name in names:
        for one in design.arms[name].regimens:
            substance, route, days = _alone(design, one)
            found.setdefault((substance, route), set()).add(days)
    return {key for key, days in found.items() if len(days) > 1}


def _doses(doses: Sequence[Dose]) -> str:
    """Return doses of one substance in both views, each view under one unit."""
    views = []
    volumes = [one.volume for one in doses if one.volume is not None]
    masses = [one.mass for one in doses if one.mass is not None]
    for values, mass in ((volumes, False), (masses, True)):
        if len(values) == len(doses):
            unit, worth = dose_unit(max(values), mass=mass)
            views.append(f"{series([number(value / worth) for value in values])} {unit}")
    if not views:
        views = [series([dose_text(one) for one in doses])]
    at = "at " if len(doses) > 1 else ""
    return f"{at}{views[0]}" + (f" ({views[1]})" if len(views) > 1 else "")
