"""Columns of the tables of a sweep, a batch of rows per design."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.sizing.certify import verdict
from simulator.evaluation.staying import stays_from
from simulator.scenario_files.laying import Layers, shown
from simulator.sweeping.counted import Twins
from simulator.sweeping.design import Outline
from simulator.sweeping.grid import Grid, Point

if TYPE_CHECKING:
    import pyarrow as pa

_Z = NormalDist().inv_cdf(0.975)
#: The level of the intervals in the tables.
CONFIDENCE = 0.95
#: What ``n`` of ``designs.csv`` is.
SMALLEST, OR_FEWER, NOT_REACHED, ALL_FIXED = (
    "smallest",
    "this or fewer",
    "not reached",
    "all arms fixed",
)


class PathColumns:
    """The columns of what is swept: numbers where all values are numbers, else texts."""

    def __init__(self, grid: Grid, layers: Layers) -> None:
        self._stated: dict[str, Any] = {}
        self._kinds: dict[str, type] = {}
        for path in grid.paths:
            values = list(grid.axes.get(path, ()))
            values += [laid[path] for laid in grid.named.values() if path in laid]
            everywhere = path in grid.axes or all(path in laid for laid in grid.named.values())
            self._stated[path] = None if everywhere else layers.stated(path, values[0])
            self._kinds[path] = _kind([*values, self._stated[path]])

    def fields(self) -> list[tuple[str, pa.DataType]]:
        """Return the name and type of every column."""
        import pyarrow as pa

        kinds = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
        return [(path, kinds[kind]) for path, kind in self._kinds.items()]

    def values(self, point: Point) -> list[Any]:
        """Return the values of a design; what the file states where it changes nothing."""
        found = []
        for path, kind in self._kinds.items():
            value = point.overrides.get(path, self._stated[path])
            found.append(None if value is None else shown(value) if kind is str else kind(value))
        return found


def _kind(values: Sequence[Any]) -> type:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return bool
    if kinds == {int}:
        return int
    return float if kinds in ({float}, {int, float}) else str


def sweep_schema(paths: PathColumns) -> pa.Schema:
    """Return the columns of ``sweep.csv``: a row per design, n and quantity."""
    import pyarrow as pa

    text, number, whole = pa.string(), pa.float64(), pa.int64()
    return pa.schema(
        [
            ("design", whole),
            ("name", text),
            *paths.fields(),
            ("n", whole),
            ("animals", whole),
            ("family", text),
            ("endpoint", text),
            ("treated", text),
            ("control", text),
            ("n_treated", whole),
            ("n_control", whole),
            ("quantity", text),
            ("value", number),
            ("mcse", number),
            ("ci_low", number),
            ("ci_high", number),
            ("count", whole),
            ("replicates", whole),
            ("target", number),
            ("error", text),
        ]
    )


def sweep_batch(
    schema: pa.Schema, paths: PathColumns, point: Point, outline: Outline, twins: Twins
) -> pa.RecordBatch:
    """Return the rows of a design: n by n, comparisons, families, trends, then the decision."""
    import pyarrow as pa

    named, counts = _quantities(outline, twins)
    ns, replicates = len(outline.ns), twins[0].replicates
    rows = len(named) * ns
    flat = np.ravel(counts.T)  # n by n
    low, high = wilson(flat, replicates)
    share = flat / replicates
    columns: list[Any] = [np.full(rows, point.number), _same(point.name, rows)]
    columns += [
        _same(value, rows, kind)
        for value, (_, kind) in zip(paths.values(point), paths.fields(), strict=True)
    ]
    columns += [np.repeat(outline.ns, len(named)), np.repeat(outline.animals, len(named))]
    columns += [[one[k] for one in named] * ns for k in range(4)]
    sizes = dict(outline.sizes)
    columns += [
        [sizes[one[k]][i] if one[k] else None for i in range(ns) for one in named] for k in (2, 3)
    ]
    columns.append([one[4] for one in named] * ns)
    known = pa.array(  # as Probability.known_mcse has it
        np.sqrt(share * (1 - share) / replicates), mask=(flat == 0) | (flat == replicates)
    )
    columns += [share, known, low, high, flat]
    columns += [
        np.full(rows, replicates),
        np.full(rows, outline.target),
        pa.nulls(rows, pa.string()),
    ]
    return pa.record_batch(
        [
            pa.array(c, type=f.type) if not isinstance(c, pa.Array) else c
            for c, f in zip(columns, schema, strict=True)
        ],
        schema=schema,
    )


def failed_batch(schema: pa.Schema, paths: PathColumns, point: Point, error: str) -> pa.RecordBatch:
    """Return the one row of a design that cannot be simulated."""
    import pyarrow as pa

    known = {"design": point.number, "name": point.name, "error": error}
    known |= dict(zip((name for name, _ in paths.fields()), paths.values(point), strict=True))
    arrays = [pa.array([known.get(field.name)], type=field.type) for field in schema]
    return pa.record_batch(arrays, schema=schema)


def _same(value: Any, rows: int, kind: pa.DataType | None = None) -> pa.Array:
    import pyarrow as pa

    return pa.repeat(pa.scalar(value, type=kind or pa.string()), rows)


def _quantities(outline: Outline, twins: Twins) -> tuple[list[tuple[str, ...]], Ints]:
    """Return (family, endpoint, treated, control, quantity) and its counts (quantities, K)."""
    true, null = twins
    named: list[tuple[str, ...]] = []
    counts: list[Ints] = []
    for i, comparison in enumerate(outline.comparisons):
        for quantity, of in (
            ("power", true.adjusted),
            ("type_i", null.adjusted),
            ("type_i_per_test", null.unadjusted),
            ("untestable", true.untestable),
        ):
            named.append((*comparison, quantity))
            counts.append(of[i])
    for f, family in enumerate(outline.families):
        for quantity, of in (
            ("any", true.any_family),
            ("all", true.all_family),
            ("fwer", null.any_family),
        ):
            named.append((family, "", "", "", quantity))
            counts.append(of[f])
    for t, (trend, endpoint) in enumerate(outline.trends):
        for quantity, of in (("trend_power", true.trends), ("trend_type_i", null.trends)):
            named.append((trend, endpoint, "", "", quantity))
            counts.append(of[t])
    named.append((outline.family, "", "", "", "decision"))
    counts.append(asked(outline, twins).min(axis=0))
    return named, np.array(counts, dtype=np.int64)


def asked(outline: Outline, twins: Twins) -> Ints:
    """Return the counts (shares, K) that must all reach the target."""
    true = twins[0]
    if outline.of == "any":
        return true.any_target[np.newaxis]
    if outline.of == "all":
        return true.all_target[np.newaxis]
    return true.adjusted[list(outline.members)]


def wilson(counts: Ints, replicates: int) -> tuple[Floats, Floats]:
    """Return the Wilson intervals at 95 % of many counts, as ``Probability.ci`` has them."""
    share, spread = counts / replicates, _Z * _Z / replicates
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * np.sqrt(share * (1 - share) / replicates + spread / (4 * replicates))
    low = np.where(counts == 0, 0.0, np.maximum(0.0, centre - half))
    high = np.where(counts == replicates, 1.0, np.minimum(1.0, centre + half))
    return low, high


def designs_schema(paths: PathColumns) -> pa.Schema:
    """Return the columns of ``designs.csv``: a row per design, its smallest n."""
    import pyarrow as pa

    text, number, whole = pa.string(), pa.float64(), pa.int64()
    return pa.schema(
        [
            ("design", whole),
            ("name", text),
            *paths.fields(),
            ("target", number),
            ("of", text),
            ("searched_from", whole),
            ("searched_to", whole),
            ("n", whole),
            ("n_is", text),
            ("n_low", whole),
            ("n_high", whole),
            ("animals", whole),
            ("animals_low", whole),
            ("animals_high", whole),
            ("power", number),
            ("mcse", number),
            ("ci_low", number),
            ("ci_high", number),
            ("replicates", whole),
            ("error", text),
        ]
    )


def answer_of(outline: Outline, twins: Twins) -> dict[str, Any]:
    """Return the smallest n that reaches the target on the curve, with what the intervals say.

    ``n``: the estimate is at the target from there on; ``n_low``: smallest n not shown to be too
    small; ``n_high``: smallest n from which on the lower limits clear. None: not in the range.
    ``power`` is at ``n``, or at the last n where there is none. ``n_is``: at the start of the range
    fewer may be enough (``OR_FEWER``); where every arm has a fixed number of animals n does
    nothing, so there is none, and the animals are those fixed.
    """
    found = asked(outline, twins)
    replicates = twins[0].replicates
    least = found.min(axis=0)
    reached = stays_from(outline.ns, (least / replicates >= outline.target).tolist())
    shares = [[Probability(int(count), replicates) for count in at] for at in found.T]
    told = verdict(outline.ns, shares, target=outline.target, confidence=CONFIDENCE)
    place = {n: index for index, n in enumerate(outline.ns)}

    def animals(n: int | None) -> int | None:
        return outline.animals[place[n]] if n in place else None

    low = told.lowest if told.lowest in place else None
    fixed = len(outline.ns) > 1 and all(len(set(at)) == 1 for _, at in outline.sizes)
    power = Probability(int(least[-1 if reached is None else place[reached]]), replicates)
    return {
        "target": outline.target,
        "of": outline.of,
        "searched_from": outline.ns[0],
        "searched_to": outline.ns[-1],
        "n": None if fixed else reached,
        "n_is": ALL_FIXED if fixed else _kind_of(reached, outline.ns[0]),
        "n_low": None if fixed else low,
        "n_high": None if fixed else told.highest,
        "animals": animals(reached),
        "animals_low": animals(low),
        "animals_high": animals(told.highest),
        "power": power.value,
        "mcse": power.known_mcse,
        "ci_low": power.ci[0],
        "ci_high": power.ci[1],
        "replicates": replicates,
    }


def _kind_of(n: int | None, start: int) -> str:
    if n is None:
        return NOT_REACHED
    return OR_FEWER if n == start > 1 else SMALLEST
