"""Losses between enrolment and analysis, in full sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.output.document import Paragraph, say
from simulator.output.statement.titles import series

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated
    from simulator.scenario import Design

#: So many injections of a mouse are many: that none is lost is then a bold assumption.
_MANY: Final = 5


def losses(stated: Stated) -> Paragraph:
    """Return what is expected to be lost between enrolment and analysis."""
    design = stated.design
    told = list(_told(design))
    if not told:
        expected = stated.say("design.attrition.loss", "no mouse and no sample is lost")
        return say("Losses: ", expected, ".", *_caution(design))
    if design.attrition.inflate is None:
        told.append(
            "the power takes this into account; no mice are added for it "
            "(design.attrition.inflate would add some)"
        )
    return say(f"Losses: {'; '.join(told)}.")


def _caution(design: Design) -> Iterator[str]:
    """Yield that injured mice are rarely none, where every mouse is injected many times."""
    given = injections(design)
    if given >= _MANY:
        yield (
            f" Caution: a mouse gets up to {given} injections. If some mice die or are excluded, "
            "the power is lower than told here. design.attrition states the losses that are "
            "expected, and design.attrition.inflate enrols more mice for them."
        )


def injections(design: Design) -> int:
    """Return the most injections that a mouse gets, the immunization among them."""
    doses = (
        sum(len(design.schedules[one.schedule].times) for one in arm.regimens)
        for arm in design.arms.values()
    )
    return 1 + max(doses, default=0)


def _told(design: Design) -> Iterator[str]:
    attrition = design.attrition
    yield from _deaths(design)
    lost = {name: share for name, share in attrition.samples.items() if share}
    if lost:
        each = series([f"{percent(share)} of {name}" for name, share in lost.items()])
        yield f"of the samples {each} are expected to be lost"
    if attrition.exclusions:
        yield f"{percent(attrition.exclusions)} of the mice are expected to be excluded"
    if attrition.failed_immunization:
        yield (
            f"{percent(attrition.failed_immunization)} of the failed immunizations are expected "
            "to be noticed, and these mice excluded"
        )
    if attrition.inflate is not None:
        yield (
            "so many mice are enrolled that every group keeps its number, in the endpoint that "
            f"loses most, with a probability of at least {percent(attrition.inflate)}"
        )


def _deaths(design: Design) -> Iterator[str]:
    """Yield how many mice are expected to die, and where that differs between groups."""
    attrition = design.attrition
    own = {name: share for name, share in attrition.by_arm.items() if share != attrition.loss}
    if own:
        each = series([f"{percent(share)} in {name}" for name, share in own.items()])
        others = percent(attrition.loss) if attrition.loss else "none"
        yield f"mice expected to die: {each}, {others} in other groups"
    elif attrition.loss:
        yield f"{percent(attrition.loss)} of the mice are expected to die"


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100 * share:.4g} %"
