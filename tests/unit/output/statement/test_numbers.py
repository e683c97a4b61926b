"""Every number of the statement equals the run's: both are written as JSON and read back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.output.json_text import to_json
from simulator.output.run import Run
from simulator.output.statement.plain_text import to_data
from simulator.output.statement.statement import Form, statement
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW
from tests.unit.output.statement.runs import NAMES, STUDY, answers, of_catalogue

_SHARE = re.compile(r"^(\d\.\d+) \[(\d\.\d+), (\d\.\d+)\]$")
_NUMBER = re.compile(r"(?<![\w.-])-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)")
#: 95 % intervals; groups below 50 may have exact p; "of 100 studies"; item 6
#: of an annex.
CONSTANTS = {95.0, float(AUTO_EXACT_BELOW), 100.0, 6.0}


def _written(run: Run, form: Form = "arrive") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(to_data(statement(run, form=form))))
    return found


def _blocks(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in node.get("sections", node.get("blocks", ())):
        yield block
        yield from _blocks(block)


def _table(page: dict[str, Any], start: str) -> list[dict[str, str]]:
    (found,) = [b["rows"] for b in _blocks(page) if b.get("table", "").startswith(start)]
    return list(found)


def _texts(page: dict[str, Any]) -> list[str]:
    """Return what is said: sentences and cells; headings and captions are the form's."""
    told = [str(text) for text in page["facts"].values()]
    for block in _blocks(page):
        for pieces in [block.get("paragraph", []), *block.get("list", [])]:
            told.append("".join(p if isinstance(p, str) else "".join(p.values()) for p in pieces))
        told += [cell for row in block.get("rows", ()) for cell in row.values()]
    return told


def _same(shown: str, value: float) -> bool:
    """Whether a number is what another one is with so many digits."""
    digits = len(shown.partition(".")[2])
    return abs(float(shown) - value) <= 0.5 * 10**-digits + 1e-12


def _assert_share(text: str, found: dict[str, Any]) -> None:
    match = _SHARE.match(text)
    assert match, text
    for shown, value in zip(match.groups(), (found["value"], *found["ci"]), strict=True):
        assert _same(shown, value), (text, found)


def test_units_and_mice_are_those_of_the_run() -> None:
    run = of_catalogue(STUDY)
    page, data = _written(run), answers(run)
    rows = _table(page, "Experimental units")
    assert {row["group"]: int(row["mice enrolled"]) for row in rows[:-1]} == data["sizes"]
    assert int(rows[-1]["mice enrolled"]) == data["animals"]["enrolled"]
    assert all(r["experimental units (mice)"] == r["mice enrolled"] for r in rows)
    text = "\n".join(_texts(page))
    assert f"Purchased: {data['animals']['purchased']}." in text
    assert f"{data['n_per_arm']} mice per group are the smallest number" in text


def test_the_power_of_the_answer_is_that_of_the_run() -> None:
    run = of_catalogue(STUDY)
    data = answers(run)
    text = next(one for one in _texts(_written(run)) if "are the smallest number" in one)
    match = re.search(
        r"of at least ([\d.]+): ([\d.]+ \[.*?\]) .*Monte Carlo standard error ([\d.]+); "
        r"([\d,]+) simulated studies\); with (\d+) it is ([\d.]+ \[.*?\])",
        text,
    )
    assert match
    target, power, error, studies, below, power_below = match.groups()
    assert float(target) == data["target"]["power"]
    _assert_share(power, data["power"])
    assert _same(error, data["power"]["mcse"])
    assert int(studies.replace(",", "")) == data["power"]["replicates"]
    assert int(below) == data["n_per_arm"] - 1
    _assert_share(power_below, data["power_below"])


