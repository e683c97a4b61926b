"""What no simulation knows and committees ask: places that the applicant fills in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.output.document import Bullets, Paragraph, listed, say
from simulator.output.statement.stated import gap
from simulator.output.statement.titles import series

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated


def animals(stated: Stated) -> Bullets:
    """Return what is asked about the mice, and why of one sex only where they are."""
    items = [
        say("Species: mouse; ", gap("scientific name, and the full name of the strain")),
        say("Age and source: ", gap("age of the mice at the start; breeder or supplier")),
    ]
    sex = stated.design.animals.sex
    if sex != "both":
        items.append(say(f"Why {sex} mice only: ", gap("reason to use one sex only")))
    return listed(items)


def procedures(stated: Stated) -> Bullets:
    """Return what is asked about injections and, where titers are read, about blood."""
    return listed(_procedures(stated))


def _procedures(stated: Stated) -> Iterator[Paragraph]:
    design = stated.design
    given = [one.route for arm in design.arms.values() for one in arm.regimens]
    routes = series(list(dict.fromkeys([design.immunization.route, *given])))
    wanted = f"volume per mouse and injection by {routes}, after dilution; sites of injection"
    yield say("Injected volumes: ", gap(wanted))
    titers = [name for name, one in design.endpoints.items() if one.kind == "titer"]
    if titers:
        yield say(
            f"Blood for {series(titers)}: ",
            gap("site and method of sampling; volume of a sample, and of all from one mouse"),
        )


def alternatives() -> Paragraph:
    """Return that the search for methods without animals is for the applicant to describe."""
    return say(
        "Search for alternatives to animals: ",
        gap("databases or sources searched, date, years covered, search words, and the result"),
    )


def recommended() -> Bullets:
    """Return what ARRIVE asks of an applicant beside the essential items."""
    return listed(
        [
            say("Why animals are needed at all: ", gap("why no method without animals will do")),
            alternatives(),
            say("Why this species and strain: ", gap("choice of species and strain")),
            say("Severity: ", gap("expected severity of the procedures and of their effects")),
            say("Humane endpoints: ", gap("signs at which an animal is killed, who decides")),
            say("Pain relief and killing: ", gap("anaesthesia, analgesia, method of killing")),
            say("Licence: ", gap("committee; numbers of the project licence and of the approval")),
        ]
    )
