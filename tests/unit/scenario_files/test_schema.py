"""The JSON Schema accepts what people write and what we dump, and refuses unknown keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from simulator.scenario_files import catalogue, dump_scenario, load_scenario, scenario_schema

VALID = sorted((Path(__file__).parents[2] / "scenarios" / "valid").glob("*.yaml"))
FILES = [*VALID, *(entry.path for entry in catalogue())]
VALIDATOR = jsonschema.Draft202012Validator(scenario_schema())


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def complaints(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(scenario_schema())
    assert scenario_schema()["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_accepts_files_and_dumps(path: Path) -> None:
    assert complaints(plain(path.read_text(encoding="utf-8"))) == []
    assert complaints(plain(dump_scenario(load_scenario(path)))) == []


@pytest.mark.parametrize(
    "place",
    [
        (),
        ("design",),
        ("design", "animals"),
        ("design", "arms", "control"),
        ("design", "arms", "secretome-im"),
        ("design", "endpoints", "afc"),
        ("truth", "effects", "secretome"),
        ("truth", "effects", "secretome", "IM", "emax"),
        ("truth", "variability", "afc"),
        ("analysis",),
        ("analysis", "families", "afc-over-control"),
        ("decision", "power"),
    ],
    ids=".".join,
)
def test_it_refuses_unknown_keys(place: tuple[str, ...]) -> None:
    path = next(entry.path for entry in catalogue() if entry.id == "secretome-healthy-mice")
    document = plain(path.read_text(encoding="utf-8"))
    holder = document
    for key in place:
        holder = holder[key]
    holder["unheard-of"] = 1
    assert complaints(document)
