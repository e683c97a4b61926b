"""Evidence made by hand, for tests of what is judged on it."""

from __future__ import annotations

import numpy as np

from simulator.auditing.evidence import Evidence, FailedRun
from simulator.scenario import AnalysisPlan

PLAN = AnalysisPlan.model_validate(
    {"families": {"afc": {"endpoint": "afc", "arms": ["low", "high"], "against": "saline"}}}
)


def evidence(world="as written", *, p, plan_p=None, failed=(), plan=PLAN, **columns):
    """Return evidence; ``p`` and other columns are (replicates, comparisons)."""
    p = np.asarray(p, dtype=float)
    nothing = np.full(p.shape, np.nan)
    own = p if plan_p is None else np.asarray(plan_p, dtype=float)
    known = {
        name: np.asarray(columns.get(name, nothing), dtype=float)
        for name in ("p_adjusted", "estimate", "ci_low", "ci_high", "u", "rejected")
    }
    own_columns = {
        name: np.asarray(columns.get(name, nothing), dtype=float)
        for name in ("plan_p_adjusted", "plan_u", "plan_estimate")
    }
    rejected = np.asarray(columns.get("plan_rejected", own <= 0.05), dtype=bool)
    return Evidence(
        world=world,
        plan=plan,
        p_value=p,
        **known,
        plan_p_value=own,
        **own_columns,
        plan_rejected=rejected,
        failed=tuple(FailedRun(world, k, "crashed", "boom") for k in failed),
    )
