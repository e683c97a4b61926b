"""Audits that no analysis was run for: evidence from random numbers, to be shown and written."""

from __future__ import annotations

from functools import cache

import numpy as np

from simulator.auditing.evidence import Evidence, FailedRun, World
from simulator.auditing.result import Audit, Finding, Line, TrapResult
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.scenario import Scenario
from simulator.scenario_files import load_scenario

COMMAND = "Rscript analysis.R {data} {result}"


@cache
def scenario(name: str = "quick-start") -> Scenario:
    """Return a scenario of the catalogue."""
    return load_scenario(name)


def evidence(
    world: World,
    study: Scenario,
    *,
    replicates: int = 200,
    wrong: float = 0.0,
    estimates: bool = True,
    failed: tuple[FailedRun, ...] = (),
    z_max: float = 1.96,
) -> Evidence:
    """Return evidence of an analysis that gives half of the plan's p in a share of the cases."""
    plan = study.analysis
    shape = replicates, len(plan.comparisons)
    rng = np.random.default_rng(5)  # only for something to look at
    own = rng.uniform(size=shape) ** (4 if world == "as written" else 1)
    own = np.ceil(own * 500) / 500
    said = np.where(rng.uniform(size=shape) < wrong, own / 2, own)
    nothing = np.full(shape, np.nan)
    ln = rng.normal(np.log(3.0), 0.4, size=shape)
    gone = [one.replicate for one in failed if one.world == world]

    def kept(values: np.ndarray) -> np.ndarray:
        values = values.copy()
        values[gone] = np.nan
        return values

    return Evidence(
        world=world,
        plan=plan,
        p_value=kept(said),
        p_adjusted=nothing,
        estimate=kept(np.exp(ln)) if estimates else nothing,
        ci_low=kept(np.exp(ln - z_max * 0.4)) if estimates else nothing,
        ci_high=kept(np.exp(ln + z_max * 0.4)) if estimates else nothing,
        u=nothing,
        rejected=kept((said <= 0.05).astype(float)),
        plan_p_value=own,
        plan_p_adjusted=own,
        plan_u=nothing,
        plan_estimate=np.exp(ln) if estimates else nothing,
        plan_rejected=own <= 0.05,
        failed=tuple(one for one in failed if one.world == world),
    )


def lines(study: Scenario, *, wrong: bool) -> tuple[Line, ...]:
    """Return lines of every measure, of which some fail if wanted."""
    found = [
        Line("failures", Probability(2 * wrong, 400), "fail" if wrong else "pass", "every run"),
    ]
    for k, one in enumerate(study.analysis.comparisons):
        names = {
            "endpoint": one.endpoint,
            "treated": one.treated,
            "control": one.control,
            "family": one.family,
        }
        plan = Probability(10, 200)
        bad = wrong and k % 2 == 0
        verdict = "fail" if bad else "pass"
        count = 30 + k if bad else 9
        found += [
            Line("type_i", Probability(count, 200), verdict, "at most 0.05", **names, plan=plan),
            Line(
                "power",
                Probability(120, 200),
                "not enough replicates" if bad else "pass",
                "at most 2% below the plan's own",
                **names,
                plan=Probability(118, 200),
                needed=1200 if bad else None,
            ),
            Line("bias", Estimate(0.05, 0.01), "pass", "within 0.25", **names),
            Line("rmse", Estimate(0.4, 0.02), "pass", "at most 1.25 times", **names),
            Line("coverage", Probability(188, 200), "pass", "at least 93%", **names),
            Line("type_s", Probability(1, 120), "pass", "at most 5%", **names),
            Line("type_m", Estimate(1.2, 0.02), "pass", "at most 1.25 times", **names),
        ]
    for endpoint in dict.fromkeys(one.endpoint for one in study.analysis.comparisons):
        found.append(
            Line(
                "agreement",
                Probability(150 if wrong else 400, 400),
                "fail" if wrong else "pass",
                "p-values and decisions of the plan, or of another right choice",
                endpoint=endpoint,
                note="decision differs in 7 of 400 data sets" if wrong else "",
            )
        )
    for family in study.analysis.families:
        found.append(Line("fwer", Probability(9, 200), "pass", "at most 0.05", family=family))
    return tuple(found)


def audit(
    name: str = "quick-start",
    *,
    wrong: bool = False,
    estimates: bool = True,
    replicates: int = 200,
    failed: tuple[FailedRun, ...] = (),
    analysis: str = COMMAND,
) -> Audit:
    """Return an audit that failed on some lines, or passed."""
    study = scenario(name)
    share = 0.3 if wrong else 0.0
    settings = {"replicates": replicates, "wrong": share, "estimates": estimates, "failed": failed}
    size = len(study.analysis.comparisons)
    finding = Finding(
        "one-sided",
        "your p-values are those of a one-sided test",
        False,
        tuple(dict.fromkeys(one.endpoint for one in study.analysis.comparisons)),
        398,
        400,
    )
    return Audit(
        analysis=analysis,
        scenario_id=study.id,
        digest=study.digest,
        seed=study.seed,
        n=10,
        replicates=replicates,
        estimand="fold_of_medians" if estimates else "",
        truth=(Estimate(3.0, 0.001),) * size if estimates else (),
        confidence=0.95,
        false_alarm=0.01,
        lines=lines(study, wrong=wrong),
        findings=(finding,) if wrong else (),
        runs={
            world: evidence(world, study, **settings)  # type: ignore[arg-type]
            for world in ("as written", "null")
        },
    )


def traps() -> tuple[TrapResult, ...]:
    """Return one result of every verdict."""
    return (
        TrapResult("all-equal", "division by 0", "no p-value", "definition", "pass", "no p-value"),
        TrapResult(
            "censored",
            "titers below the limit are dropped",
            "p = 0.0286: U = 16, 2/C(8,4)",
            "enumeration",
            "fail",
            "p = 0.2",
        ),
        TrapResult("cages", "cages", "as before", "definition", "not applicable", "no cages"),
    )
