"""Which rule an analysis decides by: its adjustment for multiplicity, alpha, and what is exactly
alpha."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.analysis.multiplicity import adjust, rejected
from simulator.auditing.agreement import equal_p, printed_as
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.data_set import Bools, Floats, Ints
from simulator.auditing.choices.reports import Scope, groups
from simulator.auditing.choices.rules import Rule, plan_adjusts, rules
from simulator.auditing.choices.search import SHARE
from simulator.auditing.evidence import Both
from simulator.auditing.result import Explains, Finding
from simulator.scenario import AnalysisPlan
from simulator.scenario.analysis_plan import ALPHA_TOLERANCE

_ALPHAS: Final = (0.1, 0.05, 0.025, 0.01, 0.005, 0.001)
#: Cells that must speak for a rule, for each part in which it differs from the plan's.
_FEWEST: Final = 2
#: Rules that are named where the data do not tell them apart.
_NAMED: Final = 3
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
        return rejected(p, alpha)

    def as_planned(self, at: Ints) -> bool:
        """Return whether all decisions of some comparisons are the plan's."""
        return bool((self.decided[:, at] == self.plan_rejected[:, at]).all())

    def could_be(self, rule: Rule) -> Bools:
        """Return where the decision may be the rule's, of a p-value before it was rounded."""
        return np.where(self.decided, self.by(rule, way=-1), ~self.by(rule, way=1))


@dataclass(frozen=True, eq=False)
class _Question:
    """Which rule a family's decisions, or adjusted p-values, were made by.

    Attributes
    ----------
    own : the plan's rule.
    at : places of the family's comparisons.
    there, planned : cells that count, and those that the plan's rule has.
    fits : cells that a rule has.
    enough : whether these cells speak for a rule.
    say : a finding's name and sentence.
    explains : what is known of the analysis where the rule is.
    """

    own: Rule
    at: Ints
    there: Bools
    planned: Bools
    fits: Callable[[Rule], Bools]
    enough: Callable[[Bools, Rule], bool]
    say: Callable[[Rule], tuple[str, str]]
    explains: Explains

    @property
    def answered(self) -> bool:
        """Whether it is the plan's rule."""
        return bool(self.planned[self.there].all())

    def tells(self, rule: Rule) -> Bools:
        """Return the cells in which not both the rule's and the plan's is what is said."""
        return self.there & ~(self.fits(rule) & self.planned)

    def good(self, rule: Rule) -> bool:
        """Return whether almost everything is as by a rule."""
        fits, tells = self.fits(rule), self.tells(rule)
        almost = bool(fits[tells].sum() >= SHARE * tells.sum())
        return almost and (self.answered or self.enough(tells & fits, rule))


def decision_findings(
    runs: Both, plan: AnalysisPlan, choices: Mapping[str, Choice]
) -> Iterator[Finding]:
    """Yield what is found of the adjusted p-values and of the decisions.

    The rule is looked for among the p-values of the analysis itself, so a wrong test does not
    look like a wrong rule.

    Parameters
    ----------
    choices : by endpoint, where the column p_value is known to hold something else.
    """
    found = _Decisions(runs, plan, choices)
    if not found.p.size:
        return
    questions: list[tuple[_Question, ...]] = []
    for name, family in plan.families.items():
        at = np.array([k for k, one in enumerate(plan.comparisons) if one.family == name])
        said = not np.isnan(found.said_adjusted[:, at]).all()
        asked = [_of_decisions(found, Rule(family.adjust), at, said=said)]
        if said:  # where all decisions are by these p-values, their rule is that of the decisions
            explains = asked[0].explains if asked[0].answered else "other"
            asked.append(_of_adjusted(found, Rule(family.adjust), at, explains))
        questions.append(tuple(asked))
    decided, adjusted = (
        [one for one, *_ in questions],
        [two for _, *rest in questions for two in rest],
    )
    answers = [
        *_answer(found, adjusted, rules(plan, alphas=())),
        *_answer(found, decided, rules(plan, alphas=_ALPHAS)),
    ]
    known = [one for one, _ in answers]
    # a family by no known rule is not to be taken for one that has its endpoints
    unknown = {
        plan.comparisons[k].endpoint
        for asked in questions
        if not found.as_planned(asked[0].at)
        and not (
            asked[0].explains == "decisions" and all(one.answered or one in known for one in asked)
        )
        for k in asked[0].at.tolist()
    }
    for _, one in answers:
        yield replace(one, explains="other") if unknown & {*one.endpoints} else one


