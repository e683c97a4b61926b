"""Every command does what it says: output, files, exit code."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import load_scenario
from simulator.cli.app import app
from simulator.scenario_files import catalogue

COMMANDS = (
    "scenarios",
    "new",
    "validate",
    "simulate",
    "analyse",
    "audit",
    "power",
    "size",
    "ratio",
    "conduct",
    "detect",
    "sensitivity",
    "diagnose",
    "sweep",
    "allocate",
    "report",
    "statement",
    "serve",
    "schema",
)


def run(*args: object, code: int = 0) -> Any:
    """Run a command line; fail with its output if the exit code is another."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


def one_object(result: Any) -> dict[str, Any]:
    """Return stdout as strict JSON: one object, and nothing else."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    found = json.loads(result.stdout, parse_constant=refuse)
    assert isinstance(found, dict)
    told = result.stderr.splitlines()  # the first run after a change of a kernel says so
    assert [line for line in told if not line.startswith("compiling the kernels")] == []
    return found


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "data.csv"
    lines = ["subject_id,arm,endpoint,value"]
    for arm, values in {"saline": (1, 2, 3, 4), "drug": (5, 6, 7, 8)}.items():
        lines += [f"{arm}-{k},{arm},afc,{value}" for k, value in enumerate(values)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_it_is_for_and_shows_an_example(command: str) -> None:
    text = run(command, "--help").stdout
    assert f"Example: afcsim {command}" in " ".join(text.split())


def test_tests_that_cannot_be_made_are_told(tmp_path: Path) -> None:
    file = tmp_path / "lossy.yaml"
    run("new", file)
    assert "no test could be made" not in run("power", file, "--replicates", 100).stdout
    text = file.read_text()
    assert "\ntruth:" in text
    file.write_text(text.replace("\ntruth:", "\n  attrition: {loss: 0.5}\ntruth:"))
    told = " ".join(run("power", file, "--n", 4, "--replicates", 100).stdout.split())
    assert "of the simulated studies no test could be made (fewer than 2 animals left" in told


@pytest.mark.parametrize("kept", [True, False])
def test_the_first_run_says_that_it_compiles(kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator import compiled
    from simulator.evaluation.decisions import comparing

    assert hasattr(comparing, "compare")  # the kernel that is looked for
    monkeypatch.setattr(compiled, "is_kept", lambda name: kept and name == "compare")
    result = run("power", "too-small", "--replicates", 100, "--json")
    assert ("compiling the kernels, first run only" in result.stderr) is not kept
    assert result.stdout.startswith("{")


def test_scenarios_lists_the_catalogue() -> None:
    found = one_object(run("scenarios", "--json"))["scenarios"]
    assert found == [{"id": e.id, "question": e.question} for e in catalogue()]
    text = run("scenarios").stdout
    assert all(entry.id in text for entry in catalogue())


@pytest.mark.parametrize("template", [None, *(entry.id for entry in catalogue())])
def test_new_writes_a_commented_file_that_loads(tmp_path: Path, template: str | None) -> None:
    file = tmp_path / "studies" / "mine.yaml"
    run("new", file, *(["--from", template] if template else []))
    assert "#" in file.read_text(encoding="utf-8")
    assert load_scenario(file).id == (template or "mine")


@pytest.mark.parametrize("name", ["1e5.yaml", "no.yaml", "Мышь 1.yaml", "--.yaml", "{x}.yaml"])
def test_new_makes_an_id_of_any_file_name(tmp_path: Path, name: str) -> None:
    run("new", tmp_path / name)
    assert load_scenario(tmp_path / name).id


def test_new_does_not_overwrite_unless_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("precious")
    assert "exists already" in run("new", file, code=2).stderr
    assert file.read_text() == "precious"
    run("new", file, "--force")
    assert load_scenario(file).id == "mine"


def test_validate_shows_the_plan_with_doses_in_both_units() -> None:
    text = run("validate", "secretome-healthy-mice").stdout
    for words in (
        "OK", "10 µL/kg (35 µg/kg) IM", "50 µL/kg (175 µg/kg) SC", "phagocytic_percentage",
        "afc-over-thymalin", "holm", "n = 3 to 30", "0, 1, 2, 3, 4", "trend afc-im",
    ):  # fmt: skip
        assert words in text


def test_validate_shows_what_it_assumes_and_warns() -> None:
    data = one_object(run("validate", "too-small", "--json"))
    assert "decision.n.to" in [warning["path"] for warning in data["warnings"]]
    assert "warning: decision.n.to" in run("validate", "too-small").stdout


def test_validate_resolved_is_a_file_that_loads_to_the_same(tmp_path: Path) -> None:
    file = tmp_path / "resolved.yaml"
    file.write_text(run("validate", "quick-start", "--resolved").stdout, encoding="utf-8")
    assert load_scenario(file) == load_scenario("quick-start")


def test_validate_in_another_world(tmp_path: Path) -> None:
    usual, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    name = "secretome-healthy-mice"
    usual.write_text(run("validate", name, "--resolved").stdout, encoding="utf-8")
    text = run("validate", name, "--resolved", "--world", "pessimistic").stdout
    other.write_text(text, encoding="utf-8")
    assert load_scenario(usual).digest != load_scenario(other).digest


def test_simulate_writes_a_complete_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    args = ("simulate", "secretome-healthy-mice", "-o", folder, "--n", 4, "--replicate", 501)
    text = run(*args).stdout
    assert {path.name for path in folder.iterdir()} == {
        "subjects.csv", "doses.csv", "observations.csv", "timeline.csv", "analysis.csv",
        "truth.json", "provenance.json", "scenario.yaml", "figures",
    }  # fmt: skip
    assert str(folder) in text
    subjects = pd.read_csv(folder / "subjects.csv")
    assert len(subjects) == 8 * 4
    observations = pd.read_csv(folder / "observations.csv")
    assert set(observations["endpoint"]) == set(
        load_scenario("secretome-healthy-mice").design.endpoints
    )
    origin = json.loads((folder / "provenance.json").read_text())
    assert origin["settings"] | {"n": 4, "replicate": 501} == origin["settings"]
    assert origin["digest"] == load_scenario(folder / "scenario.yaml").digest


def test_the_same_command_gives_the_same_study_and_another_seed_another(tmp_path: Path) -> None:
    tables = []
    for name, more in {"a": (), "b": (), "c": ("--seed", 5)}.items():
        run("simulate", "quick-start", "-o", tmp_path / name, *more)
        tables.append((tmp_path / name / "observations.csv").read_bytes())
    assert tables[0] == tables[1] != tables[2]


def test_a_run_can_be_repeated_from_its_folder(tmp_path: Path) -> None:
    run("simulate", "quick-start", "-o", tmp_path / "a", "--seed", 5, "--n", 6)
    run("simulate", tmp_path / "a" / "scenario.yaml", "-o", tmp_path / "b", "--n", 6)
    first, second = (pd.read_csv(tmp_path / name / "observations.csv") for name in "ab")
    pd.testing.assert_frame_equal(first, second)


def test_analyse_bench_data_without_a_scenario(bench: Path) -> None:
    data = one_object(run("analyse", bench, "--control", "saline", "--json"))
    (found,) = data["comparisons"]
    # all of 4 above all of 4: U = 16, p = 2/C(8,4)
    assert (found["u"], found["p_value"]) == (16, pytest.approx(2 / math.comb(8, 4), rel=1e-12))
    assert found["rejected"]
    text = run("analyse", bench, "--control", "saline").stdout
    assert "0.0286" in text


def test_analyse_options_reach_the_test(bench: Path) -> None:
    args = ("analyse", bench, "--control", "saline", "--json", "--alternative", "less")
    (found,) = one_object(run(*args, "--method", "exact", "--alpha", 0.01))["comparisons"]
    assert (found["p_value"], found["method"], found["rejected"]) == (1.0, "exact", False)


@pytest.mark.parametrize(
    ("test", "name", "method"),
    [
        ("brunner_munzel", "Brunner-Munzel", "permutation (complete separation)"),
        ("permutation", "studentised permutation", "permutation (complete)"),
    ],
)
def test_analyse_by_another_test(bench: Path, test: str, name: str, method: str) -> None:
    args = ("analyse", bench, "--control", "saline", "--test", test)
    (found,) = one_object(run(*args, "--json"))["comparisons"]
    assert (found["test"], found["method"]) == (test, method)
    assert found["p_value"] == pytest.approx(2 / math.comb(8, 4), rel=1e-12)
    text = " ".join(run(*args).stdout.split())
    assert f"{name}, {method}" in text
    assert f"--method exact: of mann_whitney only; --test {test}" in " ".join(
        run(*args, "--method", "exact", code=2).stderr.split()
    )


def test_analyse_adjusts_by_steel(bench: Path) -> None:
    args = ("analyse", bench, "--control", "saline", "--adjust", "steel")
    (found,) = one_object(run(*args, "--json"))["comparisons"]
    assert found["adjustment"] == "steel, permutation (complete)"
    # one arm only: the family is the test itself
    assert found["p_adjusted"] == pytest.approx(found["p_value"], rel=1e-12)
    assert "adjusted: steel, permutation (complete)" in " ".join(run(*args).stdout.split())
    wrong = run(*args, "--method", "mid-p", code=2).stderr
    assert "steel has no mid-p p-value: choose auto, exact or asymptotic" in wrong


def test_analyse_suggests_the_likely_control(bench: Path) -> None:
    assert '--control "saline"' in run("analyse", bench, code=2).stderr


def test_analyse_lists_the_arms_where_none_looks_like_a_control(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("subject_id,arm,endpoint,value\n1,a,afc,1\n2,b,afc,2\n")
    assert "arms in the data: a, b" in run("analyse", file, code=2).stderr


def test_analyse_says_which_columns_it_left_out(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    rows = [f"{k},{'ab'[k // 5]},{k * k},{'tot Tag 5' if k == 3 else ''}" for k in range(1, 9)]
    file.write_text("Maus,arm,AFC,Bemerkung\n" + "\n".join(rows) + "\n")
    notes = [
        'column taken for the animals\' ids, not analysed: "Maus"',
        "columns not analysed: Bemerkung (text); name one as the endpoint to analyse it",
    ]
    data = one_object(run("analyse", file, "--control", "a", "--json"))
    assert data["notes"] == notes
    assert [row["endpoint"] for row in data["comparisons"]] == ["AFC"]
    text = " ".join(run("analyse", file, "--control", "a").stdout.split())
    for note in notes:
        assert f"note: {note}" in text
    # a comment asked for is an endpoint, and then its words are problems
    refused = run("analyse", file, "--control", "a", "--endpoint", "Bemerkung", code=2).stderr
    assert refused.startswith(f"{file}: 1 problem")
    assert '"tot Tag 5" is not a number' in refused


def test_analyse_checks_only_the_endpoint_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("arm,afc,titer\na,1,2\na,2,lost\nb,3,4\nb,4,8\n")
    assert '"lost" is not a number' in run("analyse", file, "--control", "a", code=2).stderr
    data = one_object(run("analyse", file, "--control", "a", "--endpoint", "afc", "--json"))
    assert [row["endpoint"] for row in data["comparisons"]] == ["afc"]
    assert data["notes"][0].startswith('endpoint not read: "titer" (line 3: ')


def test_analyse_refuses_a_plan_whose_names_the_data_lack(bench: Path, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text(bench.read_text().replace("afc", "AFC"))
    refused = run("analyse", file, "--plan", "quick-start", code=2)
    assert refused.stdout == ""
    assert refused.stderr.startswith(f"{file}: ")
    assert 'no endpoint "afc" in the data; did you mean "AFC"?' in refused.stderr


def test_analyse_by_the_plan_repeats_the_simulated_analysis(tmp_path: Path) -> None:
    run("simulate", "quick-start", "-o", tmp_path / "run")
    file = tmp_path / "run" / "observations.csv"
    data = one_object(run("analyse", file, "--plan", "quick-start", "--json"))
    written = pd.read_csv(tmp_path / "run" / "analysis.csv")
    assert [row["p_value"] for row in data["comparisons"]] == written["p_value"].tolist()


def test_power_prints_power_beside_type_i_error() -> None:
    data = one_object(run("power", "quick-start", "--n", 6, "-r", 500, "--json"))
    assert (data["n_per_arm"], data["replicates"]) == (6, 500)
    (found,) = data["comparisons"]
    assert 0 <= found["power"]["ci"][0] <= found["power"]["value"] <= found["power"]["ci"][1] <= 1
    assert set(found["type_i"]) >= {"value", "mcse", "ci"}
    assert [point["n"] for point in data["curve"]] == list(range(3, 31))
    text = run("power", "quick-start", "--n", 6, "-r", 500).stdout
    for words in ("power [95 % CI]", "type I error", "true fold", "drug", "500 simulated"):
        assert words in text


def test_the_numbers_do_not_depend_on_threads() -> None:
    one, two = (
        one_object(run("power", "quick-start", "-r", 1500, "-t", threads, "--json"))
        for threads in (1, 3)
    )
    assert one == two


def test_power_writes_a_complete_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    result = run("power", "quick-start", "-r", 200, "-o", folder, "--json")
    assert json.loads((folder / "result.json").read_text()) == json.loads(result.stdout)
    assert {path.name for path in folder.iterdir()} == {
        "result.json", "comparisons.csv", "curve.csv", "provenance.json", "scenario.yaml",
        "figures",
    }  # fmt: skip
    curve = pd.read_csv(folder / "curve.csv")
    assert set(curve["what"]) == {"power", "any", "all", "fwer"}
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "power-curve.svg", "power-curve.png", "cohort.svg", "cohort.png", "plan.svg", "plan.png",
    }  # fmt: skip


def test_size_says_how_many_mice(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    text = run("size", "quick-start", "-r", 2000, "-o", folder).stdout
    found = json.loads((folder / "result.json").read_text())
    n = found["n_per_arm"]
    assert found["status"] == "certified"
    words = " ".join(text.split())
    assert f"{n} mice per arm, certified: power of each comparison of primary" in words
    assert f"with {n - 1} it is not" in words
    assert f"{2 * n} purchased" in text


def test_size_exits_with_1_when_the_answer_is_no() -> None:
    data = one_object(run("size", "too-small", "-r", 200, "--json", code=1))
    assert data["status"] == "infeasible"
    assert "smallest p" in data["reason"]
    assert data["n_per_arm"] is None


def test_schema_is_a_json_schema() -> None:
    data = one_object(run("schema"))
    assert {"design", "truth", "analysis", "decision"} <= set(data["properties"])


def test_an_existing_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    run("simulate", "quick-start", "-o", tmp_path / "run")
    before = (tmp_path / "run" / "provenance.json").read_bytes()
    for args in (("simulate", "quick-start"), ("power", "quick-start"), ("size", "quick-start")):
        assert "exists already" in run(*args, "-o", tmp_path / "run", code=2).stderr
    assert (tmp_path / "run" / "provenance.json").read_bytes() == before
    line = ("power", "quick-start", "-r", 100, "-o", tmp_path / "run", "--force")
    assert "was written by afcsim simulate" in run(*line, code=2).stderr
    assert (tmp_path / "run" / "subjects.csv").exists()
    before = (tmp_path / "run" / "subjects.csv").read_bytes()
    run("simulate", "quick-start", "--n", 3, "-o", tmp_path / "run", "--force")
    assert (tmp_path / "run" / "subjects.csv").read_bytes() != before


def test_text_of_a_scenario_is_never_markup(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    run("new", file)
    text = file.read_text(encoding="utf-8").replace(
        "question: How many", "question: '[bold]$x$[/nonsense] :mouse:' # How many"
    )
    file.write_text(text, encoding="utf-8")
    assert "[bold]$x$[/nonsense] :mouse:" in run("power", file, "-r", 100).stdout


def test_size_says_when_smaller_n_were_not_looked_at(tmp_path: Path) -> None:
    text = load_text_of("quick-start") + "  n: {from: 12, to: 14}\n"
    file = tmp_path / "late.yaml"
    file.write_text(text, encoding="utf-8")
    words = " ".join(run("size", file, "-r", 500).stdout.split())
    assert "12 mice per arm" in words
    assert "n = 12 is the start of the range: smaller n were not looked at" in words


def load_text_of(scenario: str) -> str:
    path = next(entry.path for entry in catalogue() if entry.id == scenario)
    return path.read_text(encoding="utf-8")
