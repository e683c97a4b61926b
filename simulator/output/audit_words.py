"""How the lines of an audit are said to a reader, on the screen and on the page alike."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.auditing.result import SEVERITY, Line, Measure, Verdict
from simulator.evaluation.characteristics import Estimate, Probability

if TYPE_CHECKING:
    from simulator.auditing.evidence import FailedRun
    from simulator.auditing.result import Audit, Finding, TrapResult

#: What is measured, in the words of the field, in the order of reading.
MEASURES: Final[Mapping[Measure, str]] = {
    "failures": "runs without a result",
    "agreement": "p-values that are the plan's",
    "decisions": "decisions that are the plan's",
    "type_i": "type I error",
    "fwer": "family-wise error",
    "power": "power",
    "bias": "bias",
    "rmse": "RMSE",
    "coverage": "interval covers the truth",
    "type_s": "type S (wrong sign)",
    "type_m": "type M (exaggeration)",
}
#: A reader's guide to each of them.
MEANINGS: Final[Mapping[Measure, str]] = {
    "failures": "data sets for which the analysis gave no result that could be read",
    "agreement": "share of comparisons in which the p-value is that of the scenario's plan",
    "decisions": "share of data sets in which all decisions of the family are the plan's",
    "type_i": "share of studies without any effect with p at or below alpha, before adjustment",
    "fwer": "share of studies without any effect in which the family rejects anything",
    "power": "share of studies with the effects in which the comparison is rejected",
    "bias": "how far the estimates are off on average; of a ratio, on the log scale, as percent",
    "rmse": "how far a single estimate is typically off; of a ratio, on the log scale, as percent",
    "coverage": "share of studies whose interval holds the true value",
    "type_s": "share of the rejections in which the estimate has the wrong sign",
    "type_m": "how many times too large the effects are among the rejections, on average; of a "
    "ratio, on the log scale",
}
#: Of a number that counts runs the count says more than a share does.
_COUNTED: Final = ("failures", "agreement", "decisions")
#: How runs without a result count in the other checks.
FAILED_COUNT: Final = (
    "A study of which the analysis gives no result is one in which it finds nothing: in power it "
    "counts as not rejected. All other checks are of the data sets that gave a result."
)


@dataclass(frozen=True)
class MeasureSummary:
    """All lines of one measure: the worst, and how many have which verdict."""

    measure: Measure
    worst: Line
    verdicts: Mapping[Verdict, int]

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return sum(self.verdicts.values())

    @property
    def counts(self) -> str:
        """The verdicts in words, the worst first: ``2 fail, 28 pass``."""
        told = [f"{self.verdicts[one]} {one}" for one in SEVERITY if one in self.verdicts]
        return ", ".join(told) if self.lines > 1 else self.worst.verdict


def summaries(lines: Sequence[Line]) -> tuple[MeasureSummary, ...]:
    """Return a summary of every measure that has lines."""
    found = []
    for measure in MEASURES:
        of = [line for line in lines if line.measure == measure]
        if of:
            verdicts = Counter(line.verdict for line in of)
            found.append(MeasureSummary(measure, worst_first(of)[0], verdicts))
    return tuple(found)


def worst_first(lines: Sequence[Line]) -> list[Line]:
    """Return lines in the order of their verdicts, and of one verdict the worst number first."""
    return sorted(lines, key=lambda line: (SEVERITY.index(line.verdict), -_badness(line)))


def _badness(line: Line) -> float:
    """Return a number that is larger, of one measure, where the line is worse."""
    value, plan = line.value.value, line.plan.value if line.plan is not None else math.nan
    if line.measure in ("agreement", "decisions", "coverage"):
        value = -value
    elif line.measure == "power":
        value = plan - value if not math.isnan(plan) else -value
    elif line.measure == "bias":
        value = abs(value - plan) if not math.isnan(plan) else abs(value)
    elif line.measure in ("rmse", "type_m") and plan > 0:
        value /= plan
    return value if not math.isnan(value) else -math.inf


def about(line: Line) -> str:
    """Return of what a line is: a comparison, an endpoint, a family; empty of everything."""
    if line.treated:
        return f"{line.endpoint}: {line.treated} v {line.control}"
    return line.endpoint or (f"family {line.family}" if line.family else "")


def number(
    found: Probability | Estimate | None, measure: Measure, *, ratio: bool, ci: bool = True
) -> str:
    """Return a simulated number with its 95 % interval; ``-`` where there is none.

    Parameters
    ----------
    ratio : whether estimates are of a ratio, judged on the log scale.
    ci : whether to add the interval.
    """
    if found is None or math.isnan(found.value):
        return "-"
    if isinstance(found, Probability):
        text = f"{found.count:,} of {found.replicates:,}"
        if measure in _COUNTED:
            return text
        return str(found) if ci else f"{found.value:.3f}"
    if ratio and measure in ("bias", "rmse"):
        sign = "+" if measure == "bias" else ""
        scaled = [math.expm1(one) for one in (found.value, *found.interval(0.95))]
        middle, low, high = (_percent(one, sign) for one in scaled)
    else:
        sign = "+" if measure == "bias" else ""
        times = "×" if measure == "type_m" else ""
        low, high = (_three_digits(one, sign) for one in found.interval(0.95))
        middle = times + _three_digits(found.value, sign)
    known = ci and math.isfinite(found.mcse)
    return f"{middle} [{low}, {high}]" if known else middle


def _three_digits(value: float, sign: str) -> str:
    """Return a number with three significant digits; below a million without a power of ten."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:{sign}.0f}" if 1e3 <= abs(rounded) < 1e6 else f"{value:{sign}.3g}"


