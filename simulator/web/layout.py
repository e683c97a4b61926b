"""The page before anything is known: places for inputs, answers and pictures, all labelled."""

from __future__ import annotations

from collections.abc import Sequence

from htmltools import Tag, TagChild
from shiny import ui

from simulator.scenario_files import catalogue
from simulator.scenario_files.loading import MAX_BYTES

#: Where the page's own files are served.
ASSETS = "planner"
VIEWS = {
    "curve": "Power",
    "study": "Simulated study",
    "lab": "Laboratory",
    "compare": "Compare",
    "plan": "Plan",
    "file": "File",
    "take": "Download",
}


def page(*, local: bool) -> Tag:
    """Return the page.

    Parameters
    ----------
    local : whether it is served to this computer alone.
    """
    where = (
        "nothing leaves this computer."
        if local
        else "what you enter goes, not encrypted, to the computer that serves this page."
    )
    return ui.page_fluid(
        ui.head_content(
            ui.tags.meta(name="viewport", content="width=device-width, initial-scale=1"),
            ui.tags.link(rel="icon", href="data:,"),
            ui.tags.link(rel="stylesheet", href=f"{ASSETS}/planner.css"),
            ui.tags.script(src=f"{ASSETS}/planner.js", defer=""),
        ),
        ui.tags.a("To the answer", href="#answer", class_="skip"),
        ui.tags.header(
            ui.tags.h1("afcsim planner"),
            ui.tags.p(
                "Plan an animal study before a single animal is ordered. Everything here is "
                f"simulated; {where}",
            ),
            class_="top",
        ),
        ui.tags.div(
            ui.tags.div(ui.output_ui("headline"), role="status"),
            ui.output_ui("busy"),
            class_="bar",
        ),
        ui.tags.div(
            ui.tags.section(_inputs(), class_="inputs", aria_label="The plan"),
            ui.tags.main(_answers(), class_="answers", id="answer", tabindex="-1"),
            class_="desk",
        ),
        title="afcsim planner",
        lang="en",
    )


def _inputs() -> Sequence[TagChild]:
    entries = {entry.id: entry.id for entry in catalogue()}
    return (
        ui.tags.h2("The plan"),
        ui.input_select("scenario", "Start from", {"": "a file of mine …", **entries}, selected=""),
        ui.tags.div(
            ui.tags.label("or open a scenario file (YAML)", for_="file"),
            ui.tags.input(
                type="file",
                id="file",
                accept=".yaml,.yml,.txt,text/plain",
                data_most=str(MAX_BYTES),
                data_shiny_no_bind_input="",  # read here and sent as text: nothing is uploaded
                aria_describedby="file_why",
            ),
            ui.tags.div(ui.output_ui("file_why"), id="file_why_box", aria_live="polite"),
            class_="form-group",
        ),
        ui.output_ui("fields"),
    )


def _answers() -> Sequence[TagChild]:
    return (
        ui.tags.h2("The answer"),
        ui.output_ui("sentence"),
        ui.output_ui("problems"),
        ui.navset_tab(
            *(ui.nav_panel(title, *_view(name), value=name) for name, title in VIEWS.items()),
            id="view",
        ),
    )


def _view(name: str) -> Sequence[TagChild]:
    if name == "curve":
        return (ui.output_ui("curve"), ui.output_ui("numbers"))
    if name == "study":
        return (
            ui.input_action_button("draw", "Draw another study"),
            ui.output_ui("study"),
        )
    if name == "compare":
        return (
            ui.input_action_button("keep", "Keep this plan to compare with"),
            ui.output_ui("compare"),
        )
    if name == "file":
        return (
            ui.tags.p(
                "The text that was opened: edit it here for arms, endpoints and all that has no "
                "input, then use it. What was changed in the inputs is not in it; taking that in "
                "writes the whole plan anew, and what you edited here and did not use is lost.",
            ),
            ui.input_text_area(
                "text", "Scenario (YAML)", rows=24, width="100%", spellcheck="false"
            ),
            ui.input_action_button("use_text", "Use this text"),
            ui.input_action_button("take_in", "Take in the changed inputs"),
        )
    if name == "take":
        return (ui.output_ui("link"), ui.output_ui("downloads"))
    return (ui.output_ui(name),)
