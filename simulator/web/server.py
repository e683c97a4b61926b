"""One session of the page: inputs to plan, plan to answers, answers to what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, reactive, render, req, ui

from simulator.errors import ScenarioError
from simulator.scenario_files import dump_scenario
from simulator.scenario_files.loading import MAX_BYTES
from simulator.web import views
from simulator.web.desk import Desk
from simulator.web.downloads import offer_downloads
from simulator.web.inputs import inputs, notes
from simulator.web.known import Answer
from simulator.web.pieces import figure, problem_list
from simulator.web.plan import Plan, catalogue_plan, plan_of_query

#: Other simulated studies that can be drawn; then the first comes again.
_STUDIES = 500
#: What to do where a view has nothing to show.
_AGAIN = "why stands above. To try again, go to another view and come back."


def serve_session(first: Plan, input: Inputs, output: Outputs, session: Session) -> None:
    """Set up a session that begins with a plan, or with that of its link."""
    del output  # every place is defined by its name
    desk = Desk()
    session.on_ended(desk.close)
    replicate: reactive.Value[int] = reactive.Value(0)
    wrong_choice = False

    @reactive.effect
    def _from_link() -> None:
        query = session.clientdata.url_search()
        with reactive.isolate():
            if desk.sheet() is not None or desk.plan() is not None:
                return  # the page itself renews its link
        try:
            desk.open(plan_of_query(query, otherwise=first))
        except ScenarioError as error:
            desk.open(first, told=("the link", tuple(error.problems)))

    @reactive.effect
    @reactive.event(input.scenario, ignore_init=True)
    def _from_catalogue() -> None:
        nonlocal wrong_choice
        chosen, now = str(input.scenario()), desk.plan()
        if not chosen and now is not None and now.catalogued:
            ui.update_select("scenario", selected=now.name)  # no file was opened
        if not chosen or (now is not None and now.catalogued and now.name == chosen):
            if wrong_choice:  # what was wrong is not chosen any more
                wrong_choice = False
                desk.refused.set(("", ()))
            return
        try:
            desk.open(catalogue_plan(chosen))
        except ScenarioError as error:
            wrong_choice = True
            desk.refused.set((error.source, tuple(error.problems)))

    @reactive.effect
    @reactive.event(input.opened)
    def _from_file() -> None:
        said: Any = input.opened()
        if not isinstance(said, Mapping):
            return
        name, text, size = str(said.get("name", ""))[:200], said.get("text"), said.get("size")
        if not isinstance(size, int) or size > MAX_BYTES:
            desk.refuse(name, f"has more than the {MAX_BYTES:,} bytes of a scenario")
            return
        if not isinstance(text, str):
            desk.refuse(name, "is not text (UTF-8): save the file as plain text in UTF-8")
            return
        desk.open(Plan(text, name or "file"))

    @reactive.effect
    @reactive.event(input.use_text)
    def _from_text() -> None:
        now = desk.plan()
        text = str(input.text())
        desk.open(Plan(text, "edited text") if now is None else now.edited(text))

    @reactive.effect
    @reactive.event(input.take_in)
    def _take_in() -> None:
        loaded = desk.loaded()
        if loaded is not None:
            ui.update_text_area("text", value=dump_scenario(loaded.scenario))

    @reactive.effect
    def _opened() -> None:
        page = desk.sheet()
        if page is not None:
            replicate.set(0)
            ui.update_select("scenario", selected=page.plan.name if page.plan.catalogued else "")
            ui.update_text_area("text", value=page.plan.text)

    @reactive.effect
    def _collect() -> None:
        page = desk.sheet()
        if page is None:
            return
        changes = page.read(lambda name: input[name]())
        with reactive.isolate():
            plan = desk.plan()
            if plan is not None and changes != dict(plan.changes):
                desk.ask(plan.with_changes(changes))

    @reactive.effect
    async def _beside() -> None:
        page, loaded = desk.sheet(), desk.loaded()
        if page is not None:
            scenario = None if loaded is None else loaded.scenario
            with reactive.isolate():
                plan = desk.plan()
            changes = {} if plan is None else plan.changes
            found = notes(
                page,
                desk.problems(),
                changes=changes,
                scenario=scenario,
                emptied=page.emptied(lambda name: input[name]()),
            )
            await session.send_custom_message("beside", {"notes": found})

    @reactive.effect
    async def _address() -> None:
        plan = desk.plan()
        if plan is not None:
            await session.send_custom_message("address", {"query": plan.query() or ""})

    @reactive.effect
    @reactive.event(input.draw)
    def _draw() -> None:
        replicate.set((replicate() + 1) % _STUDIES)

    @reactive.effect
    def _views() -> None:
        answer, which = desk.answer(), replicate()
        if answer is None:
            return
        view = input.view()
        with reactive.isolate():
            if view == "study":
                desk.draw_study(answer, which)
            elif view == "lab":
                desk.plan_days(answer)

    @reactive.effect
    @reactive.event(input.keep)
    def _keep() -> None:
        desk.keep()

    _show(desk)
    offer_downloads(desk)


def _show(desk: Desk) -> None:
    """Define what each place of the page shows."""

    @render.ui
    def fields() -> TagList:
        page = desk.sheet()
        req(page)
        assert page is not None
        return inputs(page)

    @render.ui
    def file_why() -> Tag | None:
        name, problems = desk.refused()
        if not problems:
            return None
        count = len(problems)
        heading = f"{name}: {count} problem{'s' if count > 1 else ''}"
        return problem_list(problems, heading, errors=True)

    def old(answer: Answer) -> bool:
        """Whether an answer is of an earlier plan."""
        return answer.plan is not desk.plan()

    def waiting(words: str, answer: Answer | None = None) -> str:
        """Return what stands where there is nothing yet: that it comes, or why it does not."""
        if any(problem.severity == "error" for problem in desk.problems()):
            if desk.loaded() is None:
                return "This plan cannot work as it is: see what to mend"
            if answer is None:
                return "There is no answer to this plan: see why"
        return words

    def shown(content: TagList | Tag | None, answer: Answer) -> Tag:
        """Return what is of the plan now, or greyed what is of an earlier one."""
        return tags.div(content, class_="old" if old(answer) else None)

    @render.ui
    def headline() -> Tag:
        answer = desk.answer()
        if answer is None:
            return tags.p(waiting("The first answer is on its way …"), class_="big")
        big = views.answer_words(answer)[0]
        note = tags.small(" (of the plan before)") if old(answer) else None
        return tags.p(
            big,
            note,
            class_="big old" if old(answer) else "big",
            data_of=answer.plan.query() or "",
            data_stage=answer.stage,
        )

    @render.ui
    def sentence() -> Tag | None:
        answer = desk.answer()
        return None if answer is None else shown(views.sentence(answer), answer)

    @render.ui
    def busy() -> Tag | None:
        words = desk.busy()
        return tags.span(f"{words} …") if words else None

    @render.ui
    def problems() -> Tag | None:
        found = desk.problems()
        if not found:
            return None
        errors = any(problem.severity == "error" for problem in found) and desk.loaded() is None
        count = f"{len(found)} thing{'s' if len(found) > 1 else ''}"
        heading = (
            f"{count} to mend: this plan cannot work" if errors else f"{count} to bear in mind"
        )
        page = desk.sheet()
        if page is None:
            return problem_list(found, heading, errors=errors)
        return problem_list(found, heading, errors=errors, label_of=page.label_of)

    @render.ui
    def curve() -> Tag | None:
        answer = desk.answer()
        req(answer)
        assert answer is not None
        missing = "Nothing is compared in this plan."
        return figure(answer.picture, old=old(answer), missing=missing)

    @render.ui
    def numbers() -> Tag | None:
        answer = desk.answer()
        return None if answer is None else shown(views.numbers(answer), answer)

    @render.ui
    def study() -> Tag:
        answer, drawn = desk.answer(), desk.responses()
        if "responses" in desk.failed():
            return tags.p(f"The study could not be simulated: {_AGAIN}")
        if answer is None or drawn is None:
            return tags.p(waiting("The study is being simulated …", answer))
        return shown(views.study(drawn), answer)

    @render.ui
    def lab() -> Tag:
        answer, day = desk.answer(), desk.lab()
        if "lab" in desk.failed():
            return tags.p(f"The days could not be simulated: {_AGAIN}")
        if answer is None or day is None:
            return tags.p(waiting("The days are being simulated …", answer))
        return shown(views.lab(day), answer)

    @render.ui
    def compare() -> Tag | None:
        answer = desk.answer()
        if answer is None:
            return tags.p(waiting("The first answer is on its way …"))
        return shown(views.compare(desk.kept(), answer, pending=old(answer)), answer)

    @render.ui
    def plan() -> TagList | None:
        loaded = desk.loaded()
        return None if loaded is None else views.plan_tables(loaded)

    @render.ui
    def link() -> Tag | None:
        now = desk.plan()
        if now is None:
            return None
        query = now.query()
        if query == "":
            return tags.p("Reload this page for this view again.")
        if query is None:
            return tags.p("A link cannot hold a text of your own: keep the YAML instead.")
        return tags.p("This view again: ", tags.a(f"?{query}", href=f"?{query}", class_="link"))
