"""The report of an audit: one page that needs nothing else, the verdict first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import simulator
from simulator.auditing.result import Line, TrapVerdict, Verdict
from simulator.output.audit_figures import SENTENCES
from simulator.output.audit_words import (
    FAILED_COUNT,
    MEANINGS,
    MEASURES,
    about,
    failures,
    finding_text,
    headline,
    is_ratio,
    number,
    summaries,
    traps_headline,
    unjudged,
    what_was_run,
    worst_first,
)
from simulator.output.printable import bullets, heading, page, paragraph, picture, section, table

if TYPE_CHECKING:
    from simulator.auditing.result import Audit, TrapResult
    from simulator.scenario import Scenario

#: A verdict as it stands in a table: a sign, and the words.
SIGNS: Final[Mapping[Verdict | TrapVerdict, str]] = {
    "pass": "✓\u00a0pass",
    "fail": "✗\u00a0fail",
    "not enough replicates": "?\u00a0not enough replicates",
    "not judged": "–\u00a0not judged",
    "not applicable": "–\u00a0not applicable",
}
_TONES: Final = {
    SIGNS["pass"]: "good",
    SIGNS["fail"]: "bad",
    SIGNS["not enough replicates"]: "open",
}
_VERDICT = {"verdict": _TONES}
#: Different messages of failed runs that are told.
_MOST_MESSAGES = 20
_NUMBERS = ("value [95 % CI]", "the plan's own")
_LINE_COLUMNS = ("of", *_NUMBERS, "limit", "verdict", "note")


def audit_page(audit: Audit, *, scenario: Scenario, figures: Mapping[str, str]) -> str:
    """Return the report.

    Parameters
    ----------
    scenario : the one it was audited on.
    figures : SVG texts by name, see ``audit_figures.SENTENCES``.
    """
    ratio = is_ratio(audit.estimand)

    def of(verdict: Verdict) -> list[Line]:
        return [line for line in audit.lines if line.verdict == verdict]

    parts = [
        *_part("Stopped early", paragraph(audit.stopped) if audit.stopped else ""),
        *_part("What the p-values are", bullets([finding_text(one) for one in audit.findings])),
        *_part("What was not read", bullets(audit.notes)),
        section("In short", _summary(audit, ratio=ratio)),
        *_part("What failed", _lines(of("fail"), ratio=ratio)),
        *_part("What could not be decided", _lines(of("not enough replicates"), ratio=ratio)),
        *_part("Runs without a result", _failures(audit)),
        *_part(
            "Figures",
            *(picture(svg, sentence=SENTENCES[name]) for name, svg in figures.items()),
        ),
        *_part("What passed", _lines(of("pass"), ratio=ratio)),
        *_part(
            "What was not judged",
            paragraph(lost) if (lost := unjudged(audit)) else "",
            _lines(of("not judged"), ratio=ratio),
        ),
        section("How to read it", *_guide(audit)),
        *_part("The truth", _truth(audit)),
        section("What was run", table(("", " "), _run(audit, scenario).items())),
    ]
    return page(
        "Audit of an analysis",
        facts={"analysis": audit.analysis, "data": what_was_run(audit)},
        body=parts,
        banners=[("", headline(audit))],
        signed=False,
    )


def traps_page(results: Sequence[TrapResult], *, analysis: str, scenario: Scenario) -> str:
    """Return the report of the traps."""
    order: list[TrapVerdict] = ["fail", "pass", "not applicable"]
    rows = [
        (one.id, SIGNS[one.verdict], one.catches, one.right, one.said, one.source)
        for one in sorted(results, key=lambda one: order.index(one.verdict))
    ]
    columns = ("trap", "verdict", "what it catches", "right answer", "said", "source")
    return page(
        "Traps for an analysis",
        facts={"analysis": analysis, "plan": scenario.id},
        body=[
            section("Traps", table(columns, rows, tone=_VERDICT)),
            section(
                "How to read it",
                paragraph(
                    "Every trap is a small data set with a known right answer, given to the "
                    "analysis once. A trap that is not applicable asks for what the analysis "
                    "does not say, or for what the plan does not compare."
                ),
            ),
            section(
                "What was run",
                table(
                    ("", " "),
                    [
                        ("analysis", analysis),
                        ("plan", f"{scenario.id}: {scenario.question}"),
                        ("digest of the scenario", scenario.digest),
                        ("program", f"afcsim {simulator.__version__}"),
                    ],
                ),
            ),
        ],
        banners=[("", traps_headline(results))],
        signed=False,
    )


def _part(heading: str, *pieces: str) -> Iterable[str]:
    """Yield a section, or nothing where there is nothing to say."""
    if any(pieces):
        yield section(heading, *pieces)


def _summary(audit: Audit, *, ratio: bool) -> str:
    columns = ("what", "worst of", "value [95 % CI]", "the plan's own", "verdicts")
    rows = [
        (
            MEASURES[one.measure],
            about(one.worst) or "all runs",
            number(one.worst.value, one.measure, ratio=ratio),
            number(one.worst.plan, one.measure, ratio=ratio),
            one.counts,
        )
        for one in summaries(audit.lines)
    ]
    return table(columns, rows, number=_NUMBERS)


def _lines(lines: Sequence[Line], *, ratio: bool) -> str:
    """Return a table per measure, the worst line first; nothing where there are no lines."""
    pieces = []
    for measure, words in MEASURES.items():
        of = worst_first([line for line in lines if line.measure == measure])
        if not of:
            continue
        rows = [
            (
                about(line) or "all runs",
                number(line.value, measure, ratio=ratio),
                number(line.plan, measure, ratio=ratio),
                line.limit,
                SIGNS[line.verdict],
                _note(line),
            )
            for line in of
        ]
        empty = {k for k in range(len(_LINE_COLUMNS)) if not any(row[k] for row in rows)}
        if len(limits := {line.limit for line in of}) == 1:
            empty.add(_LINE_COLUMNS.index("limit"))
            words = f"{words}: {limits.pop()}"
        columns = [name for k, name in enumerate(_LINE_COLUMNS) if k not in empty]
        kept = [[cell for k, cell in enumerate(row) if k not in empty] for row in rows]
        pieces.append(heading(words) + table(columns, kept, number=_NUMBERS, tone=_VERDICT))
    return "\n".join(pieces)


def _note(line: Line) -> str:
    if line.verdict != "not enough replicates":
        return line.note
    needed = (
        "too close to the limit for any affordable number"
        if line.needed is None
        else f"{line.needed:,} replicates would probably decide"
    )
    return "; ".join(part for part in (needed, line.note) if part)


def _failures(audit: Audit) -> str:
    failed = [one for run in audit.runs.values() for one in run.failed]
    if not failed:
        return ""
    rows = failures(failed)
    shown = table(("runs", "what happened", "message"), rows[:_MOST_MESSAGES], number=("runs",))
    more = len(rows) - _MOST_MESSAGES
    rest = f"and {more:,} other messages, see failed.csv" if more > 0 else "all of them: failed.csv"
    some = any(run.ran.any() for run in audit.runs.values())
    return shown + paragraph(rest) + (paragraph(FAILED_COUNT) if some else "")


def _truth(audit: Audit) -> str:
    if not audit.truth:
        return ""
    name = audit.estimand.replace("_", " ")
    rows = [
        (one.family, one.endpoint, f"{one.treated} v {one.control}", str(truth))
        for one, truth in zip(
            next(iter(audit.runs.values())).plan.comparisons, audit.truth, strict=True
        )
    ]
    columns = ("family", "endpoint", "comparison", f"true {name} ± simulation error")
    return table(columns, rows, number=columns[-1:])


def _guide(audit: Audit) -> Iterable[str]:
    yield paragraph(
        "The analysis was given simulated studies whose truth is known: as the scenario is "
        "written, and the same animals with nothing having an effect. It is judged beside what "
        "the scenario's own analysis plan makes of the same data."
    )
    measures = {line.measure for line in audit.lines}
    yield bullets([f"{MEASURES[one]}: {MEANINGS[one]}" for one in MEASURES if one in measures])
    yield bullets(
        [
            "fail: what is seen would be a rare accident of the simulation if the analysis were "
            "at the limit. All lines together fail an analysis that is just at the limits with a "
            f"chance of at most {audit.false_alarm:.2%}.",
            "pass: an analysis that is intolerably beyond the limit would be seen with 95 %.",
            "not enough replicates: neither; more simulated studies would tell.",
            "Intervals hold 95 % of the simulation error; they are not corrected for how many "
            "there are.",
        ]
    )


def _run(audit: Audit, scenario: Scenario) -> Mapping[str, str]:
    from simulator.auditing.estimands import ESTIMANDS

    estimand = (
        f"{audit.estimand}: {ESTIMANDS[audit.estimand].words}"
        if audit.estimand in ESTIMANDS
        else audit.estimand or "no estimates were given"
    )
    return {
        "analysis": audit.analysis,
        "scenario": f"{scenario.id}: {scenario.question}",
        "digest of the scenario": audit.digest,
        "seed": str(audit.seed),
        "animals per arm": str(audit.n),
        "simulated studies": f"{audit.replicates:,} with the effects, {audit.replicates:,} without",
        "estimates are of": estimand,
        "chance of failing what is at the limits": f"{audit.false_alarm:.2%}",
        "program": f"afcsim {simulator.__version__}",
    }
