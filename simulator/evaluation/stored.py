"""Results read back from the plain data that they were written as, equal to what was written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from simulator.evaluation.assurance_result import (
    QUANTILES,
    Assurance,
    AssurancePoint,
    Averaged,
    ComparisonAssurance,
)
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.power_result import (
    ComparisonPower,
    CurvePoint,
    FamilyPower,
    PowerResult,
    TrendPower,
)
from simulator.evaluation.sizing.size_result import CrossCheck, SampleSizeResult
from simulator.evaluation.sizing.world_size import WorldSize
from simulator.scenario.attrition import Headcount

_T = TypeVar("_T")


def stored_answer(data: Mapping[str, Any]) -> PowerResult | SampleSizeResult:
    """Return the result whose ``to_dict`` gave this; keys that are not its own are left alone.

    Raises
    ------
    KeyError, TypeError, ValueError : it is not the whole of such a result.
    """
    return _sample_size(data) if "status" in data else _power(data)


def stored_assurance(data: Mapping[str, Any]) -> Assurance:
    """Return the assurance whose ``to_dict`` gave this.

    Raises
    ------
    KeyError, TypeError, ValueError : it is not the whole of one.
    """
    return Assurance(
        n_per_arm=int(data["n_per_arm"]),
        draws=int(data["draws"]),
        priors=dict(data["priors"]),
        target=float(data["target"]),
        of=data["of"],
        asked=int(data["comparisons_asked"]),
        other_way=_perhaps(_probability, data["draws_opposite_to_plan"]),
        way_planned=data["direction"] == "planned",
        comparisons=tuple(
            ComparisonAssurance(**{**one, "assurance": _averaged(one["assurance"])})
            for one in data["comparisons"]
        ),
        still_rising=bool(data["still_rising"]),
        powers=tuple(map(float, data["powers"])),
        curve=tuple(
            AssurancePoint(
                int(point["n"]),
                _averaged(point["assurance"]),
                _perhaps(_averaged, point["planned_direction"]),
                _averaged(point["least_in_a_draw"]),
                _perhaps(_averaged, point["reaches_target"]),
                _perhaps(_quantiles, point["power_quantiles"]),
            )
            for point in data["curve"]
        ),
    )


def stored_world_size(data: Mapping[str, Any]) -> WorldSize:
    """Return the answer of one world whose ``to_dict`` gave this.

    Raises
    ------
    KeyError, TypeError, ValueError : it is not the whole of one.
    """
    own = data["n_per_arm"]
    return WorldSize(
        data["status"],
        None if own is None else int(own),
        tuple(map(int, data["candidates"])),
        _probability(data["power"]),
        data["reason"],
    )


def _perhaps(read: Callable[[Mapping[str, Any]], _T], data: Mapping[str, Any] | None) -> _T | None:
    return None if data is None else read(data)


def _quantiles(data: Mapping[str, Any]) -> tuple[float, ...]:
    return tuple(float(data[f"{share}"]) for share in QUANTILES)


def _averaged(data: Mapping[str, Any]) -> Averaged:
    low, high = data["ci"]
    mcse = math.nan if data["mcse"] is None else float(data["mcse"])
    return Averaged(float(data["value"]), mcse, (float(low), float(high)))


def _sample_size(data: Mapping[str, Any]) -> SampleSizeResult:
    target, below, own = data["target"], data["power_below"], data["n_per_arm"]
    return SampleSizeResult(
        scenario_id=data["scenario"],
        digest=data["digest"],
        seed=data["seed"],
        status=data["status"],
        target=target["power"],
        of=target["of"],
        confidence=target["confidence"],
        n_per_arm=None if own is None else int(own),
        candidates=tuple(data["candidates"]),
        sizes=dict(data["sizes"]),
        animals=Headcount(**data["animals"]),
        power=_probability(data["power"]),
        power_below=None if below is None else _probability(below),
        reason=data["reason"],
        cause=data["cause"],
        replicates_spent=data["replicates_spent"],
        cross_checks=tuple(CrossCheck(**check) for check in data["cross_checks"]),
        warnings=tuple(_disagreements(data["warnings"])),
        result=_power(data["result"]),
    )


def _disagreements(warnings: Iterable[str | Mapping[str, Any]]) -> Iterator[str]:
    """Yield what the formulas made us say; a run folder keeps it among its other warnings."""
    for one in warnings:
        if isinstance(one, str):
            yield one
        elif one["path"] == "cross_checks":
            yield one["message"]


def _power(data: Mapping[str, Any]) -> PowerResult:
    return PowerResult(
        scenario_id=data["scenario"],
        digest=data["digest"],
        seed=data["seed"],
        n_per_arm=int(data["n_per_arm"]),
        sizes=dict(data["sizes"]),
        replicates=int(data["replicates"]),
        comparisons=tuple(_comparison(one) for one in data["comparisons"]),
        families=tuple(
            FamilyPower(one["family"], *(_probability(one[k]) for k in ("any", "all", "fwer")))
            for one in data["families"]
        ),
        trends=tuple(
            TrendPower(
                one["name"],
                one["endpoint"],
                tuple(one["arms"]),
                _probability(one["power"]),
                _probability(one["type_i"]),
            )
            for one in data["trends"]
        ),
        curve=tuple(_point(one) for one in data["curve"]),
        decision_family=data["decision_family"],
    )


def _comparison(data: Mapping[str, Any]) -> ComparisonPower:
    truth = data["truth"]
    return ComparisonPower(
        family=data["family"],
        endpoint=data["endpoint"],
        treated=data["treated"],
        control=data["control"],
        power=_probability(data["power"]),
        type_i=_probability(data["type_i"]),
        type_i_per_test=_probability(data["type_i_per_test"]),
        untestable=_probability(data["untestable"]),
        relative_effect=_estimate(truth["relative_effect"]),
        fold_of_medians=_estimate(truth["fold_of_medians"]),
    )


def _point(data: Mapping[str, Any]) -> CurvePoint:
    return CurvePoint(
        n=int(data["n"]),
        sizes=dict(data["sizes"]),
        comparisons=tuple(_probability(one) for one in data["comparisons"]),
        any=_probability(data["any"]),
        all=_probability(data["all"]),
        fwer=_probability(data["fwer"]),
        target=_probability(data["target"]),
    )


def _probability(data: Mapping[str, Any]) -> Probability:
    replicates = int(data["replicates"])
    return Probability(round(data["value"] * replicates), replicates)


def _estimate(data: Mapping[str, float | None]) -> Estimate:
    value, mcse = data["value"], data["mcse"]
    return Estimate(math.nan if value is None else value, math.nan if mcse is None else mcse)
