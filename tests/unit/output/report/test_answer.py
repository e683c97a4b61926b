"""The answer in words claims what the numbers say, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.evaluation.characteristics import Probability
from simulator.output.report.answer import answer_lines
from simulator.output.run import Run
from simulator.output.wording.next_step import next_step
from simulator.scenario_files import load_text
from tests.unit.output.made_run import powered, sized


@pytest.fixture(scope="module")
def run() -> Run:
    return powered("quick-start", n=5)


def with_power(run: Run, count: int, of: int) -> Run:
    """Return the same run with another power at its n."""
    assert run.size is None
    result = run.result
    curve = tuple(
        replace(point, target=Probability(count, of)) if point.n == result.n_per_arm else point
        for point in result.curve
    )
    return replace(run, answer=replace(result, curve=curve))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (900, "and it is above that"),
        (700, "and it is below that"),
        (801, "and it is not told apart from that by so many simulated studies"),
    ],
)
def test_power_is_held_against_the_target(run: Run, count: int, words: str) -> None:
    assert words in answer_lines(with_power(run, count, 1000))[1]


def test_an_unresolved_search_names_what_it_cannot_tell_apart() -> None:
    run = sized("quick-start")
    assert run.size is not None
    size = replace(
        run.size, status="unresolved", n_per_arm=None, candidates=(4, 5), reason="too few"
    )
    assert answer_lines(replace(run, answer=size)) == (
        "Unresolved: no number of mice is certified; 4 or 5 per arm are not told apart.",
        "Too few.",
        f"Next: {next_step(size, run.scenario)}.",
    )


UNEQUAL = """
schema_version: 1
id: unequal
question: Are unequal arms told?
seed: 1
design:
  arms:
    saline: {role: control, ratio: 2}
    drug: {role: test}
  endpoints:
    afc: {kind: plaque_count, day: 5}
  attrition: {before: 10 %}
truth:
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, drug: 5}}
decision: {n: {from: 3, to: 8}}
"""


def test_unequal_arms_and_bought_animals_are_told() -> None:
    run = sized(load_text(UNEQUAL), replicates=1000)
    assert run.certified is not None
    n = run.certified
    bought = -(-3 * n * 10 // 9)
    assert answer_lines(run)[0] == (
        f"n = {n} per arm (enrolled: saline {2 * n}, drug {n}), {3 * n} in all "
        f"({bought} to be purchased), certified."
    )
