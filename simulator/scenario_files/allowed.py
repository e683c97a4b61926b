"""Which keys and which type a place of the full form has, read off the nouns themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from simulator.scenario import Scenario
from simulator.scenario_files.collector import Location
from simulator.scenario_files.schema_keys import WRITTEN_KEYS


def allowed_keys(location: Location) -> tuple[str, ...]:
    """Return the keys a planner may write at a location (that of a pydantic error)."""
    kind: Any = Scenario
    for part in location:
        kind = _step(kind, str(part))
    model = _model(kind)
    if model is None:
        return ()
    written = WRITTEN_KEYS.get(model.__name__)
    return written or tuple(field.alias or key for key, field in model.model_fields.items())


def _options(kind: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type, without wrappers and None."""
    if get_origin(kind) is Annotated:
        return _options(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(o for arm in get_args(kind) if arm is not type(None) for o in _options(arm))
    return (kind,)


def _model(kind: Any) -> type[BaseModel] | None:
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _step(kind: Any, part: str) -> Any:
    """Return the type of one part of a location inside a type."""
    options = _options(kind)
    for option in options:
        if isinstance(option, type) and issubclass(option, BaseModel):
            tag = {
                str(literal)
                for name in ("kind", "model")
                if name in option.model_fields
                for literal in get_args(option.model_fields[name].annotation)
            }
            if part in tag:
                return option
    for option in options:
        if get_origin(option) is not None and issubclass(get_origin(option), Mapping):
            return get_args(option)[1]
        if get_origin(option) is tuple:
            return get_args(option)[0]
        if isinstance(option, type) and issubclass(option, BaseModel):
            for name, field in option.model_fields.items():
                if part in (name, field.alias):
                    return field.annotation
            extra = option.__annotations__.get("__pydantic_extra__")
            if extra is not None:
                return _extra_type(option)
    return None


def _extra_type(model: type[BaseModel]) -> Any:
    """Return the type of the open keys of a noun."""
    import typing

    hints = typing.get_type_hints(model, include_extras=True)
    return get_args(hints["__pydantic_extra__"])[1]
