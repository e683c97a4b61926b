"""Every public verb has an example in its docstring; pytest runs them (--doctest-modules)."""

from __future__ import annotations

import doctest

import pytest

import simulator

VERBS = (
    "load_scenario",
    "dump_scenario",
    "simulate_cohort",
    "analyse",
    "power",
    "find_sample_size",
)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_has_an_example(name):
    assert doctest.DocTestParser().get_examples(getattr(simulator, name).__doc__)


def test_pytest_runs_the_examples(pytestconfig):
    assert pytestconfig.getoption("doctestmodules")
    assert "simulator" in pytestconfig.getini("testpaths")
