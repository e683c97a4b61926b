"""The tables of a report: what the comparisons find and what is true, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simulator.output.arm_labels import arm_dose
from simulator.output.document import Table
from simulator.output.report.shortened import shortened
from simulator.output.style import power_text
from simulator.output.wording.assurance import ASSURANCE_COLUMNS, assurance_rows
from simulator.output.wording.numbers import share
from simulator.output.wording.plan import (
    ARM_COLUMNS,
    COMPARISON_COLUMNS,
    ENDPOINT_COLUMNS,
    arm_rows,
    comparison_rows,
    endpoint_rows,
)
from simulator.output.wording.truth import truth_rows
from simulator.output.wording.worlds import WORLD_COLUMNS, world_rows

if TYPE_CHECKING:
    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.characteristics import Estimate
    from simulator.evaluation.power_result import ComparisonPower
    from simulator.output.run import Run

_POWER, _TYPE_I = "power [95 % CI]", "type I error [95 % CI]"
_FOLD, _EFFECT = "true fold [95 % CI]", "true P(X>Y) [95 % CI]"
_NUMBERS = (_POWER, _TYPE_I, _FOLD, _EFFECT)


def comparison_tables(run: Run, wanted: Sequence[str]) -> Iterator[Table]:
    """Yield a table per endpoint of some families: power, attained type I error, truth."""
    design = run.scenario.design
    groups: dict[tuple[str, str], list[ComparisonPower]] = {}
    for comparison in run.result.comparisons:
        if comparison.family in wanted:
            groups.setdefault((comparison.family, comparison.endpoint), []).append(comparison)
    for (family, endpoint), rows in groups.items():
        plan = run.scenario.analysis.families[family]
        decides = ", which decides" if family == run.result.decision_family else ""
        yield Table(
            f"{family}{decides}: {endpoint} against {plan.against} "
            f"(adjustment: {plan.adjust}, alpha {plan.alpha:g})",
            ("arm", *_NUMBERS),
            tuple(
                (
                    f"{row.treated}\n{arm_dose(row.treated, design)}".replace(
                        " + ", "\n+ "
                    ).strip(),
                    share(row.power),
                    share(row.type_i),
                    with_interval(row.fold_of_medians),
                    with_interval(row.relative_effect),
                )
                for row in rows
            ),
            number=_NUMBERS,
        )


def family_tables(run: Run, wanted: Sequence[str]) -> Iterator[Table]:
    """Yield what some families find as a whole, and how often they err; none of one comparison."""
    plan = run.scenario.analysis
    rows = tuple(
        (
            one.family,
            share(one.any),
            share(one.all),
            share(one.fwer),
            plan.families[one.family].adjust,
            f"{plan.families[one.family].alpha:g}",
        )
        for one in run.result.families
        if one.family in wanted and len(plan.comparisons_of(one.family)) > 1
    )
    columns = ("family", "any of them found", "all of them found", "family-wise type I error")
    if rows:
        yield Table(
            "All comparisons of a family together [95 % CI]",
            (*columns, "adjustment", "alpha"),
            rows,
            number=(*columns[1:], "alpha"),
        )


def trend_table(run: Run) -> Table | None:
    """Return the trend tests; None where there are none."""
    if not run.result.trends:
        return None
    return Table(
        "Trend tests (Jonckheere-Terpstra)",
        ("trend", "endpoint", "over", _POWER, _TYPE_I),
        tuple(
            (one.name, one.endpoint, " < ".join(one.arms), share(one.power), share(one.type_i))
            for one in run.result.trends
        ),
        number=(_POWER, _TYPE_I),
    )


def animal_table(run: Run) -> Table:
    """Return who the animals are, and what they are immunized with."""
    animals, given = run.scenario.design.animals, run.scenario.design.immunization
    housed = "arms share cages" if animals.arms_share_cages else "every cage holds one arm"
    told = {
        "strain": shortened(animals.strain),
        "sex": animals.sex,
        "weight": f"{animals.weight.mean:g} ± {animals.weight.sd:g} g (mean ± sd)",
        "housing": f"{animals.per_cage} per cage, {housed}",
        "antigen": shortened(given.antigen),
        "immunization": f"{power_text(given.dose)} cells {given.route} on day {given.day:g}",
    }
    return Table("Animals", ("of the animals", "plan"), tuple(told.items()))


def arm_table(run: Run) -> Table:
    """Return the arms with what they get, and how many animals of each are enrolled."""
    sizes = run.result.sizes
    rows = [(*row[:-1], f"{sizes[row[0]]}" if row[0] else "") for row in arm_rows(run.scenario)]
    columns = (*ARM_COLUMNS[:-1], "mice enrolled")
    return Table("Arms", columns, tuple(rows), number=("mice enrolled",))


def endpoint_table(run: Run) -> Table:
    """Return the endpoints."""
    columns = (*ENDPOINT_COLUMNS[:-1], "remarks")
    rows = tuple((*row[:-1], row[-1] or "-") for row in endpoint_rows(run.scenario))
    return Table("Endpoints", columns, rows, number=("day",))


def plan_table(run: Run) -> Table:
    """Return the families of comparisons with their tests."""
    rows = tuple(comparison_rows(run.scenario))
    return Table("Comparisons", COMPARISON_COLUMNS, rows, number=("alpha",))


def truth_table(run: Run) -> Table:
    """Return what nature is taken to do."""
    return Table(
        "The truth that is simulated",
        ("endpoint", "control level", "spread between mice", "response"),
        tuple(truth_rows(run.scenario)),
    )


def world_table(run: Run) -> Table:
    """Return the same plan under the file's other assumptions."""
    return Table(
        f"The same n = {run.result.n_per_arm} per arm in other worlds",
        WORLD_COLUMNS,
        tuple(world_rows(run)),
        number=WORLD_COLUMNS[1:],
    )


def assurance_table(found: Assurance) -> Table:
    """Return the assurance over n."""
    return Table(
        f"Assurance by n per arm, target {found.target:g}",
        ASSURANCE_COLUMNS,
        tuple(assurance_rows(found)),
        number=ASSURANCE_COLUMNS,
    )


def check_table(run: Run) -> Table | None:
    """Return the formulas' n; None where none was asked."""
    if run.size is None or not run.size.cross_checks:
        return None
    return Table(
        "Mice per arm by formula: approximations, never the answer",
        ("formula", "n per arm", "method"),
        tuple(
            (
                one.name,
                "no answer" if one.n_per_arm is None else f"{one.n_per_arm}",
                one.method,
            )
            for one in run.size.cross_checks
        ),
        number=("n per arm",),
    )


def version_table(run: Run) -> Table:
    """Return the programs that computed."""
    rows: Sequence[tuple[str, str]] = tuple(run.origin.versions.items())
    return Table("Programs", ("program", "version"), tuple(rows))


def with_interval(found: Estimate) -> str:
    """Return ``3.01 [2.97, 3.05]``: 95 %, with the digits that the simulation error supports."""
    if not math.isfinite(found.value):
        return "-"
    if not (math.isfinite(found.mcse) and found.mcse > 0):
        return f"{found.value:.3g}"
    digits = min(4, max(0, -math.floor(math.log10(found.mcse))))
    low, high = found.interval(0.95)
    return f"{found.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
