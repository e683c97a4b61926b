"""All lines of an audit, at one chance of failing a right analysis on any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.auditing.estimands import Estimand
from simulator.auditing.evidence import Both
from simulator.auditing.lines.agreement import agreement, decisions
from simulator.auditing.lines.decisions import (
    Question,
    failures,
    family_wise,
    power,
    type_i,
)
from simulator.auditing.lines.estimates import estimate_lines
from simulator.auditing.result import Finding, Line
from simulator.evaluation.characteristics import Estimate


def judge(
    runs: Both,
    findings: Sequence[Finding],
    *,
    estimand: Estimand,
    truth: tuple[Estimate, ...],
    false_alarm: float,
    confidence: float = 0.95,
    own_test: bool = False,
) -> tuple[Line, ...]:
    """Return every line with its verdict.

    Parameters
    ----------
    findings : known choices that were recognised.
    truth : of the estimand by comparison; empty where the analysis gives no estimate.
    false_alarm : chance of failing an analysis that is at the limit on every line, on any of
        them; divided equally among the lines that chance has a say in (Bonferroni).
    confidence : nominal level of the intervals.
    own_test : whether the analysis is meant to be another test than the plan's.
    """
    certain = [
        failures(runs),
        *agreement(runs, findings, own_test=own_test),
        *decisions(runs, findings, own_test=own_test),
    ]
    questions = list(_questions(runs, estimand, truth, confidence))
    level = false_alarm / max(1, len(questions))
    return (*certain, *(question(level) for question in questions))


def _questions(
    runs: Both, estimand: Estimand, truth: tuple[Estimate, ...], confidence: float
) -> Iterator[Question]:
    written, null = runs["as written"], runs["null"]
    if written.ran.any():
        yield from power(written)
    yield from type_i(null)
    yield from family_wise(null)
    if truth:
        yield from estimate_lines(written, estimand, truth, confidence=confidence)
