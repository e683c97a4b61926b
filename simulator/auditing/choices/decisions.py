"""Which rule an analysis decides by: its adjustment for multiplicity, alpha, and what is exactly
alpha."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from simulator.analysis.multiplicity import adjust
from simulator.auditing.agreement import equal_p, printed_as
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.data_set import Bools, Floats, Ints
from simulator.auditing.choices.reports import Scope, groups
from simulator.auditing.choices.rules import Rule, plan_adjusts, rules
from simulator.auditing.choices.search import SHARE
from simulator.auditing.evidence import Both
from simulator.auditing.result import Finding
from simulator.scenario import AnalysisPlan
from simulator.scenario.analysis_plan import ALPHA_TOLERANCE

_ALPHAS: Final = (0.1, 0.05, 0.025, 0.01, 0.005, 0.001)
#: Cells that must speak for a rule, for each part in which it differs from the plan's.
_FEWEST: Final = 2
#: Different adjusted p-values that must be a rule's.
_FEWEST_VALUES: Final = 3


class _Decisions:
    """Of all data sets that have a result; arrays are (data sets, comparisons)."""

    def __init__(self, runs: Both, plan: AnalysisPlan, choices: Mapping[str, Choice]) -> None:
        def column(name: str) -> Floats:
            return np.concatenate([getattr(run, name)[run.ran] for run in runs.values()])

        self.plan = plan
        self.plan_p, self.plan_adjusted = column("plan_p_value"), column("plan_p_adjusted")
        self.said_adjusted = column("p_adjusted")
        self.decided: Bools = column("decisions").astype(np.bool_)
        self.plan_rejected: Bools = column("plan_rejected").astype(np.bool_)
        self.alpha = np.array([plan.families[one.family].alpha for one in plan.comparisons])
        self.p = column("p_value").copy()
        printed = printed_as(self.p)
        self._half = printed[0].half_unit(self.p) if printed else np.zeros(self.p.shape)
        for k, one in enumerate(plan.comparisons):
            choice = choices.get(one.endpoint)
            if choice is not None and choice.report.id:
                # the column holds something else: known where that is all that differs
                only = choice.parts == (choice.report,)
                self.p[:, k] = self.plan_p[:, k] if only else np.nan
                self._half[:, k] = 0.0
        self._kept: dict[tuple[str, Scope, int], Floats] = {}

    def adjusted(self, rule: Rule, *, way: int = 0) -> Floats:
        """Return the p-values that a rule looks at.

        Parameters
        ----------
        way : -1 and 1 give the smallest and largest that were rounded to what is said.
        """
        key = rule.method, rule.scope, way
        if key not in self._kept:
            self._kept[key] = self._adjusted(rule, np.clip(self.p + way * self._half, 0.0, 1.0))
        return self._kept[key]

    def _adjusted(self, rule: Rule, p: Floats) -> Floats:
        if rule.method == "none":
            return p
        if rule.method == "steel":  # made of the data: known where the p-values are the plan's
            return np.where(equal_p(p, self.plan_p, printed=()), self.plan_adjusted, np.nan)
        found = p.copy()
        for group in groups(self.plan, rule.scope):
            if len(group) > 1:
                at = list(group)
                found[:, at] = [adjust(row, rule.method) for row in p[:, at]]
        return found

    def by(self, rule: Rule, *, way: int = 0) -> Bools:
        """Return what a rule rejects."""
        return self.of(self.adjusted(rule, way=way), rule)

    def of(self, p: Floats, rule: Rule) -> Bools:
        """Return which of these p-values a rule rejects."""
        alpha = self.alpha if rule.alpha is None else rule.alpha
        if rule.strict:
            return np.asarray(p < alpha * (1 - ALPHA_TOLERANCE))
        return np.asarray(p <= alpha * (1 + ALPHA_TOLERANCE))

    def could_be(self, rule: Rule) -> Bools:
        """Return where the decision may be the rule's, of a p-value before it was rounded."""
        return np.where(self.decided, self.by(rule, way=-1), ~self.by(rule, way=1))


