"""The effect that is looked for and how mice differ, each number with where it is from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.output.assumptions import parameters
from simulator.output.document import Block, Bullets, Marked, Paragraph, Table, say
from simulator.output.statement.stated import gap
from simulator.output.wording.numbers import estimate
from simulator.output.wording.truth import chance_text, truth_rows

if TYPE_CHECKING:
    from simulator.evaluation.power_result import ComparisonPower
    from simulator.output.statement.stated import Stated

_NUMBERS: Final = ("expected fold of medians", "probability P(X>Y)")
#: What the numbers of a response are, by their keys.
_EFFECTS: Final = {
    "emax": "largest effect",
    "ec50": "dose of half of it (EC50)",
    "ed50": "dose of half of it (ED50)",
    "hill": "steepness (Hill)",
    "rise": "constant change",
}
_ROUTES: Final = ("IM", "SC", "IP", "IV", "any_route")
_SPREADS: Final = {
    "cv": "coefficient of variation between mice",
    "sd_ln": "standard deviation of the natural logarithm between mice",
    "sd_log2": "standard deviation between mice, two-fold steps",
    "sd": "standard deviation between mice",
    "cage_icc": "likeness of cage-mates (intraclass correlation)",
}
_ANY: Final = frozenset[str]()
#: What all endpoints share, by path: in words, and the kinds that must be read for it to matter.
_SHARED: Final = {
    "truth.variability.cage_icc": ("likeness of cage-mates (intraclass correlation)", _ANY),
    "truth.variability.sensitivity.sd_ln": (
        "differences in sensitivity to the drug (standard deviation of the natural logarithm of "
        "the half-effect dose)",
        _ANY,
    ),
    "truth.variability.responder_correlation": (
        "correlation of AFC and titer within a mouse",
        frozenset({"plaque_count", "titer"}),
    ),
    "truth.variability.immunization_failure": ("share of immunizations that fail", _ANY),
    "truth.assay.reader_cv": (
        "reading error of plaque counts (coefficient of variation)",
        frozenset({"plaque_count"}),
    ),
    "truth.assay.misread": ("titers misread by one well, each way", frozenset({"titer"})),
    "truth.handling.spleen_loss": (
        "AFC lost per hour that a spleen waits",
        frozenset({"plaque_count"}),
    ),
    "truth.handling.reader_drift": (
        "change of plaque counts per hour of reading",
        frozenset({"plaque_count"}),
    ),
    "truth.handling.day_sd_ln": (
        "differences between days (standard deviation of the natural logarithm)",
        _ANY,
    ),
}


def decisive(stated: Stated) -> tuple[ComparisonPower, ...]:
    """Return the comparisons that the number of mice rests on."""
    wished = stated.scenario.decision.power.arms
    return tuple(
        row
        for row in stated.run.result.curve_comparisons
        if wished is None or row.treated in wished
    )


def expected(stated: Stated) -> tuple[Block, ...]:
    """Return the expected effect of every decisive comparison, and why it is expected."""
    rows = tuple(
        (
            f"{row.endpoint}: {row.treated} against {row.control}",
            estimate(row.fold_of_medians),
            estimate(row.relative_effect),
        )
        for row in decisive(stated)
    )
    table = Table(
        caption="Effect to be found (± simulation error): fold of medians and P(X>Y). "
        f"{chance_text(stated.scenario)}",
        columns=("comparison", *_NUMBERS),
        rows=rows,
        number=_NUMBERS,
    )
    return (table, Bullets((*_responses(stated), *_sources(stated), _relevance())))


def variability(stated: Stated) -> Bullets:
    """Return how mice differ and what is read wrongly, each with where it is from."""
    items: list[Paragraph] = []
    known = dict(parameters(stated.truth, "truth"))
    levels = {row[0]: row[1] for row in truth_rows(stated.scenario)}
    for name in _endpoints(stated):
        what = f"{name}, level of control mice"
        level = stated.evidence(what, f"truth.{name}.control", shown=levels[name])
        items.append(level or say(f"{what}: {levels[name]}"))
        for key, words in _SPREADS.items():
            found = stated.evidence(f"{name}, {words}", f"truth.variability.{name}.{key}")
            items += [] if found is None else [found]
    kinds = {stated.design.endpoints[name].kind for name in _endpoints(stated)}
    own = all(f"truth.variability.{name}.cage_icc" in known for name in _endpoints(stated))
    for path, (words, of) in _SHARED.items():
        used = of <= kinds and not (own and path.endswith("cage_icc"))
        found = stated.evidence(words, path) if used else None
        items += [] if found is None else [found]
    return Bullets(tuple(items))


def _endpoints(stated: Stated) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.endpoint for row in decisive(stated)))


def _responses(stated: Stated) -> Iterator[Paragraph]:
    """Yield the stated response of the decisive endpoints."""
    truth, seen = stated.scenario.truth, False
    for name in _endpoints(stated):
        response = truth.response_of(name)
        where = f"truth.{name}.response"
        if where in stated.assumed:
            yield say(f"{name}: ", Marked("assumed", "no effect in any group"))
        elif response.model == "fold":
            told = list(_folds(stated, name, where))
            yield from told or [say(f"{name}: no effect in any group is stated.")]
        elif response.model == "emax":
            yield from _curves(stated, where, f"{name}, ", scale="on the log fold")
        elif not seen:
            seen = True
            yield say(
                "The response follows from doses, days and immunization by the kinetic model of "
                "the program; what the substances do to it:"
            )
            yield from _curves(stated, "truth.effects", "", scale="")


def _folds(stated: Stated, name: str, where: str) -> Iterator[Paragraph]:
    for arm in dict.fromkeys(row.treated for row in decisive(stated)):
        found = stated.evidence(
            f"{name}, fold of {arm} over an untreated control", f"{where}.{arm}"
        )
        if found is not None:
            yield found


def _curves(stated: Stated, where: str, prefix: str, *, scale: str) -> Iterator[Paragraph]:
    """Yield the numbers of dose curves, or of effects on rates, of what these groups are given.

    Parameters
    ----------
    where : path of the curves in the truth.
    prefix : what stands before every name.
    scale : what the largest effect is measured in; "" for that of a rate.
    """
    arms = {arm for row in decisive(stated) for arm in (row.treated, row.control)}
    given = {r.substance for arm in arms for r in stated.design.arms[arm].regimens}
    known = {path for path, _ in parameters(stated.truth, "truth")}
    for substance in stated.design.substances:
        for route in _ROUTES if substance in given else ():
            by = "by any route" if route == "any_route" else route
            curve = f"{where}.{substance}.{route}"
            constant = f"{curve}.rise" in known  # a constant change has no steepness
            for key, words in _EFFECTS.items():
                on = scale or _rate(stated, substance, route)
                what = f"{words} {on}" if key in ("emax", "rise") else words
                found = stated.evidence(f"{prefix}{substance} {by}, {what}", f"{curve}.{key}")
                if found is not None and not (constant and key == "hill"):
                    yield found


def _rate(stated: Stated, substance: str, route: str) -> str:
    """Return which rate of the kinetic model a substance changes."""
    effect = stated.scenario.truth.effects.get(substance)
    found = None if effect is None else getattr(effect, route)
    return "" if found is None else f"on the rate of {found.on}"


def _sources(stated: Stated) -> Iterator[Paragraph]:
    """Yield the sources that the scenario names, or that there is none."""
    sources = stated.scenario.sources
    for name, source in sources.items():
        yield say(f"Source named in the scenario, {name}: {source}")
    if not sources:
        yield say("Sources: ", gap("where effect and variability are from: pilot, publication"))


def _relevance() -> Paragraph:
    return say("Why this effect: ", gap("why a difference of this size matters, or is expected"))
