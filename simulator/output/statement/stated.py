"""What a scenario states, what merely stands in for it, and what only the applicant can write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from simulator.output.assumptions import parameters
from simulator.output.document import Marked, Paragraph, say
from simulator.scenario.references import DEFAULT_FAMILY

if TYPE_CHECKING:
    from simulator.output.assumptions import Assumption
    from simulator.output.run import Run
    from simulator.scenario import Design, Scenario


@dataclass(frozen=True)
class Stated:
    """A run, asked what of its scenario is stated."""

    run: Run

    @property
    def scenario(self) -> Scenario:
        """The resolved scenario."""
        return self.run.scenario

    @property
    def design(self) -> Design:
        """What the laboratory does."""
        return self.run.scenario.design

    @cached_property
    def assumed(self) -> Mapping[str, Assumption]:
        """What is assumed, by its path in the resolved form."""
        return {one.path: one for one in self.run.assumed}

    @cached_property
    def truth(self) -> Mapping[str, Any]:
        """The truth as plain data: every number with its evidence."""
        found: Mapping[str, Any] = self.scenario.canonical()["truth"]
        return found

    def say(self, path: str, text: str) -> str | Marked:
        """Return a text, marked where what stands at the path is assumed.

        A choice that is left at the default of the program is no assumption about nature.
        """
        if path not in self.assumed:
            return text
        return f"{text} (default)" if is_choice(path) else Marked("assumed", text)

    def family(self, name: str, key: str, text: str) -> str | Marked:
        """Return a text about a family, marked where its key, or the whole family, is assumed."""
        whole = f"analysis.families.{DEFAULT_FAMILY}"
        path = f"analysis.families.{name}"
        return self.say(whole if path == whole and whole in self.assumed else f"{path}.{key}", text)

    def left(self, path: str) -> bool:
        """Whether a choice is left at the default of the program."""
        return path in self.assumed and is_choice(path)

    def left_in_family(self, name: str, key: str) -> bool:
        """Whether a choice of a family is left at the default, alone or with the whole family."""
        path = f"analysis.families.{name}"
        whole = name == DEFAULT_FAMILY and path in self.assumed
        return whole or f"{path}.{key}" in self.assumed

    def evidence(self, name: str, path: str, *, shown: str | None = None) -> Paragraph | None:
        """Return what a number of nature is and where it is from; None where there is none.

        What the program put in is left out where this study does not use it.

        Parameters
        ----------
        name : what the number is.
        shown : the number with its unit; by default as the file writes it.
        """
        node = self.node(path)
        if node is None or (node["status"] == "assumed" and path not in self.assumed):
            return None
        value, source = shown or number_text(node["value"], path), node.get("source")
        if path in self.assumed:
            return say(f"{name}: ", Marked("assumed", f"{value} ({source or 'no source'})"))
        told = f"{node['status']}; {source}" if source else f"{node['status']} in the scenario"
        return say(f"{name}: {value} ({told})")

    def node(self, path: str) -> Mapping[str, Any] | None:
        """Return a number of nature with its evidence, as plain data; None where there is none."""
        for at, node in parameters(self.truth, "truth"):
            if at == path:
                return node
        return None


#: Numbers without a unit that a reader expects in percent, by the last part of their path.
_SHARES: Final = frozenset(
    {"cv", "reader_cv", "misread", "rise", "immunization_failure", "spleen_loss", "reader_drift"}
)


#: What the planner chooses, in contrast to what nature or the laboratory is like.
_CHOICES: Final = ("analysis.", "decision.", "design.randomization.")


def is_choice(path: str) -> bool:
    """Whether a path is a choice of the planner, for which the program has a documented default."""
    return path.startswith(_CHOICES)


def gap(text: str) -> Marked:
    """Return what only the applicant can write."""
    return Marked("gap", text)


def number_text(value: Any, path: str) -> str:
    """Return a number as a reader expects it: relative spreads in percent."""
    if isinstance(value, str):
        return value
    if path.rpartition(".")[2] in _SHARES:
        return f"{100 * value:.4g} %"
    return f"{value:,.0f}" if value >= 1000 and value == int(value) else f"{value:.4g}"
