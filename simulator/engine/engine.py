"""The one small interface behind which work runs: on threads, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, Protocol, TypeVar

from simulator.errors import SimulatorError

Task = TypeVar("Task")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs a function over tasks."""

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[tuple[Task, Result]]:
        """Yield every task with its result, in order of completion.

        Parameters
        ----------
        work : function of a module, which depends on its task only: a task may be run twice.
        tasks : taken a bounded number ahead of what is finished, from the calling thread. Where
            work goes to other processes, ``work``, tasks and results must be picklable.

        Notes
        -----
        Closing the generator, Ctrl-C and an exception of ``work`` or ``tasks`` give up the tasks
        that have not started, and leave no thread and no process of ours behind.
        """
        ...


class EngineError(SimulatorError):
    """The place where work runs cannot be reached, or fails for good."""


class TaskLostError(EngineError):
    """A task whose workers died again and again while they ran it.

    Attributes
    ----------
    task : the task.
    """

    def __init__(self, message: str, task: Any) -> None:
        super().__init__(message)
        self.task = task
