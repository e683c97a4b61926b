"""One person's work at the page: a plan, what is known of it so far, and what is under way."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from shiny import reactive

from simulator.errors import InputError, Problem, ScenarioError, SimulatorError
from simulator.web import answers, pictures
from simulator.web.jobs import GivenUpError, Job
from simulator.web.known import Answer, LabDay, Responses

if TYPE_CHECKING:
    from simulator.scenario_files import Loaded
    from simulator.web.inputs import Sheet
    from simulator.web.plan import Plan

T = TypeVar("T")

#: A page gives an answer so long; the command line has no such limit.
SECONDS = 300.0

#: Work beside the answer, and what it is called where it fails.
_BESIDE: Final = {"kept": "kept plan", "responses": "simulated study", "lab": "laboratory"}
#: Commands without a limit of time, where it is not ``size``.
_COMMAND: Final = {"responses": "simulate", "lab": "conduct"}


class Desk:
    """The values of one session; nothing of it is shared with another.

    Attributes
    ----------
    sheet : the inputs of the text that is open; a new one for every text.
    refused : the name and the problems of a text that could not be opened.
    plan : what is being asked; ``loaded`` is None where it cannot work.
    problems : errors of the plan, or its warnings.
    answer, responses, lab : the newest; of an older plan while a new one is under way.
    failed : of ``responses`` and ``lab``, what ended early and is not there.
    busy : what is under way, for people; empty where nothing is.
    kept : an answer to compare with.
    """

    def __init__(self) -> None:
        self.sheet: reactive.Value[Sheet | None] = reactive.Value(None)
        self.refused: reactive.Value[tuple[str, tuple[Problem, ...]]] = reactive.Value(("", ()))
        self.plan: reactive.Value[Plan | None] = reactive.Value(None)
        self.loaded: reactive.Value[Loaded | None] = reactive.Value(None)
        self.problems: reactive.Value[tuple[Problem, ...]] = reactive.Value(())
        self.answer: reactive.Value[Answer | None] = reactive.Value(None)
        self.responses: reactive.Value[Responses | None] = reactive.Value(None)
        self.lab: reactive.Value[LabDay | None] = reactive.Value(None)
        self.failed: reactive.Value[frozenset[str]] = reactive.Value(frozenset())
        self.busy: reactive.Value[str] = reactive.Value("")
        self.kept: reactive.Value[Answer | None] = reactive.Value(None)
        self._jobs: dict[str, Job] = {}
        self._wanted: dict[str, tuple[object, ...]] = {}
        self._asides: set[Job] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, plan: Plan, *, told: tuple[str, tuple[Problem, ...]] = ("", ())) -> None:
        """Begin with another text: new inputs and its answer, or why it cannot be read.

        Parameters
        ----------
        told : what to say of a text or link that was refused before.
        """
        self._start("open", lambda job: self._open(job, plan, told))

    def refuse(self, name: str, message: str) -> None:
        """Say that a text is not taken."""
        self.refused.set((name, (Problem("", message),)))

    def ask(self, plan: Plan) -> None:
        """Begin to answer a plan; what was under way is given up."""
        with reactive.isolate():
            before, kept = self.plan(), self.kept()
        self.plan.set(plan)
        self.failed.set(frozenset())
        for what in {"responses", "lab"} & set(self._jobs):  # of the plan before
            self._give_up(what)
            self._wanted.pop(what, None)
        self._start("answer", lambda job: self._answer(job, plan))
        if kept is not None and kept.run is None and kept.plan is before:
            self._start("kept", lambda job: self._refine_kept(job, kept))

    def draw_study(self, answer: Answer, replicate: int) -> None:
        """Begin to simulate and draw one study of a plan."""
        if self._is_new("responses", (answer.loaded, answer.n, replicate)):
            self._start("responses", lambda job: self._study(job, answer, replicate))

    def plan_days(self, answer: Answer) -> None:
        """Begin to simulate the laboratory's days."""
        if self._is_new("lab", (answer.loaded, answer.n)):
            self._start("lab", lambda job: self._days(job, answer))

    def keep(self) -> None:
        """Keep the present answer to compare with; it is refined even if the plan changes."""
        with reactive.isolate():
            answer, plan = self.answer(), self.plan()
        if answer is not None and answer.plan is plan:
            self._give_up("kept")
            self.kept.set(answer)

    async def aside(self, work: Callable[[], T]) -> T:
        """Do what a person waits for, whatever else is under way.

        Raises
        ------
        GivenUpError : the session has ended.
        """
        job = Job(seconds=SECONDS)
        self._asides.add(job)
        try:
            return await job.quick(work)
        finally:
            self._asides.discard(job)

    def close(self) -> None:
        """Give up all that is under way."""
        for job in (*self._jobs.values(), *self._asides):
            job.give_up()

    def _give_up(self, what: str) -> None:
        if what in self._jobs:
            self._jobs.pop(what).give_up()

    def _is_new(self, what: str, wanted: tuple[object, ...]) -> bool:
        """Return whether something else is drawn, or being drawn, than what is wanted now."""
        before = self._wanted.get(what)
        self._wanted[what] = wanted
        return before is None or any(
            a is not b and a != b for a, b in zip(before, wanted, strict=True)
        )

    def _start(self, what: str, work: Any) -> None:
        self._give_up(what)
        job = self._jobs[what] = Job(seconds=SECONDS)
        with reactive.isolate():
            if what in self.failed():
                self.failed.set(self.failed() - {what})
        task = asyncio.create_task(self._guarded(job, work(job), what))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, job: Job, work: Coroutine[Any, Any, None], what: str) -> None:
        """Turn whatever ends work early into words on the page."""
        try:
            await work
        except GivenUpError:
            if job.late:
                told = (
                    f"This took longer than the {SECONDS / 60:.0f} minutes that the page gives "
                    f"it: download the YAML and use afcsim {_COMMAND.get(what, 'size')}."
                )
                await self._fail(job, (Problem("", told),), what)
        except InputError as error:
            await self._fail(job, tuple(error.problems), what, cannot_work=True)
        except SimulatorError as error:
            await self._fail(job, (Problem("", str(error)),), what)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            told = "The page failed at this: the server's own window says how. Please report it."
            await self._fail(job, (Problem("", told),), what)
        finally:
            if self._jobs.get(what) is job:
                del self._jobs[what]

    async def _fail(
        self, job: Job, problems: tuple[Problem, ...], what: str, *, cannot_work: bool = False
    ) -> None:
        """Say why work ended early, and that nothing more comes of it."""
        with reactive.isolate():
            plan, answer, kept = self.plan(), self.answer(), self.kept()
            before, failed = self.problems(), self.failed()
        if what == "open":
            await self._publish(job, refused=("the text", problems))
            return
        ended: dict[str, Any] = {}
        if what == "answer":
            if answer is not None and answer.plan is plan:
                answer = ended["answer"] = replace(answer, stage="ended")
                ended |= self._also_kept(answer)
                problems = (*problems, *before)
            if cannot_work:
                ended["loaded"] = None
            await self._publish(job, busy="", problems=problems, **ended)
            return
        if what == "kept" and kept is not None:
            ended["kept"] = replace(kept, stage="ended")
        elif what in ("responses", "lab"):
            ended |= {what: None, "failed": failed | {what}}
            if job.wanted:
                self._wanted.pop(what, None)  # whoever looks again tries again
        told = (replace(one, path=_BESIDE[what], severity="warning") for one in problems)
        await self._publish(job, problems=(*before, *told), **ended)

    async def _open(self, job: Job, plan: Plan, told: tuple[str, tuple[Problem, ...]]) -> None:
        from simulator.web.inputs import new_sheet

        try:
            await job.quick(plan.base)
        except ScenarioError as error:
            await self._publish(job, refused=(plan.name, tuple(error.problems)))
            return
        async with reactive.lock():
            if not job.wanted:
                return
            with reactive.isolate():
                before = self.sheet()
            self.sheet.set(new_sheet(plan, 1 if before is None else before.turn + 1))
            self.refused.set(told)
            self.ask(plan)
            await reactive.flush()

    async def _answer(self, job: Job, plan: Plan) -> None:
        loaded = await job.quick(plan.loaded)
        await self._publish(job, loaded=loaded, problems=loaded.warnings, busy=_first_words())
        scenario = loaded.scenario
        result = await job.quick(lambda: answers.first_answer(loaded, job))
        shown = await job.quick(lambda: pictures.power_picture(result, scenario=scenario))
        answer = Answer(plan, loaded, result, shown, None, "refining")
        wanted = scenario.decision.replicates
        words = f"Refining on {wanted:,} simulated studies and more"
        await self._publish(job, answer=answer, busy=words)
        answer = await self._refined(job, answer)
        run = answer.run
        assert run is not None  # it is refined
        busy = answers.still_to_come(loaded)
        also = self._also_kept(answer)
        await self._publish(job, answer=answer, problems=run.warnings, busy=busy, **also)
        if busy:
            whole = await job.slow(lambda: answers.whole(run, loaded, plan, job))
            shown = await job.quick(lambda: pictures.run_picture(whole))
            answer = replace(answer, run=whole, picture=shown, stage="done")
            await self._publish(job, answer=answer, busy="")

    async def _refined(self, job: Job, first: Answer) -> Answer:
        """Return the certified answer of a plan; what is read beside it is still to come."""
        plan, loaded = first.plan, first.loaded
        run = await job.slow(lambda: answers.sized(loaded, plan, job))
        shown = await job.quick(lambda: pictures.run_picture(run))
        stage = "worlds" if answers.still_to_come(loaded) else "done"
        return Answer(plan, loaded, run.result, shown, run, stage)

    async def _refine_kept(self, job: Job, first: Answer) -> None:
        await self._publish(job, kept=await self._refined(job, first))

    async def _study(self, job: Job, answer: Answer, replicate: int) -> None:
        from simulator.trial.cohort.simulate import simulate_cohort

        scenario, n = answer.loaded.scenario, answer.n
        cohort = await job.quick(lambda: simulate_cohort(scenario, replicate=replicate, n=n))
        drawn = await job.quick(lambda: pictures.cohort_picture(cohort, scenario=scenario))
        await self._publish(job, responses=Responses(n, replicate, drawn))
        doses = await job.quick(lambda: pictures.dose_picture(cohort, scenario=scenario))
        whole = Responses(n, replicate, drawn, doses, whole=True)
        await self._publish(job, responses=whole)

    async def _days(self, job: Job, answer: Answer) -> None:
        scenario, n = answer.loaded.scenario, answer.n
        found = await job.slow(lambda: answers.laboratory(scenario, n, job))
        shown = await job.quick(lambda: pictures.laboratory_picture(found))
        await self._publish(job, lab=LabDay(found, shown))

    def _also_kept(self, answer: Answer) -> dict[str, Answer]:
        """Return the answer once more, where its plan is the one that is kept."""
        with reactive.isolate():
            kept = self.kept()
        return {"kept": answer} if kept is not None and kept.plan is answer.plan else {}

    async def _publish(self, job: Job, **values: Any) -> None:
        """Show new values, unless the work they are of was given up meanwhile."""
        async with reactive.lock():
            if not job.wanted:
                return
            for name, value in values.items():
                getattr(self, name).set(value)
            await reactive.flush()


def _first_words() -> str:
    from simulator.compiled import is_kept

    if is_kept("compare"):
        return "Simulating the first studies"
    return "Compiling the simulation: this first time it takes about half a minute"
