"""JSON Schema of what a planner may write, shorthand included, for editors.

It is pydantic's schema of the nouns (the full form) with every shorthand added beside it. An
editor can thus complete and check keys; what refers to something else is the loader's to check.
"""

from __future__ import annotations

import re
from typing import Any

from simulator.scenario import Scenario
from simulator.scenario.noun import PRIORS
from simulator.scenario_files.schema_keys import ENDPOINT_SPREAD

Schema = dict[str, Any]

_PARAMETER = "Parameter_"
_GENERATED = re.compile(r"(#/\$defs/)?(?:\w*__)?Parameter_\w*?_*(\d+|Union\w*)")
_EFFECT = ("on", "emax", "ec50", "hill", "rise")
_DOSE: Schema = {
    "type": "string",
    "description": "per body weight: by volume or by mass",
    "examples": ["10 uL/kg", "35 ug/kg"],
}
_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"type": "string"}]}


def scenario_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file.

    Examples
    --------
    >>> from simulator.scenario_files import scenario_schema
    >>> scenario_schema()["title"]
    'afcsim scenario'
    """
    schema: Schema = _tidy(Scenario.model_json_schema(by_alias=True))
    definitions: Schema = schema["$defs"]
    _arm(definitions["Arm"], definitions)
    _effect(definitions["SubstanceEffect"], definitions)
    endpoint = definitions["EndpointTruth"]["properties"]
    for key in ENDPOINT_SPREAD:
        endpoint[key] = definitions["Spread"]["properties"][key]
    for name in list(definitions):
        if name.startswith(_PARAMETER):
            number = definitions[name]
            number["required"] = []
            number["anyOf"] = [{"required": [key]} for key in ("value", *PRIORS)]
            _or(definitions, name, number["properties"]["value"])
    _or(definitions, "Dose", _DOSE)
    _or(definitions, "PowerTarget", _NUMBER)
    _or(definitions, "Attrition", _NUMBER)
    attrition = definitions["Attrition"]["anyOf"][1]["properties"]
    attrition["samples"] = {"anyOf": [_NUMBER, attrition["samples"]]}
    _or(definitions, "Task", definitions["Task"]["properties"]["takes"])
    _shorthand_response(schema)
    _lists(schema)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "afcsim scenario"
    return schema


def _tidy(value: Any) -> Any:
    """Shorten generated names, and drop null: in a file an empty value is a mistake."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return _short(value) if isinstance(value, str) else value
    tidied = {_short(key): _tidy(child) for key, child in value.items()}
    options = tidied.get("anyOf")
    if isinstance(options, list):
        options = [option for option in options if option != {"type": "null"}]
        if len(options) < len(tidied["anyOf"]):
            tidied.pop("default", None)
        tidied["anyOf"] = options
        if len(options) == 1:
            return {**tidied.pop("anyOf")[0], **tidied}
    return tidied


def _short(name: str) -> str:
    """Return ``Parameter_7`` of ``simulator__...__Parameter_Annotated_float__Unit____7``."""
    match = _GENERATED.fullmatch(name)
    return f"{match[1] or ''}{_PARAMETER}{match[2]}" if match else name


def _or(definitions: Schema, name: str, shorthand: Schema) -> None:
    """Let a definition also be written in short."""
    full = definitions[name]
    short = {key: value for key, value in shorthand.items() if key not in ("title", "default")}
    definitions[name] = {"anyOf": [short, full]}


def _arm(arm: Schema, definitions: Schema) -> None:
    regimen = definitions["Regimen"]["properties"]
    one: Schema = {"$ref": "#/$defs/Dose"}
    arm["properties"] |= {
        "substance": regimen["substance"],
        "dose": {
            "anyOf": [one, {"type": "array", "items": one, "minItems": 1}],
            "description": "one dose, or a list: one arm each",
        },
        "route": regimen["route"],
        "schedule": regimen["schedule"],
    }
    arm["required"] = []
    arm["anyOf"] = [{"required": [key]} for key in ("role", "substance", "regimens")]


def _effect(effect: Schema, definitions: Schema) -> None:
    route = definitions["RouteEffect"]["properties"]
    effect["properties"] |= {key: route[key] for key in _EFFECT}


def _shorthand_response(schema: Schema) -> None:
    """Let ``response: kinetic`` stand for ``response: {model: kinetic}``."""
    for holder in (schema["$defs"]["Truth"], schema["$defs"]["EndpointTruth"]):
        full = dict(holder["properties"]["response"])
        full.pop("default", None)
        models: Schema = {"enum": ["fold", "emax", "kinetic"]}
        holder["properties"]["response"] = {"anyOf": [models, full]}


def _lists(schema: Schema) -> None:
    """Let one id stand for a list of one."""
    for holder, keys in (
        ("Family", ("endpoint", "arms")),
        ("Trend", ("arms",)),
        ("AnalysisPlan", ("acknowledge",)),
    ):
        properties = schema["$defs"][holder]["properties"]
        for key in keys:
            full = properties[key]
            properties[key] = {"anyOf": [full["items"], full]}
    properties = schema["$defs"]["PowerTarget"]["anyOf"][1]["properties"]
    properties["arms"] = {"anyOf": [{"type": "string"}, properties["arms"]]}
