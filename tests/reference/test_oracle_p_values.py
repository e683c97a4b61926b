"""The p-values of the shared outside numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.analysis import mann_whitney

ORACLES = json.loads(Path(__file__).with_name("oracles.json").read_text())
OPTIONS = {
    "exact_greater": {"method": "exact", "alternative": "greater"},
    "exact_less": {"method": "exact", "alternative": "less"},
    "exact_two_sided": {"method": "exact"},
    "far_tail": {"method": "exact", "convention": "far-tail"},
    "doubling": {"method": "exact", "convention": "doubling"},
    "asymptotic": {"method": "asymptotic", "continuity": False},
    "asymptotic_no_continuity_two_sided": {"method": "asymptotic", "continuity": False},
    "asymptotic_continuity": {"method": "asymptotic", "continuity": True},
}
NOT_P = {"id", "x", "y", "source"}


@pytest.mark.parametrize("case", ORACLES["p_values"], ids=lambda case: case["id"])
def test_published_p_values(case):
    for name, expected in case.items():
        if name in NOT_P:
            continue
        if name == "U_x":
            assert mann_whitney(case["x"], case["y"]).u == expected
            continue
        found = mann_whitney(case["x"], case["y"], **OPTIONS[name])
        # as many digits as were published, rounded or cut off: one unit of the last
        digits = len(repr(expected).partition(".")[2])
        assert found.p_value == pytest.approx(expected, abs=1.01 * 10**-digits), name


@pytest.mark.parametrize(("n", "smallest"), ORACLES["minimum_p_two_sided_exact"].items())
def test_smallest_attainable_p(n, smallest):
    """Complete separation is the most that n v n animals can say."""
    low, high = range(int(n)), range(100, 100 + int(n))
    found = mann_whitney(high, low, method="exact")
    assert found.p_value == pytest.approx(smallest, abs=0.51e-7)
    assert mann_whitney(low, high).p_value == found.p_value


def test_every_oracle_is_asked():
    """A new key in the shared file must not pass unseen."""
    keys = {key for case in ORACLES["p_values"] for key in case}
    assert keys - NOT_P - {"U_x"} == set(OPTIONS)
