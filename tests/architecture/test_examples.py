"""Every public function has a runnable example in its docstring, and it is run."""

from __future__ import annotations

import doctest
import importlib

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
def test_example_of_a_verb(name):
    verb = getattr(simulator, name)
    module = importlib.import_module(verb.__module__)
    tests = doctest.DocTestFinder(recurse=False).find(verb, name, module=module)
    assert sum(len(test.examples) for test in tests) >= 1, f"{name} has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_front_door_example():
    assert doctest.testmod(simulator).failed == 0
