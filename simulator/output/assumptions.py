"""What a result merely assumes, the assumptions about nature first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from simulator.errors import Problem
from simulator.scenario import Scenario, Truth

if TYPE_CHECKING:
    from simulator.scenario_files import Default

_REPLICATES: Final = "decision.replicates"


@dataclass(frozen=True)
class Assumption:
    """A value that is assumed, by its path in the resolved form."""

    path: str
    value: str
    source: str

    def to_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return asdict(self)


def assumptions(
    scenario: Scenario, unstated: Iterable[Default], *, replicates: int | None = None
) -> tuple[Assumption, ...]:
    """Return what the file itself calls assumed, then what stands in for the unstated.

    Parameters
    ----------
    unstated : defaults that stand in for what the file does not state; those with better
        evidence than ``assumed`` are left out.
    replicates : simulated studies that the command line asked for, where it did.
    """
    rest = [
        _asked(replicates)
        if one.path == _REPLICATES and replicates not in (None, scenario.decision.replicates)
        else Assumption(one.path, one.value, one.source or "")
        for one in unstated
        if one.status == "assumed"
    ]
    known = {one.path for one in rest}
    programs = dict(parameters(Truth().model_dump(mode="json"), "truth"))
    stated = [
        Assumption(path, str(node["value"]), node.get("source") or "")
        for path, node in parameters(scenario.truth.model_dump(mode="json"), "truth")
        if node["status"] == "assumed" and path not in known and programs.get(path) != node
    ]
    # A planner looks first for what nature is taken to be, then for how the study is run.
    order = ("truth", "analysis", "decision", "design")
    rest.sort(key=lambda one: order.index(one.path.partition(".")[0]))
    return (*stated, *rest)


def _asked(replicates: int | None) -> Assumption:
    return Assumption(_REPLICATES, str(replicates), "command line, --replicates")


def caveats(
    scenario: Scenario,
    *,
    warnings: Iterable[Problem],
    unstated: Iterable[Default],
    replicates: int | None = None,
) -> dict[str, Any]:
    """Return what must be read with a result, as plain data: warnings and assumptions."""
    assumed = assumptions(scenario, unstated, replicates=replicates)
    return {
        "warnings": [{"path": w.path, "line": w.line, "message": w.message} for w in warnings],
        "assumed": [one.to_dict() for one in assumed],
    }


def parameters(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every number of plain truth with its evidence, by path.

    Parameters
    ----------
    node : a truth, or a part of one, dumped with ``mode="json"``.
    path : where it stands: ``truth``.
    """
    if not isinstance(node, Mapping):
        return
    if "value" in node and "status" in node:
        yield path, node
        return
    for key, below in node.items():
        if key == "hill" and node.get("rise") is not None:
            continue  # a constant rise has no curve
        yield from parameters(below, f"{path}.{key}")
