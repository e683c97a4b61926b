"""afcsim sweep: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from tests.unit.sweeping.sweeps import SMALL, TEXT


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "swept.yaml"
    path.write_text(TEXT.replace("SWEEP", SMALL), encoding="utf-8")
    return path


def _run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["sweep", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_a_folder_with_tables_figures_and_origin(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, shown, _ = _run(scenario, "-o", out, "-t", 1)
    assert code == 0
    assert "4 designs, 700 simulated studies of each" in shown
    assert "30 %" in shown
    assert sorted(file.name for file in out.rglob("*") if file.is_file()) == [
        "checkpoint.sqlite",
        "designs.csv",
        "designs.parquet",
        "power-by-design.png",
        "power-by-design.svg",
        "provenance.json",
        "scenario.yaml",
        "sweep.csv",
        "sweep.parquet",
    ]
    origin = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert origin["made_with"] == "sweep"
    assert origin["settings"]["replicates"] == 700


def test_json_is_one_object_that_says_what_the_table_says(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, shown, _ = _run(scenario, "-o", out, "-t", 1, "--json")
    assert code == 0
    answer = json.loads(shown)
    frame = pd.read_csv(out / "designs.csv")
    assert [one["power"] for one in answer["designs"]] == frame["power"].tolist()
    assert answer["paths"] == ["truth.afc.cv", "truth.afc.response.high"]


def test_refusals(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, _, said = _run(scenario, "-o", out, "-t", 1, "-w", 2)
    assert (code, "name one of them" in said) == (2, True)
    assert _run(scenario, "-o", out, "-t", 1)[0] == 0
    code, _, said = _run(scenario, "-o", out)
    assert code == 2
    assert "holds a sweep that was begun; continue it with --resume" in said
    assert _run(scenario, "-o", out, "--resume", "-t", 1)[0] == 0
    code, _, said = _run("quick-start", "-o", tmp_path / "other")
    assert code == 2
    assert "write decision.sweep: {grid:" in said


def test_designs_that_failed_are_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.sweeping.designs.CHECKED_BEFORE", 1)
    path = tmp_path / "apart.yaml"
    apart = "grid: {decision.n.from: [4, 7], decision.n.to: [6, 8]}"
    path.write_text(TEXT.replace("SWEEP", apart), encoding="utf-8")
    code, shown, _ = _run(path, "-o", tmp_path / "out", "-t", 1)
    assert code == 1
    assert "to (6) is below from (7)" in " ".join(shown.split())
    assert (tmp_path / "out" / "figures" / "power-by-design.svg").exists()


def test_the_help_has_an_example() -> None:
    assert "afcsim sweep my-study.yaml -o runs/sweep" in _run("--help")[1]


def test_validate_says_what_sweep_would(tmp_path: Path) -> None:
    """Unknown path, wrong unit, value out of range, with their lines; then what is right."""
    path = tmp_path / "wrong.yaml"
    wrong = (
        "grid:\n      truth.afcc.cv: [30 %]\n      truth.afc.control: [5e4 /spleen, 5 mg]\n"
        "      truth.afc.cv:\n        - 30 %\n        - -3 %\n"
        "    designs: {calm: {design.endpoints.afc.dya: 4}}"
    )
    path.write_text(TEXT.replace("SWEEP", wrong), encoding="utf-8")
    done = CliRunner().invoke(app, ["validate", str(path)])
    assert done.exit_code == 2
    said = [line.split(maxsplit=2) for line in done.stderr.splitlines() if " line " in line]
    at = path.read_text(encoding="utf-8").splitlines().index("      truth.afcc.cv: [30 %]") + 1
    assert [(int(one[1]), one[2].split()[0]) for one in said] == [
        (at, "decision.sweep.grid.truth.afcc.cv"),
        (at + 1, "decision.sweep.grid.truth.afc.control[1]"),
        (at + 4, "decision.sweep.grid.truth.afc.cv[1]"),
        (at + 5, "decision.sweep.designs.calm.design.endpoints.afc.dya"),
    ]
    assert done.stderr.count("did you mean") == 2
    code, _, refused = _run(path, "-o", tmp_path / "out")
    assert code == 2
    unplaced = [
        line.split(maxsplit=1)[1].split() for line in refused.splitlines() if "decision" in line
    ]
    placed = [one[2].split() for one in said]
    assert sorted(line[-1] for line in unplaced) == sorted(line[-1] for line in placed)
    path.write_text(TEXT.replace("SWEEP", SMALL), encoding="utf-8")
    done = CliRunner().invoke(app, ["validate", str(path)])
    assert (done.exit_code, "sweep: 4 designs" in done.stdout) == (0, True)


def test_priors_and_worlds_are_never_left_out_silently(tmp_path: Path) -> None:
    """On the screen, in the answer, and in what the folder remembers."""
    text = TEXT.replace("low: 2,", "low: {lognormal: [2, 0.2]},").replace(": 700", ": 100")
    text = text.replace("SWEEP", "grid: {truth.afc.response.high: [{normal: [3, 0.4]}, 2]}")
    text += "  worlds: {sceptic: {truth.afc.cv: 70 %}}\n"
    path, out = tmp_path / "believed.yaml", tmp_path / "out"
    path.write_text(text, encoding="utf-8")
    code, shown, _ = _run(path, "-o", out, "-t", 1)
    assert code == 0
    told = " ".join(shown.split())
    paths = ["truth.afc.response.low", "truth.afc.response.high"]
    assert f"at the planned value of its distribution: {', '.join(paths)}. This is no" in told
    assert "worlds play no part in a sweep: sceptic." in told
    settings = json.loads((out / "provenance.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["at_planned_value"], settings["worlds_left_out"]) == (paths, ["sceptic"])
    answer = json.loads(_run(path, "-o", out, "-t", 1, "--resume", "--json")[1])
    assert (answer["at_planned_value"], answer["worlds_left_out"]) == (paths, ["sceptic"])
    plain = tmp_path / "plain.yaml"
    plain.write_text(
        text.replace("{lognormal: [2, 0.2]}", "2").replace("{normal: [3, 0.4]}", "3"),
        encoding="utf-8",
    )
    assert _run(plain, "-o", tmp_path / "plain", "-t", 1)[0] == 0
    one, other = (pd.read_csv(folder / "sweep.csv") for folder in (out, tmp_path / "plain"))
    assert one["count"].tolist() == other["count"].tolist()  # the medians, not draws


def test_the_start_of_the_range_is_not_told_as_the_smallest_n(tmp_path: Path) -> None:
    path, out = tmp_path / "late.yaml", tmp_path / "out"
    late = TEXT.replace("from: 4, to: 8", "from: 7, to: 12").replace("SWEEP", SMALL)
    path.write_text(late, encoding="utf-8")
    told = " ".join(_run(path, "-o", out, "-t", 1)[1].split())
    frame = pd.read_csv(out / "designs.csv")
    assert frame["n_is"].tolist()[1] == "this or fewer"  # 4 are enough there
    assert "7 or fewer ≤ 7 21 or fewer" in told
    assert "smaller n were not looked at (decision.n.from: 7)" in told
    svg = (out / "figures" / "power-by-design.svg").read_text(encoding="utf-8")
    assert ("target 0.8" in svg, "3-fold" in svg, "fewer animals may be" in svg) == (True,) * 3


def test_where_all_arms_are_fixed_n_does_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "fixed.yaml", tmp_path / "out"
    text = TEXT.replace("role: control", "role: control, n: 8").replace(
        "role: test", "role: test, n: 8"
    )
    path.write_text(text.replace("SWEEP", SMALL), encoding="utf-8")
    told = " ".join(_run(path, "-o", out, "-t", 1)[1].split())
    assert "all arms fixed: every arm has its own number of animals, so n does nothing" in told
    assert "> 8" not in told
    frame = pd.read_csv(out / "designs.csv")
    assert set(frame["n_is"]) == {"all arms fixed"}
    assert frame[["n", "n_low", "n_high"]].isna().all(axis=None)
    reached = frame["power"] >= 0.8
    assert reached.any()
    assert (frame["animals"].notna() == reached).all()
    assert set(frame.loc[reached, "animals"]) == {24}


def test_what_is_assumed_is_said_but_not_of_what_is_swept(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shown = _run(scenario, "-o", out, "-t", 1)[1]
    assert "assumed: " in shown
    answer = json.loads(_run(scenario, "-o", out, "-t", 1, "--resume", "--json")[1])
    assert isinstance(answer["warnings"], list)
    assert "truth.variability.cage_icc" in {one["path"] for one in answer["assumed"]}
    path = tmp_path / "replaced.yaml"
    text = TEXT.replace("cv: 45 %", "sd_ln: {uniform: [0.4, 0.6], status: assumed, source: me}")
    path.write_text(text.replace("SWEEP", SMALL), encoding="utf-8")
    answer = json.loads(_run(path, "-o", tmp_path / "other", "-t", 1, "--json")[1])
    assert answer["at_planned_value"] == []
    assert not [one for one in answer["assumed"] if one["path"].startswith("truth.variability.afc")]


def test_no_error_is_told_as_none(scenario: Path, tmp_path: Path) -> None:
    assert _run(scenario, "-o", tmp_path / "out", "-t", 1)[0] == 0
    frame = pd.read_csv(tmp_path / "out" / "sweep.csv")
    certain = frame["count"].isin([0, 700])
    assert certain.any()
    assert (frame["mcse"].isna() == certain).all()


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ("seed: [1, 2]", "every design has the same seed"),
        ("decision.n: [6, 8]", "n is not swept: every design has power at every n"),
    ],
)
def test_what_is_not_swept_is_refused_by_file_and_line(
    grid: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace("SWEEP", f"grid: {{{grid}}}"), encoding="utf-8")
    at = next(k for k, row in enumerate(path.read_text("utf-8").splitlines(), 1) if grid in row)
    code, _, told = _run(path, "-o", tmp_path / "out")
    assert (code, f"{path}: 1 problem" in told, f"line {at} " in told) == (2, True, True)
    assert said in told


def test_long_lists_are_drawn_from_the_smallest_to_the_largest() -> None:
    from simulator.output.sweep_places import planned
    from tests.unit.sweeping.sweeps import swept

    values = ", ".join(f"{cv} %" for cv in (30, 70, 35, 65, 40, 60, 45, 55, 50))
    plan = planned(swept(f"grid: {{truth.afc.cv: [{values}]}}")[1])
    drawn = [plan.columns.word(k) for k in plan.columns.drawn]
    assert drawn == ["30 %", "70 %", "40 %", "60 %", "50 %"]
    assert plan.left_out == ("afc.cv 35 %, 65 %, 45 %, 55 %",)
