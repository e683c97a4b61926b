"""The right answers of the traps, and a right analysis, by R.

Without R this is skipped on a laptop and fails in CI, where a missing peer would hide rot.
"""

from __future__ import annotations

import csv
import math
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from simulator.auditing.commands.command import Command
from simulator.auditing.traps import battery, run_traps
from simulator.scenario_files import load_scenario

from .plans import with_plan

HERE = Path(__file__).parent
#: R printed 15 digits, and its own sums carry rounding.
CLOSE = 1e-9
SIDES = {"two-sided": "two.sided", "greater": "greater", "less": "less"}


@pytest.fixture(scope="module")
def rscript():
    found = shutil.which("Rscript")
    ready = found is not None and (
        subprocess.run([found, "-e", "library(coin)"], capture_output=True, check=False).returncode
        == 0
    )
    if not ready:
        missing = "Rscript with coin is not installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def traps_of(name, **changes):
    return [
        trap
        for trap in battery(with_plan(name, **changes))
        if trap.table is not None and trap.answer.tested(trap.focus)
    ]


def test_right_answers(rscript, tmp_path):
    """Every trap of two scenarios; p-values by wilcox.test and coin from what is in the CSV."""
    names = ("quick-start", "pilot-to-confirmatory")
    traps = {f"{name}-{trap.id}.csv": trap for name in names for trap in traps_of(name)}
    with (tmp_path / "index.csv").open("w", encoding="utf-8") as stream:
        index = csv.writer(stream)
        index.writerow(["file", "endpoint", "treated", "control"])
        for file, trap in traps.items():
            trap.table.to_csv(tmp_path / file, index=False)
            one = trap.plan.comparisons[trap.focus]
            index.writerow([file, one.endpoint, one.treated, one.control])
    subprocess.run([rscript, str(HERE / "traps.R"), str(tmp_path)], check=True, timeout=120)
    with (tmp_path / "answers.csv").open(encoding="utf-8") as stream:
        found = {(row["file"], row["side"]): row for row in csv.DictReader(stream)}
    assert len(found) == 3 * len(traps) > 100
    for name in names:
        for alternative, side in SIDES.items():
            for method, continuity in (("auto", True), ("exact", True), ("asymptotic", False)):
                changes = {"method": method, "continuity": continuity, "alternative": alternative}
                for trap in traps_of(name, **changes):
                    if trap.id == "p-at-alpha":  # its data are the plan's: the next test
                        continue
                    row = found[f"{name}-{trap.id}.csv", side]
                    own = {"auto": "auto", "exact": "exact", "asymptotic": "plain"}[method]
                    accepted = trap.answer.accepted[trap.focus]
                    assert accepted[0] == pytest.approx(float(row[own]), rel=CLOSE), trap.id
                    for valid in ("auto", "normal", "exact"):
                        p = float(row[valid])
                        assert any(math.isclose(p, one, rel_tol=CLOSE) for one in accepted)


def test_p_at_alpha(rscript):
    """To the last bit, so that `p <= 0.05` in R finds it."""
    coin = "pvalue(wilcox_test(c(x, y) ~ g, distribution = exact()))"
    tests = (
        ({}, coin),
        ({"method": "exact"}, coin),
        ({"alternative": "greater"}, "wilcox.test(x, y, alternative = 'greater')$p.value"),
        ({"alternative": "less"}, "wilcox.test(x, y, alternative = 'less')$p.value"),
    )
    lines = ["suppressMessages(library(coin))"]
    for changes, test in tests:
        trap = next(one for one in traps_of("quick-start", **changes) if one.id == "p-at-alpha")
        x, y = (trap.table["value"][trap.table["arm"] == arm] for arm in ("drug", "saline"))
        lines.append(f"x <- c({str(x.tolist())[1:-1]}); y <- c({str(y.tolist())[1:-1]})")
        lines.append('g <- factor(rep(c("x", "y"), c(length(x), length(y))))')
        lines.append(f"cat({test} == 0.05, '')")
    told = subprocess.run(
        [rscript, "-e", "\n".join(lines)], check=True, capture_output=True, text=True, timeout=60
    )
    assert told.stdout.split() == ["TRUE"] * len(tests)


def test_a_right_script_falls_into_no_trap(rscript):
    """As a command: the tables through CSV, names of arms with quotes and umlauts in the plan."""
    scenario = load_scenario("pilot-to-confirmatory")
    words = [rscript, str(HERE / "wilcoxon.R")]
    text = f"{shlex.join(words)} {{data}} {{plan}} {{result}}"
    with Command(text, scenario=scenario) as command:
        found = run_traps(command, scenario, told_plan=command.run, jobs=2)
    assert [one for one in found if one.verdict != "pass"] == []
    assert len(found) == 25


def test_a_script_that_expects_no_empty_arm(rscript):
    """wilcox.test stops there: the usual mistake."""
    scenario = load_scenario("quick-start")
    code = (
        "a <- commandArgs(TRUE); d <- read.csv(a[1]);"
        "x <- d$value[d$arm == 'drug']; y <- d$value[d$arm == 'saline'];"
        "write.csv(data.frame(endpoint = 'afc', treated = 'drug', control = 'saline',"
        "p_value = wilcox.test(x, y)$p.value), a[2])"
    )
    only = ["empty-group", "text-cells", "renamed-arms", "plain-table"]
    text = f"{shlex.quote(rscript)} -e {shlex.quote(code)} {{data}} {{result}}"
    with Command(text, scenario=scenario) as command:
        found = {one.id: one for one in run_traps(command, scenario, only=only)}
    assert {key: one.verdict for key, one in found.items()} == {
        "plain-table": "pass",
        "renamed-arms": "not applicable",
        "empty-group": "fail",
        "text-cells": "pass",
    }
    assert found["empty-group"].said.startswith("crashed: exit status 1: Error in wilcox.test")
    assert found["text-cells"].said.startswith("refused the table: exit status 1: Error in wilcox")
    assert found["renamed-arms"].said.startswith("the analysis is not told what to compare")
