"""An analysis as a laboratory writes it, with scipy, and ways to get a step of it wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from simulator.auditing.claims import Asked, read_claims
from simulator.auditing.outcome import Outcome
from simulator.errors import DataError
from simulator.scenario import AnalysisPlan


def read(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop what is no number; rank what is out of the range lowest or highest."""
    value = pd.to_numeric(frame["value"], errors="coerce")
    ranked = value.mask(frame["censored"] == "below", -np.inf)
    ranked = ranked.mask(frame["censored"] == "above", np.inf)
    return frame.assign(value=ranked)[value.notna()]


def rank_test(x: np.ndarray, y: np.ndarray, alternative: str) -> float:
    """R's rule: exact without ties below 50, else normal with continuity; NaN where no test is."""
    pool = np.concatenate([x, y])
    distinct = np.unique(pool).size
    if not x.size or not y.size or distinct == 1:
        return np.nan
    exact = distinct == pool.size and max(x.size, y.size) < 50
    method = "exact" if exact else "asymptotic"
    return float(stats.mannwhitneyu(x, y, alternative=alternative, method=method).pvalue)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values; those that are missing are not counted."""
    found = np.full(p.size, np.nan)
    order = [k for k in np.argsort(p) if not np.isnan(p[k])]
    worst = 0.0
    for place, k in enumerate(order):
        worst = max(worst, min(1.0, (len(order) - place) * p[k]))
        found[k] = worst
    return found


def samples(frame: pd.DataFrame, endpoint: str, arm: str) -> np.ndarray:
    """Return the values of one arm."""
    rows = (frame["endpoint"] == endpoint) & (frame["arm"] == arm)
    return frame["value"][rows].to_numpy(dtype=float)


@dataclass(frozen=True)
class Lab:
    """The steps of an analysis; the defaults are right."""

    read: Callable[[pd.DataFrame], pd.DataFrame] = read
    test: Callable[[np.ndarray, np.ndarray, str], float] = rank_test
    samples: Callable[[pd.DataFrame, str, str], np.ndarray] = samples
    rejects: Callable[[float, float], bool] = lambda p, alpha: p <= alpha * (1 + 1e-9)
    shown: Callable[[float], float] = float

    def __call__(self, frame: pd.DataFrame, plan: AnalysisPlan) -> pd.DataFrame:
        frame = self.read(frame)
        rows: list[dict[str, Any]] = []
        for name, family in plan.families.items():
            comparisons = plan.comparisons_of(name)
            p = np.array(
                [
                    self.test(
                        self.samples(frame, one.endpoint, one.treated),
                        self.samples(frame, one.endpoint, one.control),
                        plan.alternative,
                    )
                    for one in comparisons
                ]
            )
            adjusted = p if family.adjust == "none" else holm(p)
            for one, raw, after in zip(comparisons, p, adjusted, strict=True):
                names = {"endpoint": one.endpoint, "treated": one.treated, "control": one.control}
                rejected = self.rejects(after, family.alpha)
                numbers = {"p_value": self.shown(raw), "p_adjusted": self.shown(after)}
                rows.append({"family": name, **names, **numbers, "rejected": rejected})
        return pd.DataFrame(rows)


RIGHT = Lab()


def told(analysis: Callable[[pd.DataFrame, AnalysisPlan], pd.DataFrame]) -> Callable[..., Outcome]:
    """Return an analysis as an analyst that is told the plan."""

    def analyst(frame: pd.DataFrame, plan: AnalysisPlan) -> Outcome:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # overflows of wrong analyses
                found = analysis(frame, plan)
        except Exception as error:
            return Outcome(None, "crashed", f"{type(error).__name__}: {error}")
        try:
            rows = found.itertuples(index=False, name=None)
            return Outcome(read_claims(list(found.columns), rows, Asked.of(plan), source="result"))
        except DataError as error:
            return Outcome(None, "wrong result", str(error))

    return analyst


def by_number(change: Callable[[np.ndarray], np.ndarray]) -> Lab:
    """Return the right analysis after a change of the numbers that it read."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        found = read(frame)
        return found.assign(value=change(found["value"].to_numpy(dtype=float)))

    return replace(RIGHT, read=changed)