def decision_findings(
    runs: Both, plan: AnalysisPlan, choices: Mapping[str, Choice]
) -> Iterator[Finding]:
    """Yield what is found of the adjusted p-values and of the decisions, family by family.

    The rule is looked for among the p-values of the analysis itself, so a wrong test does not
    look like a wrong rule.

    Parameters
    ----------
    choices : by endpoint, where the column p_value is known to hold something else.
    """
    found = _Decisions(runs, plan, choices)
    if not found.p.size:
        return
    for name, family in plan.families.items():
        at = np.array([k for k, one in enumerate(plan.comparisons) if one.family == name])
        own = Rule(family.adjust)
        said = not np.isnan(found.said_adjusted[:, at]).all()
        if said:
            yield from _of_adjusted(found, own, at)
        yield from _of_decisions(found, own, at, said=said)


def _of_adjusted(found: _Decisions, own: Rule, at: Ints) -> Iterator[Finding]:
    said = found.said_adjusted[:, at]
    printed = printed_as(found.said_adjusted)

    def equal(rule: Rule) -> Bools:
        exact = equal_p(said, found.adjusted(rule)[:, at], printed=printed)
        low, high = (found.adjusted(rule, way=way)[:, at] for way in (-1, 1))
        return exact | ((low <= said) & (said <= high) & (low < high))

    there = ~np.isnan(said) & ~np.isnan(found.adjusted(own)[:, at])
    planned = equal(own)
    if planned[there].all():
        return

    def hits(rule: Rule) -> tuple[Bools, Bools]:
        fits = equal(rule)
        return fits, there & ~(fits & planned)

    def enough(rule: Rule) -> bool:
        fits, tells = hits(rule)
        return np.unique(np.round(said[tells & fits], 9)).size >= _FEWEST_VALUES

    sentence = "your p_adjusted column holds {words}, {plan}"
    yield from _best(
        found,
        own,
        at,
        rules(found.plan, own, alphas=()),
        hits,
        enough,
        lambda rule: (
            f"adjusted-by-{rule.id.removeprefix('decided-by-')}",
            sentence.format(words=rule.words, plan=plan_adjusts(own)),
        ),
    )


def _of_decisions(found: _Decisions, own: Rule, at: Ints, *, said: bool) -> Iterator[Finding]:
    if (found.decided == found.plan_rejected)[:, at].all():
        return
    there = ~np.isnan(found.p[:, at])
    if said:
        p = found.said_adjusted[:, at]
        there &= ~np.isnan(p)
        planned = found.decided[:, at] == np.asarray(p <= found.alpha[at] * (1 + ALPHA_TOLERANCE))
    else:
        there &= ~np.isnan(found.adjusted(own)[:, at])
        planned = found.could_be(own)[:, at]
    if planned[there].all():
        return
    alpha = float(found.alpha[at][0])

    def hits(rule: Rule) -> tuple[Bools, Bools]:
        fits = found.could_be(rule)[:, at]
        return fits, there & ~(fits & planned)

    def enough(rule: Rule) -> bool:
        fits, tells = hits(rule)
        return bool((tells & fits).sum() >= _FEWEST * rule.parts(own))

    yield from _best(
        found,
        own,
        at,
        rules(found.plan, own, alphas=_ALPHAS),
        hits,
        enough,
        lambda rule: (rule.name(own), rule.sentence(own, alpha)),
    )


def _best(
    found: _Decisions,
    own: Rule,
    at: Ints,
    among: Sequence[Rule],
    hits: Callable[[Rule], tuple[Bools, Bools]],
    enough: Callable[[Rule], bool],
    say: Callable[[Rule], tuple[str, str]],
) -> Iterator[Finding]:
    """Yield the simplest rules that have almost everything, those that are right if any is."""
    good: list[Rule] = []
    for rule in among:
        if good and rule.parts(own) > good[0].parts(own):
            break
        fits, tells = hits(rule)
        if fits[tells].sum() >= SHARE * tells.sum() and enough(rule):
            good.append(rule)
    good = [one for one in good if one.valid(own)] or good
    if not good:
        return
    fits, tells = hits(good[0])
    sentences = list(dict.fromkeys(say(one)[1] for one in good))[:3]
    text = "; or ".join(sentences) + (" (alike on these data)" if len(sentences) > 1 else "")
    endpoints = tuple(dict.fromkeys(found.plan.comparisons[k].endpoint for k in at.tolist()))
    yield Finding(
        say(good[0])[0],
        text,
        good[0].valid(own),
        endpoints,
        int((tells & fits).sum()),
        int(tells.sum()),
    )
