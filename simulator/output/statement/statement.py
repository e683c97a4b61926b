"""The statement: a run told to a committee, in the order of its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

from simulator.output.document import Document
from simulator.output.statement import forms
from simulator.output.statement.power import answer, caveats
from simulator.output.statement.stated import Stated

if TYPE_CHECKING:
    from simulator.output.run import Run

Form = Literal["arrive", "iacuc", "eu"]

_SECTIONS: Final[dict[Form, Callable[[Stated], forms.Sections]]] = {
    "arrive": forms.arrive,
    "iacuc": forms.iacuc,
    "eu": forms.eu,
}
_TITLES: Final[dict[Form, str]] = {
    "arrive": "Sample-size statement (ARRIVE 2.0)",
    "iacuc": "Justification of animal numbers (IACUC)",
    "eu": "Number of animals (Directive 2010/63/EU)",
}
_HOW_TO_READ = (
    "ASSUMED: about the mice or the laboratory, and not stated in the scenario, or called assumed "
    "there. (default): a choice that the scenario leaves to the program. TO BE WRITTEN: only the "
    "applicant can; the program leaves it open."
)


def statement(run: Run, *, form: Form = "arrive") -> Document:
    """Return the statement of a run for a committee.

    Every number in it is of the run; where the run claims no number of mice, neither does it.

    Parameters
    ----------
    form : ``arrive`` the ARRIVE 2.0 guidelines; ``iacuc`` a US protocol; ``eu`` Directive
        2010/63/EU, Annex VI with the non-technical summary.
    """
    stated = Stated(run)
    return Document(
        title=_TITLES[form],
        subtitle=run.scenario.question,
        facts={
            "Study": run.scenario.id,
            "Answer": answer(stated),
            "How to read": _HOW_TO_READ,
        },
        notice=_notice(stated),
        sections=_SECTIONS[form](stated),
    )


def _notice(stated: Stated) -> tuple[str, ...]:
    """Return what nobody may overlook: no number claimed, false alarms, cages, another world."""
    told, run = [], stated.run
    if run.size is None:
        told.append(
            f"The number of mice was not searched for: this is the power of {run.result.n_per_arm} "
            "per group. afcsim size searches for the number."
        )
    elif run.size.status != "certified":
        told.append(f"No number of mice is claimed: the search is {run.size.status}.")
    return (*told, *caveats(stated))
