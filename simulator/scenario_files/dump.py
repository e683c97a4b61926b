"""Scenario -> canonical YAML: everything filled in, one spelling for every number."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from simulator.scenario import Scenario
from simulator.scenario.numerals import SPACES
from simulator.scenario_files.yaml_text import plain_value


def dump_scenario(scenario: Scenario) -> str:
    """Return a scenario as YAML text.

    Loading the text of a resolved scenario gives an equal scenario, and its dump the same text.

    Examples
    --------
    >>> from simulator import dump_scenario, load_scenario
    >>> dump_scenario(load_scenario("quick-start")).splitlines()[:2]
    ['schema_version: 1', 'id: quick-start']
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 100
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(scenario.canonical(), stream)
    text = stream.getvalue()
    # Our reader takes the spaces of word processors for plain ones, unless they are escaped;
    # they only ever stand in double quotes here.
    for code in SPACES:
        text = text.replace(chr(code), f"\\u{code:04x}")
    return text


class _Representer(SafeRepresenter):
    """Quotes every text that our reader would not take for a text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def represent_text(self, data: str) -> ScalarNode:
        try:
            is_text = isinstance(plain_value(data), str)
        except ValueError:
            is_text = False
        style = None if is_text and data.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Representer.add_representer(str, _Representer.represent_text)
