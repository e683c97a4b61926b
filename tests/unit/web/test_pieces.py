"""Problems as tags: where they are, what they say, and not too many of them."""

from __future__ import annotations

import re

from simulator.errors import Problem
from simulator.web.pieces import problem_list


def words(problems: list[Problem], labels: dict[str, str] | None = None) -> list[str]:
    """Return the text of every item of a list of problems."""
    label_of = None if labels is None else labels.get
    html = str(problem_list(problems, "heading", errors=True, label_of=label_of))
    return [
        " ".join(re.sub("<[^>]+>", "", item).split()).replace(" :", ":").replace(" ,", ",")
        for item in re.findall("<li>(.*?)</li>", html, re.DOTALL)
    ]


def test_a_problem_of_a_file_has_its_line_and_path() -> None:
    problems = [Problem("a.b", "is bad", line=3), Problem("a", "is bad"), Problem("", "no", line=1)]
    assert words(problems) == ["line 3, a.b: is bad", "a: is bad", "line 1: no"]


def test_a_problem_of_the_plan_has_the_name_of_its_input() -> None:
    problems = [Problem("a.b", "is bad", line=3), Problem("type_i", "too often"), Problem("c", "x")]
    found = words(problems, {"a.b": "Target power"})
    assert found == ["Target power: is bad", "False alarms: too often", "c: x"]


def test_of_very_many_problems_the_first_are_shown() -> None:
    found = words([Problem("a", f"problem {k}") for k in range(5_000)])
    assert len(found) == 26
    assert found[-1] == "and 4,975 more"
