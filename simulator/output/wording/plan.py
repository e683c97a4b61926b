"""The plan of a study as rows and sentences: arms, endpoints, comparisons, what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from simulator.output.arm_labels import dose_text
from simulator.output.wording.rank_test_names import TEST_NAMES

if TYPE_CHECKING:
    from simulator.scenario import Scenario
    from simulator.scenario.analysis_plan import TestSpec

ARM_COLUMNS: Final = ("arm", "role", "treatment", "days", "animals")
ENDPOINT_COLUMNS: Final = ("endpoint", "kind", "day", "unit", "")
COMPARISON_COLUMNS: Final = (*("family", "endpoint", "arms", "against", "test", "adjust", "alpha"),)


def arm_rows(scenario: Scenario) -> Sequence[tuple[str, ...]]:
    """Return a row per regimen of every arm, in ``ARM_COLUMNS``.

    An arm with several regimens is named in the first of its rows only, so that the days of each
    stay beside it where the treatment wraps.
    """
    design = scenario.design
    rows = []
    for name, arm in design.arms.items():
        count = f"{arm.n}" if arm.n is not None else "n" if arm.ratio == 1 else f"{arm.ratio:g} n"
        given = [
            (
                f"{r.substance} {dose_text(r.dose)} {r.route}",
                days_text(design.schedules[r.schedule].times),
            )
            for r in arm.regimens
        ] or [("-", "-")]
        for k, (treatment, days) in enumerate(given):
            head, tail = ((name, arm.role), (count,)) if k == 0 else (("", ""), ("",))
            rows.append((*head, treatment, days, *tail))
    return rows


def endpoint_rows(scenario: Scenario) -> Sequence[tuple[str, ...]]:
    """Return a row per endpoint, in ``ENDPOINT_COLUMNS``."""
    rows = []
    for name, endpoint in scenario.design.endpoints.items():
        marks = [word for word in ("primary", "terminal", "satellite") if getattr(endpoint, word)]
        rows.append((name, endpoint.kind, f"{endpoint.day:g}", endpoint.unit, ", ".join(marks)))
    return rows


def comparison_rows(scenario: Scenario) -> Sequence[tuple[str, ...]]:
    """Return a row per family of comparisons, in ``COMPARISON_COLUMNS``."""
    plan = scenario.analysis
    return [
        (
            name,
            "\n".join(family.endpoint),
            _shortened(family.arms),
            family.against,
            name_of_test(plan.spec(name)),
            family.adjust,
            f"{family.alpha:g}",
        )
        for name, family in plan.families.items()
    ]


def trend_lines(scenario: Scenario) -> Iterator[str]:
    """Yield a sentence per trend test."""
    for name, trend in scenario.analysis.trends.items():
        yield (
            f"trend {name}: {trend.endpoint} over {' < '.join(trend.arms)} "
            f"(Jonckheere-Terpstra, {trend.method})"
        )


def wanted(scenario: Scenario) -> str:
    """Return what the planner wants, where it is searched, and with how many studies."""
    decision, wish = scenario.decision, scenario.decision.power
    of = wish.of if wish.arms is None else f"{wish.of} of {', '.join(wish.arms)}"
    searched = " to ".join(dict.fromkeys(f"{n}" for n in (decision.n.start, decision.n.stop)))
    return (
        f"wanted: power {wish.target:g} of {of}; searched: n = {searched} per arm; "
        f"{decision.replicates:,} simulated studies; seed {scenario.seed}"
    )


def name_of_test(spec: TestSpec) -> str:
    """Return the name of a test, with its method where it has several."""
    name = TEST_NAMES[spec.test]
    return f"{name}, {spec.method}" if spec.test == "mann_whitney" else name


def days_text(days: tuple[float, ...]) -> str:
    """Return days of dosing, shortened where there are many."""
    shown = [f"{day:g}" for day in days]
    if len(shown) > 6:
        shown = [*shown[:3], "...", shown[-1]]
    return ", ".join(shown)


def _shortened(arms: tuple[str, ...]) -> str:
    return (
        "\n".join(arms) if len(arms) <= 8 else "\n".join([*arms[:7], f"and {len(arms) - 7} more"])
    )
