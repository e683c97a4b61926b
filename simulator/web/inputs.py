"""The inputs of a plan: made once per scenario text, read back as changes by path."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from htmltools import Tag, TagList, tags
from shiny import ui

from simulator.output.visible_text import visible
from simulator.output.wording.names import name_of
from simulator.web.entries import same, shown_as, text_of
from simulator.web.fields import Field, field_sets
from simulator.web.hints import hint_of
from simulator.web.pieces import said

if TYPE_CHECKING:
    from simulator.errors import Problem
    from simulator.scenario import Scenario
    from simulator.web.plan import Plan

_OPEN: Final = ("What you want", "Doses")
MORE: Final = "more"


@dataclass(frozen=True)
class Sheet:
    """The inputs of one scenario text.

    Attributes
    ----------
    turn : tells this sheet's inputs from those of an earlier text.
    fields : by the id of their input.
    plan : with which it was begun.
    scenario : of the text alone.
    """

    turn: int
    fields: Mapping[str, Field]
    plan: Plan
    scenario: Scenario

    @property
    def values(self) -> Mapping[str, str]:
        """What was changed when the inputs were made, by path."""
        return self.plan.changes

    @property
    def more(self) -> str:
        """The id of the input for any other path."""
        return f"f{self.turn}_{MORE}"

    def read(self, value_of: Callable[[str], Any]) -> dict[str, str]:
        """Return the changes that the inputs say, by path.

        Parameters
        ----------
        value_of : the value of an input, by its id.
        """
        changes: dict[str, str] = {}
        for name, field in self.fields.items():
            said = text_of(field, value_of(name))
            if said and not same(said, field.value):
                changes[field.path] = said
        for line in str(value_of(self.more) or "").splitlines():
            path, sign, value = line.partition("=")
            if path.strip():
                changes[path.strip()] = value.strip() if sign else ""
        return changes

    def emptied(self, value_of: Callable[[str], Any]) -> set[str]:
        """Return the ids of the inputs that say nothing, so that the file's value holds."""
        return {name for name, field in self.fields.items() if not text_of(field, value_of(name))}

    def label_of(self, path: str) -> str | None:
        """Return what a problem's path is called on the page, or None."""
        name = self.input_of(path)
        if name is not None:
            return self.fields[name].label
        if path.startswith("design.arms.") and path.count(".") == 2:
            return f"Arm {path.rpartition('.')[2]}"
        words = name_of(path).words
        return None if words == path else words[0].upper() + words[1:]

    def input_of(self, path: str) -> str | None:
        """Return the id of the input that a problem's path speaks of, or None."""
        plain = _plain_path(path)
        best = None
        for name, field in self.fields.items():
            mine = _plain_path(field.path)
            meets = plain == mine or plain.startswith((mine + ".", mine + "["))
            if meets and (best is None or len(mine) > len(_plain_path(self.fields[best].path))):
                best = name
        return best


def new_sheet(plan: Plan, turn: int) -> Sheet:
    """Return the sheet of a plan whose text can be read.

    Raises
    ------
    ScenarioError : it cannot.
    """
    scenario = plan.base().scenario
    fields = [field for group in field_sets(scenario) for field in group.fields]
    return Sheet(turn, {f"f{turn}_{k}": field for k, field in enumerate(fields)}, plan, scenario)


def inputs(sheet: Sheet) -> TagList:
    """Return the inputs, group by group, with a place for words beside each."""
    names = {field.path: name for name, field in sheet.fields.items()}
    groups = []
    for group in field_sets(sheet.scenario):
        rows = [_input(names[field.path], field, sheet.values) for field in group.fields]
        is_open = "" if group.heading in _OPEN else None
        groups.append(tags.details(tags.summary(group.heading), *rows, open=is_open))
    known = {field.path for field in sheet.fields.values()}
    rest = "\n".join(
        f"{path} = {value}" for path, value in sheet.values.items() if path not in known
    )
    more = ui.input_text_area(
        sheet.more,
        "Any other value, a line each: path = value",
        rest,
        rows=3,
        spellcheck="false",
        placeholder="truth.assay.misread = 0.2",
    )
    opened = "" if rest else None
    groups.append(tags.details(tags.summary("Anything else"), more, _why(sheet.more), open=opened))
    return TagList(*groups)


def notes(
    sheet: Sheet,
    problems: Sequence[Problem],
    *,
    changes: Mapping[str, str],
    scenario: Scenario | None,
    emptied: Collection[str] = (),
) -> dict[str, dict[str, Any]]:
    """Return the words beside every input, by its id.

    Parameters
    ----------
    changes : what was changed, by path; an error of what holds several inputs, as a range does,
        stands beside those of them that were changed.
    scenario : of the changed plan, for hints; None where it cannot work.
    emptied : ids of the inputs that say nothing.
    """
    found: dict[str, dict[str, Any]] = {}
    if scenario is not None:
        for name, field in sheet.fields.items():
            hint = hint_of(field, scenario)
            if hint:
                found[name] = {"hint": hint}
    for name in emptied:
        found[name] = {"hint": f"empty: {shown_as(sheet.fields[name])} holds, as in the file"}
    for problem in problems:
        for name in _places(sheet, problem, changes):
            note = found.setdefault(name, {})
            note["why"] = [*note.get("why", []), visible(problem.message)]
            worse = "error" in (problem.severity, note.get("kind"))
            note["kind"] = "error" if worse else "warning"
    return found


def _places(sheet: Sheet, problem: Problem, changes: Mapping[str, str]) -> list[str]:
    """Return the inputs that a problem is said beside; none for a warning of no single one."""
    place = sheet.input_of(problem.path)
    if place is not None:
        return [place]
    if problem.severity != "error":
        return [sheet.more] if problem.path in changes else []
    within = _plain_path(problem.path) + "."
    return [
        name
        for name, field in sheet.fields.items()
        if field.path in changes and _plain_path(field.path).startswith(within)
    ] or [sheet.more]


def _input(name: str, field: Field, values: Mapping[str, str]) -> Tag:
    now = values.get(field.path, field.value)
    label = said(field.label)
    made: Tag
    if field.kind == "choice" and now in (field.choices or {}):
        made = ui.input_select(name, label, dict(field.choices or {}), selected=now)
    elif field.kind == "several" and _names(now) is not None:
        chosen = _names(now) or []
        choices = {key: said(text) for key, text in (field.choices or {}).items()}
        made = ui.input_checkbox_group(name, label, choices, selected=chosen)
    elif field.kind == "number" and _is_number(now):
        number = float(now)
        shown = int(number) if number.is_integer() else number
        made = ui.input_numeric(name, label, shown, step=field.step)
    else:
        made = ui.input_text(name, label, shown_as(field, now))
    return tags.div(made, _why(name))


def _why(name: str) -> Tag:
    return tags.div(class_="why", id=f"{name}_why", data_of=name)


def _names(text: str) -> list[str] | None:
    """Return the names of a list as a link writes it, or None."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        return found
    return None


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1e15
    except ValueError:
        return False


def _plain_path(path: str) -> str:
    """Return a path in one spelling: a single regimen's parts as the arm's own."""
    return (
        path.replace("regimens[0].", "")
        .replace("regimens.0.", "")
        .replace("regimens[", "regimens.")
        .replace("].", ".")
    )
