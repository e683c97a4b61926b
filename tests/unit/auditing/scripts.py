"""Analysis scripts as others write them, on simulated studies, and what they then say."""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np
from scipy import stats

from simulator.auditing.evidence import WORLDS, Evidence
from simulator.auditing.recognise import recognise
from simulator.auditing.reference import answers
from simulator.scenario_files import load_scenario
from simulator.trial.cohort.studies import Studies

SAID = ("p_value", "p_adjusted", "estimate", "ci_low", "ci_high", "u", "rejected")
OWN = ("plan_p_value", "plan_p_adjusted", "plan_u", "plan_estimate", "plan_rejected")
SECRETOME, QUICK = "secretome-healthy-mice", "quick-start"
AFC, TITER = "afc", "titer"
REPLICATES = 12
#: scipy's ``auto``, with what R's wilcox.test does of ties and more than 8 animals.
METHOD_OF_R = {True: "asymptotic", False: "exact"}


class Study:
    """A scenario and its null twin at one size."""

    def __init__(self, scenario, n):
        self.plan = scenario.analysis
        self._worlds = {
            "as written": Studies(scenario, n=n),
            "null": Studies(scenario.null_twin(), n=n),
        }

    def frame(self, world, replicate):
        """The table that a script reads."""
        observations, column = self._worlds[world].of(replicate)
        return observations.frame(column)

    def run(self, script, replicates):
        """Return the evidence of a script: a table and a plan in, columns by name out."""
        shape = replicates, len(self.plan.comparisons)
        runs = {}
        for world in WORLDS:
            found = {name: np.full(shape, np.nan) for name in (*SAID, *OWN)}
            for replicate in range(replicates):
                observations, column = self._worlds[world].of(replicate)
                own = answers(observations.samples(column), self.plan)
                for name in ("p_value", "p_adjusted", "u", "rejected"):
                    found[f"plan_{name}"][replicate] = getattr(own, name)
                for name, values in script(observations.frame(column), self.plan).items():
                    found[name][replicate] = values
            rejected = found.pop("plan_rejected") == 1
            runs[world] = Evidence(
                world=world, plan=self.plan, failed=(), plan_rejected=rejected, **found
            )
        return runs


@lru_cache(maxsize=8)
def study(name, n, **changes):
    """A scenario of the catalogue; ``changes`` replace fields of its analysis plan."""
    scenario = load_scenario(name)
    plan = scenario.analysis.model_copy(update=changes)
    return Study(scenario.model_copy(update={"analysis": plan}), n)


def arms_of(table):
    """The values of every endpoint and arm, in the order of the rows."""
    groups = table.groupby(["endpoint", "arm"], sort=False)["value"]
    return {key: values.to_numpy() for key, values in groups}


def as_r(x, y, alternative="two-sided"):
    """R's wilcox.test for fewer than 50 animals, made of scipy's two methods."""
    both = np.concatenate([x, y])
    tied = np.unique(both).size < both.size
    method = METHOD_OF_R[tied]
    return stats.mannwhitneyu(x, y, alternative=alternative, method=method).pvalue


def by_pairs(test, table, plan):
    """The p-values of a test of two samples."""
    found = arms_of(table)
    return np.array(
        [
            test(found[one.endpoint, one.treated], found[one.endpoint, one.control])
            for one in plan.comparisons
        ]
    )


def adjusted(p, method):
    """The textbook's adjusted p-values (statsmodels collects garbage at each call)."""
    m, order = p.size, np.argsort(p, kind="stable")
    found, ordered, rank = np.empty(m), p[order], np.arange(1, p.size + 1)
    if method == "none":
        return p
    if method == "bonferroni":
        return np.minimum(1, m * p)
    if method == "holm":
        steps = np.maximum.accumulate((m + 1 - rank) * ordered)
    else:
        factors = {"simes-hochberg": m + 1 - rank, "fdr_bh": m / rank}[method]
        steps = np.minimum.accumulate((factors * ordered)[::-1])[::-1]
    found[order] = np.minimum(1, steps)
    return found


def decided(p, plan, *, method=None):
    """Which are rejected, family by family; ``method`` replaces Holm's where the plan has it."""
    rejected = np.zeros(p.size)
    families = np.array([one.family for one in plan.comparisons])
    for name, family in plan.families.items():
        how = family.adjust if family.adjust == "none" else method or family.adjust
        rejected[families == name] = adjusted(p[families == name], how) <= family.alpha
    return rejected


def script(test, *, rounded=None, prepare=None, method=None):
    """A script that makes one test of each comparison, and adjusts as the plan says.

    Parameters
    ----------
    rounded : what is done to p-values before they are written.
    prepare : what is done to the table first.
    method : adjusts where the plan has Holm's.
    """

    def analysis(table, plan):
        p = by_pairs(test, table if prepare is None else prepare(table), plan)
        said = p if rounded is None else np.array([rounded(one) for one in p.tolist()])
        return {"p_value": said, "rejected": decided(p, plan, method=method)}

    return analysis


def findings(analysis, name=SECRETOME, *, n=8, replicates=REPLICATES, most=200, **changes):
    """What is recognised in a script on a scenario and its null twin."""
    one = study(name, n, **changes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the scripts: ties, small samples
        runs = one.run(analysis, replicates)
    return recognise(runs, one.frame, one.plan, most=most)
