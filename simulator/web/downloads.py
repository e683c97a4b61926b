"""What can be taken away: the scenario, the answer, the sheets, and the texts made of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from htmltools import TagList, tags
from shiny import reactive, render, ui

from simulator.web import files
from simulator.web.jobs import GivenUpError

if TYPE_CHECKING:
    from simulator.output.statement.statement import Form
    from simulator.web.desk import Desk
    from simulator.web.known import Answer


#: The forms of a statement.
_FORMS: Final[dict[Form, str]] = {
    "arrive": "ARRIVE 2.0",
    "iacuc": "IACUC",
    "eu": "EU project",
}

_ENDED: Final = (
    "The work on this answer ended before n was settled: there is no answer, report or statement."
)
_ENDED_WHOLE: Final = (
    "The work on this answer ended before all was read that stands beside it (other worlds, "
    "assurance): that is missing in answer, report and statement."
)


def offer_downloads(desk: Desk) -> None:
    """Define the downloads of a session."""

    async def made(make: Callable[[Answer], str | bytes]) -> AsyncIterator[str | bytes]:
        with reactive.isolate():
            answer, plan = desk.answer(), desk.plan()
        if answer is None or answer.plan is not plan:
            return  # the button is gone by then
        with suppress(GivenUpError):  # nobody is there any more
            yield await desk.aside(partial(make, answer))

    @render.ui
    def downloads() -> TagList:
        answer = desk.answer()
        if answer is None or answer.plan is not desk.plan():
            return TagList(tags.p("This plan has no answer yet."))
        pieces = [ui.download_button("take_yaml", "Scenario (YAML)")]
        if answer.is_whole:
            pieces.append(ui.download_button("take_json", "Answer (JSON)"))
            pieces.append(ui.download_button("take_report", "Report (HTML)"))
            pieces += [
                ui.download_button(f"take_{form}", f"Statement, {label} (Markdown)")
                for form, label in _FORMS.items()
            ]
        pieces.append(ui.download_button("take_sheets", "Allocation sheets (ZIP)"))
        notes = [
            tags.p(
                "The YAML is the plan with everything filled in: afcsim size answers it with the "
                "same numbers."
            ),
            tags.p(
                f"The sheets are a rehearsal with simulated weights, n = {answer.n} per arm; the "
                "folder key/ tells the arms."
            ),
        ]
        if answer.stage == "ended":
            notes.append(tags.p(_ENDED_WHOLE if answer.is_whole else _ENDED))
        elif not answer.is_whole:
            notes.append(tags.p("The answer, report and statement follow once n is settled."))
        return TagList(tags.div(*pieces, class_="downloads"), *notes)

    def name(suffix: str) -> Callable[[], str]:
        def chosen() -> str:
            with reactive.isolate():
                answer = desk.answer()
            stem = "scenario" if answer is None else answer.loaded.scenario.id
            return f"{stem}{suffix}"

        return chosen

    def offer(what: str, suffix: str, media: str, make: Callable[[Answer], str | bytes]) -> None:
        async def take() -> AsyncIterator[str | bytes]:
            async for part in made(make):
                yield part

        take.__name__ = f"take_{what}"
        render.download_button(filename=name(suffix), media_type=media)(take)

    offer("yaml", ".yaml", "application/yaml", files.yaml_text)
    offer("json", ".json", "application/json", files.json_answer)
    offer("sheets", "-sheets.zip", "application/zip", files.sheets)
    offer("report", "-report.html", "text/html", files.report)
    for form in _FORMS:
        offer(form, f"-{form}.md", "text/markdown", partial(files.statement, form=form))
