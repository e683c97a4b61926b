"""The answer in a few words, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.output.run import Run
from simulator.output.wording.answer import candidates_text, capital, headline, reasons
from tests.unit.output.made_run import powered, sized


@pytest.fixture(scope="module")
def run() -> Run:
    return sized("quick-start")


def unresolved(run: Run, *candidates: int) -> Run:
    assert run.size is not None
    found = replace(run.size, status="unresolved", n_per_arm=None, candidates=candidates)
    return replace(run, answer=found)


@pytest.mark.parametrize(
    ("candidates", "words"),
    [((), ""), ((5,), "5"), ((4, 5, 6), "4 or 5 or 6"), ((5, 6, 7, 8), "5 to 8")],
)
def test_of_many_candidates_the_ends_are_told(candidates: tuple[int, ...], words: str) -> None:
    assert candidates_text(candidates) == words


def test_a_certified_number_comes_first(run: Run) -> None:
    n, animals = run.certified, sum(run.result.sizes.values())
    assert headline(run) == f"{n} mice per arm, {animals} in all, certified"
    assert run.size is not None
    assert [line.split(" (")[0] for line in reasons(run.size, run.scenario)] == [
        "Power of each comparison of primary is at least 0.80"
    ]


def test_what_is_unresolved_reads_as_no_order(run: Run) -> None:
    none = "Unresolved: no number of mice is certified"
    assert headline(unresolved(run, 5, 6, 7, 8)) == f"{none}; 5 to 8 per arm are not told apart"
    for candidates in ((), (5,)):  # a single one was not confirmed
        assert headline(unresolved(run, *candidates)) == none


def test_power_alone_has_its_headline() -> None:
    told = headline(powered("quick-start", n=5))
    assert told.startswith("With 5 mice per arm: power 0.")


def test_a_symbol_keeps_its_case() -> None:
    assert capital("n = 5 is") == "n = 5 is"
    assert capital("no test") == "No test"
