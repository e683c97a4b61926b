"""Small tables of bench data, and the plan of one comparison."""

from __future__ import annotations

import pandas as pd

from simulator.analysis import analyse
from simulator.scenario.analysis_plan import AnalysisPlan, Family


def table(arms, *, endpoint="afc", censored=None):
    """Return a tidy table: arm -> values."""
    rows = [
        (f"{arm}-{place}", arm, endpoint, value, (censored or {}).get((arm, place), ""))
        for arm, values in arms.items()
        for place, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["subject_id", "arm", "endpoint", "value", "censored"])


def family(**changes):
    return Family(**{"endpoint": "afc", "arms": ["drug"], "against": "saline", **changes})


def only(frame, **options):
    plan = AnalysisPlan(families={"primary": family()}, **options)
    return analyse(frame, plan).comparisons[0]


DRUG, SALINE = [14.0, 18.5, 9.9, 21.0, 12.2], [5.1, 4.0, 6.2, 4.8, 10.3]