def test_every_comparison_is_that_of_the_run() -> None:
    run = of_catalogue(STUDY)
    page, data = _written(run), answers(run)
    by_name = {
        f"{one['endpoint']}: {one['treated']} against {one['control']}": one
        for one in data["result"]["comparisons"]
    }
    powers, effects = _table(page, "Power at n"), _table(page, "Effect to be found")
    decisive = [c for c in data["result"]["comparisons"] if c["family"] == "afc-over-control"]
    assert len(powers) == len(effects) == len(decisive)
    for row in powers:
        found = by_name[row["comparison"]]
        _assert_share(row["power [95 % CI]"], found["power"])
        _assert_share(row["type I error [95 % CI]"], found["type_i"])
        error = found["power"]["mcse"]  # none is told where all studies agree
        assert (
            row["Monte Carlo error"] == "-"
            if error is None
            else _same(row["Monte Carlo error"], error)
        )
    for row in effects:
        truth = by_name[row["comparison"]]["truth"]
        for column, key in (
            ("expected fold of medians", "fold_of_medians"),
            ("probability P(X>Y)", "relative_effect"),
        ):
            value, error = row[column].split(" ± ")
            assert _same(value, truth[key]["value"])
            small = error.startswith("<") and truth[key]["mcse"] < float(error[1:])
            assert small or _same(error, truth[key]["mcse"])


def test_families_and_worlds_are_those_of_the_run() -> None:
    run = of_catalogue(STUDY)
    page, data = _written(run), answers(run)
    families = {one["family"]: one for one in data["result"]["families"]}
    for row in _table(page, "All families"):
        found = families.pop(row["family"])
        _assert_share(row["any found"], found["any"])
        _assert_share(row["all found"], found["all"])
        _assert_share(row["family-wise type I error"], found["fwer"])
    assert families == {}
    worlds = {"planned": data["result"], **data["worlds"]}
    for row in _table(page, "The same"):
        result = worlds.pop(row["world"])
        at = next(one for one in result["curve"] if one["n"] == result["n_per_arm"])
        planned = row["world"] == "planned"  # whose number was confirmed on fresh studies
        _assert_share(row["power [95 % CI]"], data["power"] if planned else at["target"])
        _assert_share(row["family-wise error"], at["fwer"])
    assert worlds == {}


def test_formulas_digest_and_seed_are_those_of_the_run() -> None:
    run = of_catalogue(STUDY)
    data, text = answers(run), "\n".join(_texts(_written(run)))
    for check in data["cross_checks"]:
        assert f"{check['name']} {check['n_per_arm']} ({check['method']})" in text
    assert f"): {data['digest']}" in text
    assert f"Seed: {data['seed']}" in text
    assert f"Simulated studies spent: {data['replicates_spent']:,}." in text


# -- no number from nowhere --------------------------------------------------------------------


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str):
        yield node


def _numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _numbers(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _numbers(value)
    elif isinstance(node, str):
        yield from (float(one.replace(",", "")) for one in _NUMBER.findall(node))
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield float(node)


def _from_nowhere(texts: list[str], run: Run) -> list[str]:
    """Return the numbers of texts that are neither of the run nor of its plan."""
    known = (answers(run), run.scenario.canonical(), run.origin.to_dict())
    verbatim = {s for node in known for s in _strings(node) if len(s) > 3 and not s.isdigit()}
    pool = {value for node in known for value in _numbers(node)} | CONSTANTS
    # What the plan implies: groups, numbers of units and days of dosing.
    sizes = dict(run.result.sizes)
    units = run.scenario.design.units(sizes, unit=run.scenario.analysis.unit)
    pool |= {float(one) for one in (len(sizes), *units.values(), sum(units.values()))}
    pool |= {float(sum(sizes.values())), float(run.result.n_per_arm - 1)}
    pool |= {day for one in run.scenario.design.schedules.values() for day in one.times}
    pool |= {100 * value for value in pool}
    missing = []
    for text in texts:
        rest = text
        for one in sorted(verbatim, key=len, reverse=True):
            rest = rest.replace(one, " ") if re.search("[^\\d.,]", one) else rest
        for shown in _NUMBER.findall(rest.replace("± <0.0001", "")):
            plain = shown.replace(",", "")
            if "e" not in plain and not any(_same(plain, value) for value in pool):
                missing.append(f"{shown} in: {text}")
    return missing


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_from_nowhere(name: str) -> None:
    run = of_catalogue(name)
    forms: tuple[Form, ...] = ("arrive", "iacuc", "eu")
    texts = {text: None for form in forms for text in _texts(_written(run, form))}
    assert _from_nowhere(list(texts), run) == []


def test_a_number_from_nowhere_would_be_seen() -> None:
    run = of_catalogue(STUDY)
    texts = _texts(_written(run))
    changed = [text.replace("Monte Carlo standard error 0.0", "error 0.73") for text in texts]
    assert changed != texts
    assert len(_from_nowhere([*changed, "64 mice, 613 of them spare"], run)) >= 2
