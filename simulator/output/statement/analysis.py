"""The statistics: test, method, sidedness, alpha, multiplicity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.output.document import Bullets, Marked, Paragraph, say
from simulator.output.wording.rank_test_names import TEST_NAMES
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW, COMPLETE_RELABELINGS

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated
    from simulator.scenario.analysis_plan import TestSpec

METHODS: Final = {
    "auto": f"exact without ties while both groups are below {AUTO_EXACT_BELOW}, else the normal "
    "approximation, decided for each data set",
    "exact": "exact, given the ties",
    "mid-p": "mid-p of the exact distribution",
    "asymptotic": "normal approximation, corrected for ties",
}
#: What counts as at least as extreme as the data, on both sides.
CONVENTIONS: Final = {
    "far-tail": "all outcomes at least as far from their mean as the one seen",
    "doubling": "twice the p of the smaller side",
}
TREND_SIDES: Final = {
    "two-sided": "two-sided",
    "increasing": "one-sided: values rise in this order",
    "decreasing": "one-sided: values fall in this order",
}
#: How Steel's null distribution is found.
STEEL: Final = {
    "auto": "by relabeling where no comparison of the data set has ties, else multivariate normal",
    "exact": "by relabeling the mice of all groups, given the ties",
    "asymptotic": "multivariate normal",
}
SIDES: Final = {
    "two-sided": "two-sided",
    "greater": "one-sided: larger values under treatment",
    "less": "one-sided: smaller values under treatment",
}
ADJUSTMENTS: Final = {
    "none": "none",
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "fixed-sequence": "fixed sequence, in the order of the groups",
    "bh": "Benjamini-Hochberg (false discovery rate, not family-wise error)",
    "steel": "Steel's many-to-one method",
}


def statistics(stated: Stated) -> Bullets:
    """Return test, method, sidedness, and for every family its alpha and its adjustment."""
    plan = stated.scenario.analysis
    told = SIDES[plan.alternative]
    items = [say("Sidedness: ", stated.say("analysis.alternative", told)), *_tests(stated)]
    items += [_family(stated, name) for name in plan.families]
    for name, trend in plan.trends.items():
        path = f"analysis.trends.{name}"
        items.append(
            say(
                f"Trend {name}: {trend.endpoint} over {' < '.join(trend.arms)}; "
                "Jonckheere-Terpstra test, ",
                stated.say(f"{path}.method", _trend_method(trend.method)),
                ", ",
                stated.say(f"{path}.alternative", TREND_SIDES[trend.alternative]),
                ", ",
                stated.say(f"{path}.alpha", f"alpha {trend.alpha:g}"),
            )
        )
    return Bullets(tuple(items))


def _trend_method(method: str) -> str:
    """Return how the p-value of a trend is made."""
    from simulator.analysis.trend import TREND_AUTO_EXACT

    return {
        "auto": f"p exact without ties and with at most {TREND_AUTO_EXACT} mice in all, else by "
        "the normal approximation",
        "exact": "exact p, given the ties",
        "asymptotic": "p by the normal approximation",
    }[method]


def _tests(stated: Stated) -> Iterator[Paragraph]:
    """Yield test and p-values, once for the families that have them in common."""
    plan = stated.scenario.analysis
    alike: dict[tuple[Paragraph, ...], list[str]] = {}
    for name in plan.families:
        how = (say("test: ", test(stated, name)), *_method(stated, name, plan.spec(name)))
        alike.setdefault(how, []).append(name)
    for how, names in alike.items():
        of = "every family" if len(alike) == 1 else ", ".join(names)
        yield from (say(f"Of {of}, ", *one.pieces) for one in how)


def _family(stated: Stated, name: str) -> Paragraph:
    """Return the comparisons of a family with alpha and adjustment."""
    one = stated.scenario.analysis.families[name]
    compared = f"{', '.join(one.endpoint)}: {', '.join(one.arms)} against {one.against}"
    return say(
        f"Family {name}: ",
        stated.family(name, "arms", compared),
        "; alpha ",
        stated.family(name, "alpha", f"{one.alpha:g}"),
        "; adjustment for multiplicity: ",
        adjustment(stated, name),
    )


def adjustment(stated: Stated, name: str) -> str | Marked:
    """Return how a family is adjusted for its several comparisons."""
    adjust = stated.scenario.analysis.families[name].adjust
    if len(stated.scenario.analysis.comparisons_of(name)) == 1 and adjust != "steel":
        return "one comparison, so none is needed"
    return stated.family(name, "adjust", ADJUSTMENTS[adjust])


def test(stated: Stated, name: str) -> str | Marked:
    """Return the test of a family by its name."""
    own = stated.scenario.analysis.families[name].test is not None
    told = TEST_NAMES[stated.scenario.analysis.spec(name).test]
    return told if own else stated.say("analysis.test", told)


def _method(stated: Stated, name: str, spec: TestSpec) -> Iterator[Paragraph]:
    """Yield how the p-values of a family are made, as far as it matters to its test."""
    pieces: list[str | Marked] = []
    if stated.scenario.analysis.families[name].adjust == "steel":
        own = stated.scenario.analysis.families[name].method is not None
        told = STEEL[spec.method]
        pieces.append(
            "adjusted, of every group's standardised U (variance corrected for ties, no "
            "continuity correction) against the null distribution of the largest of them, "
        )
        pieces.append(told if own else stated.say("analysis.method", told))
    elif spec.test == "mann_whitney":
        own = stated.scenario.analysis.families[name].method is not None
        told = METHODS[spec.method]
        pieces.append(told if own else stated.say("analysis.method", told))
        if spec.alternative == "two-sided" and spec.method in ("exact", "mid-p"):
            convention = f"two-sided exact p: {CONVENTIONS[spec.convention]}"
            pieces += ["; ", stated.say("analysis.convention", convention)]
        if spec.method in ("auto", "asymptotic"):
            how = "with" if spec.continuity else "without"
            corrected = f"normal approximation {how} continuity correction"
            pieces += ["; ", stated.say("analysis.continuity", corrected)]
    elif spec.test == "permutation":
        from simulator.analysis.relabelings import UNTIED_RELABELINGS

        told = (
            f"all relabelings where they are at most {COMPLETE_RELABELINGS:,}, else random ones: "
            f"{spec.resamples:,} where there are ties, {UNTIED_RELABELINGS:,} where there are none"
        )
        pieces.append(stated.say("analysis.resamples", told))
    if pieces:
        yield say("p-values: ", *pieces)
