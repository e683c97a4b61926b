"""Rules to decide by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from simulator.auditing.choices.reports import ADJUSTMENTS, SCOPES, Scope, scopes
from simulator.scenario import AnalysisPlan

#: How much an adjustment guards: nothing, the false discovery rate, the family-wise error.
_GUARDS: Final = {"none": 0, "bh": 1}


@dataclass(frozen=True)
class Rule:
    """A rule to decide by.

    Attributes
    ----------
    alpha : None is each family's own.
    strict : only what is below alpha is rejected.
    """

    method: str
    scope: Scope = "family"
    alpha: float | None = None
    strict: bool = False

    def parts(self, own: Rule) -> int:
        """Return in how much it differs from the plan's own."""
        pairs = zip(vars(self).values(), vars(own).values(), strict=True)
        return sum(one != other for one, other in pairs)

    def valid(self, own: Rule) -> bool:
        """Return whether it guards no less than the plan's own."""
        enough = _GUARDS.get(self.method, 2) >= _GUARDS.get(own.method, 2)
        whole = self.scope in ("family", "all") or self.method == own.method == "none"
        return enough and whole and self.alpha is None and not self.strict

    @property
    def words(self) -> str:
        """The p-values that it looks at."""
        if self.method == "none":
            return "the unadjusted p-values"
        return f"{_named(self.method)}-adjusted p-values{SCOPES[self.scope]}"

    def sentence(self, own: Rule, alpha: float) -> str:
        """Return what to say of decisions by this rule where the plan's own is another."""
        found = []
        if (self.method, self.scope) != (own.method, own.scope):
            if self.method == "none":
                found.append(
                    f"no adjustment for multiplicity: your decisions are those of {self.words}"
                )
            else:
                found.append(f"your decisions are those of {self.words}, {plan_adjusts(own)}")
        if self.alpha is not None:
            found.append(f"you decide at alpha {self.alpha:g}, the plan at {alpha:g}")
        if self.strict:
            found.append("you reject where p is below alpha, the plan also where it is alpha")
        return ", and ".join(found)

    @property
    def id(self) -> str:
        """A short name of how it differs from the plan's."""
        where = "" if self.scope == "family" else f"-over-{self.scope.replace(' ', '-')}"
        return "unadjusted" if self.method == "none" else f"decided-by-{self.method}{where}"

    def name(self, own: Rule) -> str:
        """Return a short name of how it differs from the plan's own."""
        found = [self.id] if (self.method, self.scope) != (own.method, own.scope) else []
        found += ["other-alpha"] if self.alpha is not None else []
        return "+".join([*found, *(["below-alpha"] if self.strict else [])])


def _named(method: str) -> str:
    return ADJUSTMENTS.get(method, method.replace("-", " "))


def plan_adjusts(own: Rule) -> str:
    """Return what to say of the plan's own adjustment."""
    return (
        "the plan does not adjust"
        if own.method == "none"
        else (f"the plan adjusts by {_named(own.method)} within each family")
    )


def rules(plan: AnalysisPlan, *, alphas: Sequence[float]) -> tuple[Rule, ...]:
    """Return all rules, the usual ones first.

    Parameters
    ----------
    alphas : levels to decide at, where no family of the plan has them.
    """
    taken = {family.alpha for family in plan.families.values()}
    own = {family.adjust for family in plan.families.values()}
    methods = [*ADJUSTMENTS, *(one for one in sorted(own) if one == "fixed-sequence")]
    bare = [
        Rule("none"),
        *(Rule(method, scope) for scope, _ in scopes(plan) for method in methods),
        *(Rule(one) for one in sorted(own) if one == "steel"),
    ]
    if not alphas:
        return tuple(bare)
    found = [*bare, *(replace(one, strict=True) for one in bare)]
    found += [replace(one, alpha=a) for one in bare for a in alphas if a not in taken]
    return tuple(found)
