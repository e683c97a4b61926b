"""Whatever is done to a scenario file, loading it gives a scenario or a ScenarioError."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario_files import catalogue, dump_scenario, load_text, read_scenario

VALID = sorted((Path(__file__).parents[1] / "scenarios" / "valid").glob("*.yaml"))
FILES = [*VALID, *(entry.path for entry in catalogue())]
TEXTS = [path.read_text(encoding="utf-8") for path in FILES]

#: Words of the validation library, which must not reach a biologist.
JARGON = re.compile(r"Input should|Extra inputs|Field required|valid dictionary|pydantic|\[type=")

_SPLICES = st.one_of(
    st.sampled_from(
        [
            "", " ", "\n", "\t", ":", ": ", "- ", "{", "}", "[", "]", ",", '"', "'", "#", "&a ",
            "*a", "!!int ", "<<: ", "---\n", "~", "null", "true", "no", "1e8", "1e999", ".nan",
            "-1", "0", "9" * 30, "10 uL/kg", "5 d", "%", "control", "test", "kinetic", "fold",
            "emax", "\x07", "\ud7ff", "é", "{}", "[]", "day", "arms", "regimens: []",
            "group: x", "model: ", "0,5", "1, 2", "50.000 /spleen", "kind:titer", "\u00a0",
        ]
    ),
    st.text(max_size=5),
    st.integers().map(str),
    st.floats().map(repr),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a valid file with a few places cut, doubled, or written over."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        tokens = re.split(r"(\s+|[{}\[\],:])", text)
        start = draw(st.integers(0, len(tokens) - 1))
        stop = min(len(tokens), start + draw(st.integers(0, 4)))
        replacement = draw(_SPLICES | st.sampled_from(tokens))
        text = "".join([*tokens[:start], replacement, *tokens[stop:]])
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_mutated_file_loads_or_says_what_is_wrong(text: str) -> None:
    try:
        loaded = load_text(text)
    except ScenarioError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert refused.problems
        assert not JARGON.search(str(refused)), str(refused)
        assert all("\n" not in str(problem) for problem in refused.problems)
        return
    dumped = dump_scenario(loaded.scenario)
    again = load_text(dumped).scenario
    assert again == loaded.scenario
    assert dump_scenario(again) == dumped


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_refused_politely(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"<text>: \d+ problem"):
        load_text(text)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=120), st.integers(0, 2**63 - 1))
def test_any_question_and_seed_survive_the_dump(question: str, seed: int) -> None:
    base = load_text(TEXTS[0]).scenario
    changed = base.model_copy(update={"question": question, "seed": seed})
    assert load_text(dump_scenario(changed)).scenario == changed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dump_and_load_are_the_identity_in_every_world(path: Path) -> None:
    scenario = read_scenario(path).scenario
    dumped = dump_scenario(scenario)
    assert load_text(dumped).scenario == scenario
    assert dump_scenario(load_text(dumped).scenario) == dumped
    assert load_text(dumped).scenario.digest == scenario.digest
    for world in scenario.decision.worlds:
        there = read_scenario(path, world=world).scenario
        assert load_text(dumped, world=world).scenario == there
        assert load_text(dump_scenario(there)).scenario == there