def _percent(share: float, sign: str) -> str:
    return f"{share:{sign}.1%}" if abs(share) < 10 else f"{share:{sign}.0%}"


def is_ratio(estimand: str) -> bool:
    """Return whether an estimand is a ratio, so that its bias is that of its logarithm."""
    from simulator.auditing.estimands import ESTIMANDS

    return estimand in ESTIMANDS and ESTIMANDS[estimand].scale == "ratio"


def headline(audit: Audit) -> str:
    """Return the verdict in a sentence."""
    if not any(run.ran.any() for run in audit.runs.values()):
        given = sum(run.replicates for run in audit.runs.values())
        return (
            f"The analysis fails: it gave no result of {given:,} data sets, so nothing else could "
            "be judged."
        )
    judged = [line for line in audit.lines if line.verdict != "not judged"]
    checks = _count(len(judged), "check")
    failed = [line for line in judged if line.verdict == "fail"]
    if failed:
        return f"The analysis fails {len(failed)} of {checks}: {_named(failed)}."
    undecided = [line for line in judged if line.verdict == "not enough replicates"]
    if undecided:
        return (
            f"Not enough replicates: nothing failed, but {len(undecided)} of {checks} cannot be "
            f"decided ({_named(undecided)}); {enough(undecided)}."
        )
    return f"The analysis passes {checks}, and fails none." if judged else "Nothing was judged."


def unjudged(audit: Audit) -> str:
    """Return which checks the plan has and no data set gave a result for; empty where none is."""
    ran = {world: bool(run.ran.any()) for world, run in audit.runs.items()}
    plan = audit.runs["null"].plan
    lost: set[Measure] = set()
    if not ran["as written"]:
        lost.add("power")
    if not ran["null"]:
        lost.add("type_i")
        if any(family.adjust != "none" for family in plan.families.values()):
            lost.add("fwer")
    if not any(ran.values()):
        lost |= {"agreement", "decisions"}
    if not lost:
        return ""
    which = " with the effects" if ran["null"] else " without effects" if ran["as written"] else ""
    names = ", ".join(words for measure, words in MEASURES.items() if measure in lost)
    return f"not judged, since no data set{which} gave a result: {names}"


def enough(undecided: Sequence[Line]) -> str:
    """Return how many replicates would decide."""
    needed = [line.needed for line in undecided if line.needed is not None]
    if len(needed) < len(undecided):
        return "some lie so close to the limit that more replicates may not decide them"
    return f"--replicates {max(needed)} would probably do"


def finding_text(finding: Finding) -> str:
    """Return a finding as a sentence with what it rests on."""
    where = ", ".join(finding.endpoints)
    right = " (a right choice too, though not the plan's)" if finding.valid else ""
    all_of = finding.matched == finding.told_apart
    share = "all" if all_of else f"{finding.matched:,} of"
    return (
        f"{where}: {finding.sentence}{right}; so in {share} "
        f"{_count(finding.told_apart, 'comparison')} that tell it from the plan's own"
    )


def what_was_run(audit: Audit) -> str:
    """Return the data in a sentence."""
    early = audit.asked > audit.replicates
    studies = f"{audit.replicates:,} of {audit.asked:,}" if early else f"{audit.replicates:,}"
    return (
        f"{audit.scenario_id}, n = {audit.n} per arm, {studies} simulated studies with the effects "
        f"and {studies} without, seed {audit.seed}"
    )


def failures(failed: Sequence[FailedRun]) -> list[tuple[str, str, str]]:
    """Return the failed runs by kind and message: how many, kind, message; the most first.

    Messages that differ in numbers only (of a line, a process, a count) are one.
    """
    alike: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in failed:
        alike[one.failure, re.sub(r"\d+", "0", one.message)][one.message] += 1
    found = []
    for (kind, _), messages in alike.items():
        ((message, _),) = messages.most_common(1)
        others = " (or with other numbers)" if len(messages) > 1 else ""
        found.append((messages.total(), kind, message + others))
    found.sort(key=lambda one: -one[0])
    return [(f"{count:,}", kind, message) for count, kind, message in found]


def traps_verdict(results: Sequence[TrapResult]) -> Verdict:
    """Return the verdict on all traps."""
    found = {one.verdict for one in results}
    return "fail" if "fail" in found else "pass" if "pass" in found else "not judged"


def traps_headline(results: Sequence[TrapResult]) -> str:
    """Return the verdict on the traps in a sentence."""
    given = [one for one in results if one.verdict != "not applicable"]
    failed = [one for one in given if one.verdict == "fail"]
    skipped = len(results) - len(given)
    rest = f"; {skipped} not applicable" if skipped else ""
    if failed:
        names = ", ".join(one.id for one in failed)
        return f"The analysis fails {len(failed)} of {_count(len(given), 'trap')}: {names}{rest}."
    if not given:
        return "Nothing was judged: no trap is applicable."
    return f"The analysis passes {_count(len(given), 'trap')}{rest}."


def _named(lines: Sequence[Line]) -> str:
    found = {line.measure for line in lines}
    return ", ".join(words for measure, words in MEASURES.items() if measure in found)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' if number != 1 else ''}"