def _of_adjusted(found: _Decisions, own: Rule, at: Ints, explains: Explains) -> _Question:
    said = found.said_adjusted[:, at]
    printed = printed_as(found.said_adjusted)

    def fits(rule: Rule) -> Bools:
        low, p, high = (found.adjusted(rule, way=way)[:, at] for way in (-1, 0, 1))
        return equal_p(said, p, printed=printed) | ((low <= said) & (said <= high) & (low < high))

    def enough(hits: Bools, rule: Rule) -> bool:  # noqa: ARG001
        return np.unique(np.round(said[hits], 9)).size >= _FEWEST_VALUES

    def say(rule: Rule) -> tuple[str, str]:
        name = f"adjusted-by-{rule.id.removeprefix('decided-by-')}"
        return name, f"your p_adjusted column holds {rule.words}, {plan_adjusts(own)}"

    there = ~np.isnan(said) & ~np.isnan(found.adjusted(own)[:, at])
    return _Question(own, at, there, fits(own), fits, enough, say, explains)


def _of_decisions(found: _Decisions, own: Rule, at: Ints, *, said: bool) -> _Question:
    there = ~np.isnan(found.p[:, at])
    if said:  # what is found of the adjusted p-values is not said again
        p = found.said_adjusted[:, at]
        there &= ~np.isnan(p)
        planned = found.decided[:, at] == rejected(p, found.alpha[at])
    else:
        there &= ~np.isnan(found.adjusted(own)[:, at])
        planned = found.could_be(own)[:, at]
    same = found.decided[:, at] == found.plan_rejected[:, at]
    alpha = float(found.alpha[at][0])
    return _Question(
        own,
        at,
        there,
        planned | bool(same.all()),  # the plan's decisions are no other rule's
        lambda rule: found.could_be(rule)[:, at],
        lambda hits, rule: bool(hits.sum() >= _FEWEST * rule.parts(own)),
        lambda rule: (rule.name(own), rule.sentence(own, alpha)),
        # a rule of some cells does not tell that the decisions of others are right
        "decisions" if same[~there].all() else "other",
    )


def _answer(
    found: _Decisions, questions: Sequence[_Question], among: Sequence[Rule]
) -> Iterator[tuple[_Question, Finding]]:
    """Yield the rules that have most families; of those the simplest, and right ones first."""
    left = [one for one in questions if not one.answered]
    known = [one for one in questions if one.answered]

    def rank(rule: Rule) -> tuple[int, ...]:
        has = [one for one in left if rule.parts(one.own) and one.good(rule)]
        return (
            len(has),
            sum(one.good(rule) for one in known),
            -sum(rule.parts(one.own) for one in has),
            sum(rule.valid(one.own) for one in has),
        )

    while left:
        ranks = {rule: rank(rule) for rule in among}
        best = max(ranks.values())
        if not best[0]:
            return
        alike = [rule for rule in among if ranks[rule] == best]
        has = [one for one in left if alike[0].parts(one.own) and one.good(alike[0])]
        for one in has:
            yield one, _finding(found, one, [r for r in alike if all(q.good(r) for q in has)])
        left = [one for one in left if one not in has]


def _finding(found: _Decisions, one: _Question, alike: Sequence[Rule]) -> Finding:
    sentences = list(dict.fromkeys(one.say(rule)[1] for rule in alike))[:_NAMED]
    text = "; or ".join(sentences) + (" (alike on these data)" if len(sentences) > 1 else "")
    fits, tells = one.fits(alike[0]), one.tells(alike[0])
    endpoints = (found.plan.comparisons[k].endpoint for k in one.at.tolist())
    return Finding(
        one.say(alike[0])[0],
        text,
        alike[0].valid(one.own),
        tuple(dict.fromkeys(endpoints)),
        int((tells & fits).sum()),
        int(tells.sum()),
        one.explains,
    )
