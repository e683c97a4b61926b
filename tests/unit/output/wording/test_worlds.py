"""The worlds side by side say what was answered, and nothing of what was not searched."""

from __future__ import annotations

from dataclasses import replace

from simulator import power
from simulator.evaluation.staying import n_reaching
from simulator.evaluation.worlds import power_by_world
from simulator.output.provenance import provenance
from simulator.output.run import Run, run_of
from simulator.output.wording.answer import stated
from simulator.output.wording.worlds import world_rows
from simulator.scenario_files import load_text

from ..made_run import sized

PLAN = """
schema_version: 1
id: plan
question: Is there an effect?
seed: 5
design:
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
truth: {afc: {control: 5e4 /spleen, cv: 60 %, response: {model: fold, drug: 3}}}
decision: {n: {from: 5, to: 12}, worlds: {weak: {truth.afc.response.drug: 1.5}}}
"""


def at(n: int) -> Run:
    loaded = load_text(PLAN)
    found = power(loaded.scenario, n=n, replicates=500)
    worlds = power_by_world(loaded.worlds, n=n, replicates=500)
    return run_of(loaded, found, worlds=worlds, origin=provenance(loaded.scenario))


def test_an_n_outside_the_range_is_no_answer() -> None:
    """At 60 per arm the weak effect is found, but 60 is not where that begins."""
    above, within, below = (world_rows(at(n)) for n in (60, 12, 3))
    needed = [row[-1] for row in within]
    assert needed[1] == "more than 12"
    assert [row[-1] for row in above] == needed
    assert [row[-1] for row in below] == needed
    assert above[1][1] != below[1][1], "the power is that of the n asked for"


def test_the_planned_world_has_the_answer() -> None:
    run = sized("quick-start")
    size = run.size
    assert size is not None
    row = world_rows(run)[0]
    assert row[-1] == f"{size.n_per_arm}, certified"
    assert row[1].startswith(f"{size.power.value:.2f}")
    unsure = replace(run, answer=replace(size, status="unresolved", candidates=(4, 5)))
    assert world_rows(unsure)[0][-1] == "unresolved: 4 or 5"
    assert (
        world_rows(replace(run, answer=replace(size, status="infeasible")))[0][-1] == "infeasible"
    )


def test_what_was_stated_is_not_rounded_up() -> None:
    assert [stated(share) for share in (0.8, 0.85, 0.875, 0.999)] == [
        *("0.80", "0.85", "0.875", "0.999")
    ]


def test_n_is_reached_only_where_every_larger_n_reaches_too() -> None:
    curve = at(12).result.curve
    targets = sorted(point.target.value for point in curve)
    assert n_reaching(curve, 0.0) == curve[0].n
    assert n_reaching(curve, 1.01) is None
    for target in targets:
        n = n_reaching(curve, target)
        for k, point in enumerate(curve):
            stays = all(later.target.value >= target for later in curve[k:])
            assert stays == (n is not None and point.n >= n)
