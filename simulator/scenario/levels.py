"""Levels and standard deviations of an endpoint: text with a unit -> the endpoint's own unit.

AFC per spleen, reciprocal titer, percent (0-100), particles per cell, or the planner's unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from simulator.scenario.design import Endpoint
from simulator.scenario.noun import Parameter
from simulator.scenario.numerals import comma_advice, thousands_advice
from simulator.scenario.quantities import format_quantity, parse_quantity

#: What a number of nature says beside its value, and how many of these are in its unit.
_BESIDE = {"range": 2, "normal": 2, "lognormal": 1, "uniform": 2}
_PER_SPLEEN = "1/spleen"
_DILUTION = re.compile(r"\s*1\s*[:/]\s*(\d{1,9})\s*", re.ASCII)
_LOG2 = re.compile(r"\s*(\d{1,2}(?:\.\d{1,6})?)\s*log_?2\s*", re.ASCII | re.IGNORECASE)


def own_unit(written: str | float, endpoint: Endpoint) -> float:
    """Return an amount in the endpoint's unit; a number is in this unit already.

    Raises
    ------
    ValueError : the text is not an amount in the endpoint's unit.
    """
    if not isinstance(written, str):
        return float(written)
    if endpoint.kind == "plaque_count":
        return parse_quantity(written, _PER_SPLEEN)
    if endpoint.kind == "continuous":
        try:
            return float(written.strip().removesuffix(endpoint.unit).strip())
        except ValueError:
            advice = comma_advice(written) or f"is not a number of {endpoint.unit}"
            colon = ":" if comma_advice(written) else ""
            raise ValueError(f'"{written}"{colon} {advice}') from None
    if endpoint.kind == "titer":
        _reciprocal(written)
    amount = parse_quantity(written, "dimensionless")
    if endpoint.kind == "phagocytic_percentage":
        text = written.strip()
        # Not 100 times the fraction, which would not round to the number that was written.
        return float(text[:-1]) if text.endswith("%") else 100 * amount
    return amount


def _reciprocal(written: str) -> None:
    """Refuse the other ways of writing a titer, which all mean one number.

    Raises
    ------
    ValueError : with the number to write.
    """
    if match := _DILUTION.fullmatch(written):
        raise ValueError(f'"{written}": a titer is the reciprocal dilution: write {match[1]}')
    if match := _LOG2.fullmatch(written):
        wanted = 2.0 ** float(match[1])
        raise ValueError(f'"{written}": a titer is the reciprocal dilution: write {wanted:g}')


def control_level(written: str | float, endpoint: Endpoint) -> float:
    """Return the level of control animals in the endpoint's unit.

    Raises
    ------
    ValueError : unit and endpoint do not fit, or no control animals can have this level.
    """
    if endpoint.kind == "titer" and isinstance(written, str):
        advice = thousands_advice(written)
        if advice is not None:
            raise ValueError(advice)
    level = own_unit(written, endpoint)
    shown = f'"{written}"' if isinstance(written, str) else f"{written:g}"
    if endpoint.kind == "phagocytic_percentage" and not 0 < level < 100:
        raise ValueError(f"{written} is not between 0 % and 100 %: write e.g. 55 %")
    if not math.isfinite(level) or level <= 0:
        raise ValueError(f"{shown} must be above 0")
    return level


def as_written(amount: float, endpoint: Endpoint) -> str | float:
    """Return an amount as a file would write it; ``own_unit`` gives the same float again."""
    if endpoint.kind == "plaque_count":
        return format_quantity(amount, _PER_SPLEEN)
    if endpoint.kind == "phagocytic_percentage":
        return format_quantity(amount, "%")
    if endpoint.kind == "continuous":
        return format_quantity(amount, endpoint.unit)
    if endpoint.kind == "titer" and thousands_advice(repr(amount)):
        return f"{amount!r}0"  # 64.125 would be read as a point between thousands
    return amount


def without_unit(written: object, endpoint: Endpoint) -> str | None:
    """Return what is wrong with a bare number in a file, or None where it needs no unit.

    Per spleen or per million cells, 0.08 or 8 %: without its unit such a number is a guess.
    """
    if isinstance(written, str | bool) or not isinstance(written, int | float):
        return None
    if endpoint.kind == "plaque_count":
        return f"{written:.12g} has no unit: write e.g. 5e4 /spleen"
    if endpoint.kind == "phagocytic_percentage":
        return f"{written:.12g} has no unit: write {written:g} % if it is in percent"
    return None


def beside(amount: Parameter[Any]) -> Iterator[float | str]:
    """Yield what stands beside a value and is in its unit: ends of ranges, moments of priors."""
    for key, count in _BESIDE.items():
        yield from (getattr(amount, key) or ())[:count]


def in_own_unit(amount: Parameter[Any], endpoint: Endpoint) -> Parameter[Any]:
    """Return a level or sd in the endpoint's unit, with its range and its prior.

    Raises
    ------
    ValueError : something in it is not an amount in the endpoint's unit.
    """
    update: dict[str, Any] = {"value": own_unit(amount.value, endpoint)}
    for key, count in _BESIDE.items():
        stated = getattr(amount, key)
        if stated is not None:
            update[key] = tuple(
                own_unit(item, endpoint) if i < count else item for i, item in enumerate(stated)
            )
    return amount.model_copy(update=update)


def rewritten(data: dict[str, Any], show: Callable[[Any], str | float]) -> None:
    """Rewrite, in place, the amounts of a number that is written out as plain data."""
    data["value"] = show(data["value"])
    for key, count in _BESIDE.items():
        if key in data:
            data[key] = [show(x) if i < count else x for i, x in enumerate(data[key])]
