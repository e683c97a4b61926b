"""What an audit found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from simulator.auditing.evidence import Evidence, World
from simulator.evaluation.characteristics import Estimate, Probability

if TYPE_CHECKING:
    import pandas as pd

Measure = Literal[
    "failures",
    "agreement",
    "decisions",
    "power",
    "type_i",
    "fwer",
    "bias",
    "rmse",
    "coverage",
    "type_s",
    "type_m",
]
Verdict = Literal["pass", "fail", "not enough replicates", "not judged"]
Explains = Literal["p-values", "reported p-values", "decisions", "other"]
TrapVerdict = Literal["pass", "fail", "not applicable"]

#: The worst comes first.
SEVERITY: Final[tuple[Verdict, ...]] = ("fail", "not enough replicates", "pass", "not judged")


@dataclass(frozen=True)
class Line:
    """One thing that was judged.

    Attributes
    ----------
    measure : what was measured.
    endpoint, treated, control : of which comparison; empty where of a family or of everything.
    family : of which family; empty where of everything.
    value : what the analysis has, with its simulation error. Of a ratio the bias is that of its
        logarithm.
    plan : what the plan's own analysis has of the same data; None where it has none.
    limit : what passes, in words.
    needed : replicates that would probably decide it, where there were not enough.
    note : what the reader should know.
    """

    measure: Measure
    value: Probability | Estimate
    verdict: Verdict
    limit: str
    endpoint: str = ""
    treated: str = ""
    control: str = ""
    family: str = ""
    plan: Probability | Estimate | None = None
    needed: int | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain values, ready for JSON."""
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for name in ("value", "plan"):
            found = row[name]
            row[name] = None if found is None else found.to_dict()
        return row


@dataclass(frozen=True)
class Finding:
    """A known choice whose p-values, or decisions, the analysis has.

    Attributes
    ----------
    id : short name of the choice, e.g. ``welch-raw``.
    sentence : what to say, e.g. "your p-values are those of a one-sided test".
    valid : whether the choice is a right analysis too, though not the plan's.
    endpoints : of which it is true.
    explains : what of the analysis is then known: its p-values; what its column of p-values holds
        instead of them; its decisions; or something that decides nothing.
    matched, told_apart : comparisons of data sets in which the choice and the plan's own differ,
        and in how many of them the analysis has the choice's.
    """

    id: str
    sentence: str
    valid: bool
    endpoints: tuple[str, ...]
    matched: int
    told_apart: int
    explains: Explains = "other"


@dataclass(frozen=True)
class TrapResult:
    """What an analysis made of one small data set with a known right answer.

    Attributes
    ----------
    id, catches, right, source : the trap's name, the mistake it catches, the right answer in
        words, and where that is from.
    said : what the analysis said, in words.
    """

    id: str
    catches: str
    right: str
    source: str
    verdict: TrapVerdict
    said: str

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, repr=False)
class Audit:
    """An analysis under audit, against simulated studies whose truth is known.

    Attributes
    ----------
    analysis : what was audited: the command line, or the function's name.
    scenario_id, digest, seed, n, replicates : the data: ``n`` animals in an arm of ratio 1,
        ``replicates`` studies in each world.
    estimand, truth : what the estimates are held against, and its true value by comparison;
        empty where the analysis gives no estimate.
    confidence : nominal level of the analysis' intervals.
    false_alarm : chance that a right analysis is failed on any of the lines.
    lines, findings : what was judged, and which known choices were recognised.
    runs : the evidence of both worlds.
    stopped : why the audit ended before all replicates; empty where it did not.
    asked : replicates that it was to have.
    """

    analysis: str
    scenario_id: str
    digest: str
    seed: int
    n: int
    replicates: int
    estimand: str
    truth: tuple[Estimate, ...]
    confidence: float
    false_alarm: float
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    runs: Mapping[World, Evidence] = field(repr=False)
    stopped: str = ""
    asked: int = 0

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of any line."""
        return min((line.verdict for line in self.lines), key=SEVERITY.index)

    @property
    def notes(self) -> tuple[str, ...]:
        """Hints at what the analysis wrote that was not read, such as a misspelt column."""
        return tuple(dict.fromkeys(note for run in self.runs.values() for note in run.notes))

    def of(self, measure: Measure) -> tuple[Line, ...]:
        """Return the lines of one measure."""
        return tuple(line for line in self.lines if line.measure == measure)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the single runs as plain values, ready for JSON."""
        failed = [asdict(one) for run in self.runs.values() for one in run.failed]
        return {
            "analysis": self.analysis,
            "verdict": self.verdict,
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "n_per_arm": self.n,
            "replicates": self.replicates,
            "replicates_asked": self.asked,
            "stopped": self.stopped,
            "confidence": self.confidence,
            "false_alarm": self.false_alarm,
            "estimand": self.estimand,
            "truth": [one.to_dict() for one in self.truth],
            "lines": [line.to_dict() for line in self.lines],
            "findings": [asdict(one) for one in self.findings],
            "failed_runs": failed,
            "notes": list(self.notes),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row per line."""
        import pandas as pd

        rows = []
        for line in self.lines:
            row = line.to_dict()
            for name in ("value", "plan"):
                found = row.pop(name) or {}
                row |= {name: found.get("value"), f"{name}_mcse": found.get("mcse")}
            rows.append(row)
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        found = [
            f"Audit of {self.analysis} on {self.scenario_id}, n = {self.n}, {self.replicates} "
            f"studies with the effects and {self.replicates} without: {self.verdict}"
        ]
        for line in self.lines:
            if line.verdict in ("fail", "not enough replicates"):
                what = " ".join(part for part in (line.endpoint, line.treated) if part)
                found.append(f"  {line.verdict}: {line.measure} {what} {line.value}; {line.limit}")
        found += [f"  {text}" for text in (*(one.sentence for one in self.findings), *self.notes)]
        return "\n".join(found)
