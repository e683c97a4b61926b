"""The test that is described is the test that was simulated."""

from __future__ import annotations

import pytest

from simulator.output.statement.written import statement_text
from simulator.scenario_files import load_text

from ..made_run import powered, sized

PLAN = """
schema_version: 1
id: plan
question: Which dose has an effect?
seed: 5
design:
  arms: {saline: {role: control}, low: {role: test}, high: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
truth: {afc: {control: 5e4 /spleen, cv: 40 %, response: {model: fold, low: 3, high: 4}}}
analysis: {TEST, families: {doses: {endpoint: afc, arms: test, against: saline, adjust: ADJUST}}}
decision: {n: {from: 3, to: 8}}
"""


def told(test: str, adjust: str = "holm") -> str:
    loaded = load_text(PLAN.replace("TEST", test).replace("ADJUST", adjust))
    text = statement_text(powered(loaded, n=6), form="arrive", format="markdown")
    return text.partition("## Assumptions")[0]


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("auto", "by relabeling where no comparison of the data set has ties, else multivariate"),
        ("asymptotic", "largest of them, multivariate normal"),
    ],
)
def test_steel_is_described_and_not_the_plain_test(method: str, words: str) -> None:
    text = told(f"method: {method}", "steel")
    assert words in text
    assert "no continuity correction" in text
    assert FAR not in text
    assert "exact without ties while both groups" not in text


FAR = "all outcomes at least as far from their mean as the one seen"


def test_methods_are_told_in_words_where_they_matter() -> None:
    assert f"two-sided exact p: {FAR} (default)" in told("method: exact")
    assert "twice the p of the smaller side" in told("method: exact, convention: doubling")
    assert FAR not in told("method: auto")  # exact without ties only, where both are the same
    assert "far-tail" not in told("method: exact")
    trend = "method: auto, trends: {t: {endpoint: afc, arms: [saline, low, high]}}"
    text = told(trend)
    assert "method auto" not in text
    assert "p exact without ties and with at most 50 mice in all" in text
    falling = told(trend.replace("high]", "high], alternative: decreasing"))
    assert "one-sided: values fall in this order" in falling


def test_how_many_relabelings() -> None:
    """As docs/scenario.md and simulator/analysis/relabelings.py have it."""
    text = told("test: permutation, resamples: 1999")
    assert (
        "all relabelings where they are at most 20,000, else random ones: 1,999 where there are "
        "ties, 100,000 where there are none" in text
    )


def test_why_one_mouse_less_finds_nothing() -> None:
    """Of 4 v 4 mice the smallest p is 2/70 = 0.0286, above 0.05/2."""
    run = sized(load_text(PLAN.replace("TEST", "method: exact").replace("ADJUST", "holm")))
    size = run.size
    assert size is not None
    assert size.n_per_arm == 5
    assert size.power_below is not None
    assert size.power_below.value < 0.8
    text = statement_text(run, form="arrive", format="markdown")
    assert "as with 4 v 4 animals the smallest p is 0.0286, above" in text
