"""Scenario files: load, criticise, dump, schema, catalogue. The only room that knows YAML."""

from simulator.scenario_files.catalogue import CatalogueEntry, catalogue
from simulator.scenario_files.defaults import Default
from simulator.scenario_files.dump import dump_scenario
from simulator.scenario_files.loading import Loaded, load_scenario, load_text, read_scenario
from simulator.scenario_files.schema import scenario_schema
from simulator.scenario_files.starter import starter_text

__all__ = [
    "CatalogueEntry",
    "Default",
    "Loaded",
    "catalogue",
    "dump_scenario",
    "load_scenario",
    "load_text",
    "read_scenario",
    "scenario_schema",
    "starter_text",
]
