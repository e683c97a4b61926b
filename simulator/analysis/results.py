"""What an analysis returns: frozen rows that turn into tables and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from simulator.analysis.effect import Interval, Quartiles
from simulator.scenario.analysis_plan import ExperimentalUnit
from simulator.tables import ANALYSIS_COLUMNS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ComparisonResult:
    """One comparison of a treated arm with a control arm on one endpoint.

    Every number is None where it has no meaning; `note` then says why.

    Attributes
    ----------
    n_treated, n_control : values used: of animals, or medians of cages, see ``unit``.
    u : treated-control pairs in which the treated value is larger, ties counting half.
    p_adjusted : within the family; `rejected` is p_adjusted <= alpha.
    test : mann_whitney, brunner_munzel or permutation.
    method, convention : how the p-value of this very data set was computed.
    adjustment : how p_adjusted was computed: the plan's word, and of ``steel`` the way.
    relative_effect : P(control < treated) + P(equal)/2; 0.5 is no effect.
    fold_of_medians : median of the treated over median of the control.
    hodges_lehmann : median over all pairs, a ``ratio`` where all values are positive, else a
        ``shift`` in the endpoint's unit: see `hodges_lehmann_scale`.
    relative_effect_ci, hodges_lehmann_ci : 95 %, two-sided, not adjusted for multiplicity.
    unit : what has one value in all of these, animal or cage.
    """

    family: str
    endpoint: str
    treated: str
    control: str
    n_treated: int
    n_control: int
    u: float | None
    p_value: float | None
    p_adjusted: float | None
    test: str
    method: str | None
    convention: str | None
    adjustment: str
    relative_effect: float | None
    relative_effect_ci: Interval | None
    quartiles_treated: Quartiles | None
    quartiles_control: Quartiles | None
    fold_of_medians: float | None
    hodges_lehmann: float | None
    hodges_lehmann_ci: Interval | None
    hodges_lehmann_scale: str | None
    rejected: bool
    note: str
    unit: ExperimentalUnit = "animal"

    @property
    def median_treated(self) -> float | None:
        """Median of the treated arm, in the endpoint's unit."""
        return None if self.quartiles_treated is None else self.quartiles_treated.median

    @property
    def median_control(self) -> float | None:
        """Median of the control arm, in the endpoint's unit."""
        return None if self.quartiles_control is None else self.quartiles_control.median

    def to_dict(self) -> dict[str, object]:
        """Return the row as plain values, ready for JSON."""
        row = asdict(self)
        row["median_treated"] = self.median_treated
        row["median_control"] = self.median_control
        for key in ("relative_effect_ci", "hodges_lehmann_ci"):
            row[key] = None if row[key] is None else list(row[key])
        return row

    def flat(self) -> dict[str, object]:
        """Return the row as single cells, named by `tables.ANALYSIS_COLUMNS`."""
        row: dict[str, object] = {
            name: getattr(self, name) for name in ANALYSIS_COLUMNS if hasattr(self, name)
        }
        for name in ("relative_effect", "hodges_lehmann"):
            row[f"{name}_low"], row[f"{name}_high"] = getattr(self, f"{name}_ci") or (None, None)
        for arm in ("treated", "control"):
            found: Quartiles | None = getattr(self, f"quartiles_{arm}")
            row[f"lower_quartile_{arm}"] = None if found is None else found.lower
            row[f"upper_quartile_{arm}"] = None if found is None else found.upper
        return row


@dataclass(frozen=True)
class TrendResult:
    """A Jonckheere-Terpstra test over arms in order.

    Attributes
    ----------
    n : values used per arm: of animals, or medians of cages, see ``unit``.
    statistic : pairs of values of two arms in which the later arm's is larger.
    method : how the p-value of this very data set was computed; z stands beside it in any case.
    """

    name: str
    endpoint: str
    arms: tuple[str, ...]
    n: tuple[int, ...]
    alternative: str
    statistic: float | None
    z: float | None
    p_value: float | None
    method: str | None
    rejected: bool
    note: str
    unit: ExperimentalUnit = "animal"

    def to_dict(self) -> dict[str, object]:
        """Return the row as plain values, ready for JSON."""
        row = asdict(self)
        row["arms"], row["n"] = list(self.arms), list(self.n)
        return row


@dataclass(frozen=True, repr=False)
class Analysis:
    """All comparisons and trends of one analysis.

    Attributes
    ----------
    notes : what the reader must know about the data as a whole, e.g. arms that no test used.
    unit : what has one value, animal or cage.
    """

    comparisons: tuple[ComparisonResult, ...]
    trends: tuple[TrendResult, ...]
    notes: tuple[str, ...] = ()
    unit: ExperimentalUnit = "animal"

    def to_frame(self) -> pd.DataFrame:
        """Return the comparisons as a table with the columns `tables.ANALYSIS_COLUMNS`."""
        import pandas as pd

        rows = [row.flat() for row in self.comparisons]
        return pd.DataFrame(rows, columns=list(ANALYSIS_COLUMNS))

    def to_dict(self) -> Mapping[str, object]:
        """Return everything as plain values, ready for JSON."""
        return {
            "unit": self.unit,
            "comparisons": [row.to_dict() for row in self.comparisons],
            "trends": [row.to_dict() for row in self.trends],
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        unit = "" if self.unit == "animal" else f", unit {self.unit}"
        lines = [f"Analysis: {len(self.comparisons)} comparisons, {len(self.trends)} trends{unit}"]
        for row in self.comparisons:
            lines.append(
                f"  {row.endpoint}: {row.treated} v {row.control}"
                f" ({row.n_treated} v {row.n_control})"
                f"  U {_short(row.u)}  p {_short(row.p_value)}"
                f"  adjusted {_short(row.p_adjusted)}  fold {_short(row.fold_of_medians)}"
                f"{'  rejected' if row.rejected else ''}{f'  [{row.note}]' if row.note else ''}"
            )
        for trend in self.trends:
            lines.append(
                f"  trend {trend.name}: {trend.endpoint} over {' < '.join(trend.arms)}"
                f"  p {_short(trend.p_value)}{'  rejected' if trend.rejected else ''}"
                f"{f'  [{trend.note}]' if trend.note else ''}"
            )
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


def _short(number: float | None) -> str:
    return "-" if number is None else f"{number:.4g}"
