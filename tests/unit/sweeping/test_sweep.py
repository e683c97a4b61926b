"""The tables of a sweep against other roads to the same numbers; folders that cannot be used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import power
from simulator.engine.local import LocalEngine
from simulator.errors import OutputError, RunFolderError, ScenarioError
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.replicates import Counts
from simulator.scenario_files import load_text
from simulator.sweeping import checkpoint as checkpoints
from simulator.sweeping import designs as designs_of
from simulator.sweeping import sweep as sweeps
from simulator.sweeping.checkpoint import NAME, Checkpoint
from simulator.sweeping.columns import wilson
from simulator.sweeping.sweep import SweepResult, sweep
from simulator.versions import program
from tests.unit.sweeping.sweeps import SMALL, TEXT, swept

ONE = LocalEngine(1)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    return sweep(swept()[0], tmp_path_factory.mktemp("swept") / "out", engine=ONE)


def test_a_row_is_what_power_says_of_the_edited_file(found: SweepResult) -> None:
    """Exactly: the same replicates, by the other entrance."""
    edited = TEXT.replace("cv: 45 %", "cv: 30 %").replace("high: 3}", "high: 2}")
    result = power(load_text(edited.replace("SWEEP", SMALL)).scenario, n=6, replicates=700)
    frame = found.to_frame()
    rows = frame[(frame["design"] == 1) & (frame["n"] == 6)]

    def counts(quantity: str) -> list[int]:
        return list(rows[rows["quantity"] == quantity]["count"])

    assert counts("power") == [c.power.count for c in result.comparisons]
    assert counts("type_i") == [c.type_i.count for c in result.comparisons]
    assert counts("type_i_per_test") == [c.type_i_per_test.count for c in result.comparisons]
    assert counts("untestable") == [c.untestable.count for c in result.comparisons]
    assert counts("any") == [f.any.count for f in result.families]
    assert counts("all") == [f.all.count for f in result.families]
    assert counts("fwer") == [f.fwer.count for f in result.families]
    assert counts("trend_power") == [t.power.count for t in result.trends]
    assert counts("trend_type_i") == [t.type_i.count for t in result.trends]
    assert counts("decision") == [p.target.count for p in result.curve if p.n == 6]
    assert set(rows["animals"]) == {sum(result.sizes.values())}
    compared = rows[rows["treated"] != ""]
    for side in ("treated", "control"):
        assert compared[f"n_{side}"].tolist() == [result.sizes[arm] for arm in compared[side]]
    assert rows.loc[rows["treated"] == "", ["n_treated", "n_control"]].isna().all(axis=None)


def test_the_table_is_tidy(found: SweepResult) -> None:
    frame = found.to_frame()
    key = ["design", "n", "family", "endpoint", "treated", "control", "quantity"]
    assert not frame.duplicated(key).any()
    # comparisons x 4, family x 3, trend x 2, decision; 5 n; 4 designs
    assert len(frame) == (2 * 4 + 3 + 2 + 1) * 5 * 4
    assert frame["truth.afc.cv"].unique().tolist() == ["30 %", "45 %"]
    assert frame["truth.afc.response.high"].dtype == np.int64
    csv = pd.read_csv(found.folder / "sweep.csv", keep_default_na=False)
    assert list(csv.columns) == list(frame.columns)
    assert csv["value"].tolist() == frame["value"].tolist()
    decision = frame[frame["quantity"] == "decision"]
    wide = decision.pivot_table(index="design", columns="n", values="value")
    assert wide.shape == (4, 5)


def test_intervals_are_those_of_probability() -> None:
    counts = np.array([0, 1, 350, 699, 700])
    low, high = wilson(counts, 700)
    for k, count in enumerate(counts):
        assert (low[k], high[k]) == pytest.approx(Probability(int(count), 700).ci, abs=1e-14)


def test_the_smallest_n_stays_at_the_target(found: SweepResult) -> None:
    curves = found.to_frame().query("quantity == 'decision'")
    for row in found.designs_frame().itertuples():
        curve = curves[curves["design"] == row.design].set_index("n")
        stays = [n for n in curve.index if (curve.loc[n:, "value"] >= 0.8).all()]
        shown_enough = [n for n in curve.index if (curve.loc[n:, "ci_low"] >= 0.8).all()]
        too_small = [n for n in curve.index if curve.loc[n, "ci_high"] < 0.8]
        assert (row.n if row.n == row.n else None) == (stays[0] if stays else None)
        assert (row.n_high if row.n_high == row.n_high else None) == (
            shown_enough[0] if shown_enough else None
        )
        low = max(too_small, default=3) + 1
        assert (row.n_low if row.n_low == row.n_low else None) == (low if low <= 8 else None)


class Counting:
    """One thread, which remembers how many replicates it ran."""

    def __init__(self, most: int = 10**9) -> None:
        self.most, self.ran = most, 0

    def run(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Generator[tuple[Any, Any]]:
        for k, task in enumerate(tasks):
            if k == self.most:
                raise KeyboardInterrupt
            self.ran += task.replicates
            yield task, work(task)


def test_a_larger_grid_and_more_replicates_use_what_is_there(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    fewer = "grid: {truth.afc.cv: [45 %], truth.afc.response.high: [2, 3]}"
    sweep(swept(fewer)[0], small, replicates=5_600, engine=ONE)
    counting = Counting()
    grown = sweep(swept()[0], small, replicates=10_700, engine=counting, resume=True)
    # two new designs; of the old ones the whole task of 5,000 stays, the cut one is done again
    assert counting.ran == 2 * 10_700 + 2 * 5_700
    sweep(swept()[0], large, replicates=10_700, engine=ONE)
    for name in ("sweep.csv", "sweep.parquet", "designs.csv"):
        assert (small / name).read_bytes() == (large / name).read_bytes()
    again = Counting()
    assert sweep(swept()[0], small, engine=again, resume=True).replicates == grown.replicates
    assert again.ran == 0


@pytest.mark.parametrize("there", [False, True])
def test_a_sweep_that_ends_before_its_first_result_leaves_nothing(
    tmp_path: Path, there: bool
) -> None:
    folder = tmp_path / "out"
    if there:
        folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        sweep(swept()[0], folder, replicates=1_000, engine=Counting(most=0))
    assert folder.exists() == there
    assert not there or not any(folder.iterdir())
    with pytest.raises(KeyboardInterrupt):
        sweep(swept()[0], folder, replicates=1_000, engine=Counting(most=1))
    assert (folder / "checkpoint.sqlite").exists()


def test_old_tables_are_not_left_beside_a_new_origin(tmp_path: Path) -> None:
    from simulator.output.run_folder import MARK
    from simulator.sweeping.tables import ORIGIN, whole_tables

    assert ORIGIN == MARK
    (tmp_path / ORIGIN).write_text("{}")
    with pytest.raises(KeyboardInterrupt), whole_tables(tmp_path, {}):
        raise KeyboardInterrupt
    assert (tmp_path / ORIGIN).exists(), "the old tables are whole, and so is their origin"
    with whole_tables(tmp_path, {}):
        pass
    assert not (tmp_path / ORIGIN).exists()


def test_counts_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.sweeping import counted

    one = Counts(7, *(np.arange(3) + k for k in range(len(fields(Counts)) - 1)))
    data = counted.packed((one, one))
    back = counted.unpacked(data)[0]
    assert all(np.array_equal(getattr(one, f.name), getattr(back, f.name)) for f in fields(Counts))
    monkeypatch.setattr(counted, "_NAMES", (*counted._NAMES, "lost"))
    with pytest.raises(ValueError, match="not the counts of this version"):
        counted.unpacked(data)


def test_the_order_of_completion_changes_nothing(tmp_path: Path, found: SweepResult) -> None:
    class Backwards:
        def run(
            self, work: Callable[[Any], Any], tasks: Iterable[Any]
        ) -> Generator[tuple[Any, Any]]:
            yield from ((task, work(task)) for task in reversed(list(tasks)))

    sweep(swept()[0], tmp_path / "out", engine=Backwards())
    for name in ("sweep.csv", "sweep.parquet", "designs.csv", "designs.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (found.folder / name).read_bytes()


def test_stopped_and_resumed(tmp_path: Path, found: SweepResult) -> None:
    with pytest.raises(KeyboardInterrupt):
        sweep(swept()[0], tmp_path / "out", engine=Counting(2))
    assert not (tmp_path / "out" / "sweep.csv").exists()
    with pytest.raises(OutputError, match="a sweep that was begun; continue it with --resume"):
        sweep(swept()[0], tmp_path / "out", engine=ONE)
    rest = Counting()
    sweep(swept()[0], tmp_path / "out", engine=rest, resume=True)
    assert rest.ran == 2 * 700
    assert (tmp_path / "out/sweep.csv").read_bytes() == (found.folder / "sweep.csv").read_bytes()


APART = "grid: {decision.n.from: [4, 7], decision.n.to: [6, 8]}"


def test_values_that_do_not_go_together_are_said_before_anything_is_run(tmp_path: Path) -> None:
    counting = Counting()
    with pytest.raises(ScenarioError, match=r"design 3 \(decision.n.from: 7, decision.n.to: 6\)"):
        sweep(swept(APART)[0], tmp_path / "out", engine=counting)
    assert counting.ran == 0
    assert not (tmp_path / "out").exists()


def test_or_are_rows_where_there_are_very_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(designs_of, "CHECKED_BEFORE", 3)
    result = sweep(swept(APART)[0], tmp_path / "out", engine=ONE)
    assert result.failed == 1
    rows = result.designs_frame()
    assert rows["error"].isna().tolist() == [True, True, False, True]
    assert "to (6) is below from (7)" in rows["error"][2]
    assert result.to_frame().query("design == 3")["count"].isna().all()


# -- folders and checkpoints -------------------------------------------------------------------


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    with pytest.raises(KeyboardInterrupt):
        sweep(swept()[0], tmp_path / "out", engine=Counting(2))
    return tmp_path / "out"


def test_a_changed_scenario_is_named(begun: Path) -> None:
    text = TEXT.replace("SWEEP", SMALL).replace("5e4", "6e4").replace("adjust: holm", "adjust: bh")
    with pytest.raises(RunFolderError, match="the scenario has changed since") as caught:
        sweep(load_text(text).scenario, begun, engine=ONE, resume=True)
    paths = [problem.path for problem in caught.value.problems]
    assert "truth.afc.control.value" in paths
    assert "analysis.families.main.adjust" in paths
    sweep(swept()[0], begun, engine=ONE, resume=True)  # nothing was lost


def test_fewer_replicates_than_there_are(begun: Path) -> None:
    with pytest.raises(OutputError, match="ask for 700 or more"):
        sweep(swept()[0], begun, replicates=100, engine=ONE, resume=True)


def test_other_versions(begun: Path) -> None:
    with Checkpoint(begun) as checkpoint:
        checkpoint.set_notes(program=program().replace("afcsim ", "afcsim 9."))
    with pytest.raises(OutputError, match="numbers of both are not to be mixed"):
        sweep(swept()[0], begun, engine=ONE, resume=True)


def test_two_processes_on_one_folder(begun: Path) -> None:
    with Checkpoint(begun), pytest.raises(OutputError, match="another process is running"):
        sweep(swept()[0], begun, engine=ONE, resume=True)
    sweep(swept()[0], begun, engine=ONE, resume=True)


def test_every_changed_byte_is_seen_or_harmless(begun: Path, found: SweepResult) -> None:
    """At 60 places, evenly over the file: an error that says so, or the right table."""
    file = begun / NAME
    good, right = file.read_bytes(), (found.folder / "sweep.csv").read_bytes()
    said: list[tuple[int, str]] = []
    untouched: list[bool] = []
    for place in range(0, len(good), max(1, len(good) // 60)):
        file.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        try:
            sweep(swept()[0], begun, engine=ONE, resume=True)
        except (OutputError, RunFolderError) as error:
            said.append((place, str(error)))
            untouched.append(file.read_bytes()[place] == good[place] ^ 0x55)
        else:
            assert (begun / "sweep.csv").read_bytes() == right
        for name in ("-wal", "-shm"):
            file.with_name(NAME + name).unlink(missing_ok=True)
    assert len(said) > 5
    assert all(untouched)
    assert [s for s in said if "damaged" not in s[1] and "no checkpoint of ours" not in s[1]] == []


@pytest.mark.parametrize("damage", ["half", "text", "other"])
def test_a_damaged_checkpoint(begun: Path, damage: str) -> None:
    import sqlite3

    file = begun / NAME
    data = file.read_bytes()
    if damage == "half":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "text":
        file.write_text("this is no database, but long enough to be looked at " * 40)
    else:
        file.unlink()
        with sqlite3.connect(file) as base:
            base.execute("CREATE TABLE mine (x)")
        base.close()
    with pytest.raises(OutputError, match=r"is damaged|no checkpoint of ours"):
        sweep(swept()[0], begun, engine=ONE, resume=True)
    assert file.exists()


def test_a_full_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: SweepResult
) -> None:
    add = Checkpoint.add
    calls = []

    def fills(self: Checkpoint, design: bytes, row: checkpoints.Row) -> None:
        calls.append(row)
        if len(calls) == 3:  # SQLite's own error of a full disk
            pages = self._base.execute("PRAGMA page_count").fetchone()[0]
            self._base.execute(f"PRAGMA max_page_count = {pages}")
            row = checkpoints.Row(row.first, row.replicates, row.counts + bytes(10**6))
        add(self, design, row)

    monkeypatch.setattr(Checkpoint, "add", fills)
    with pytest.raises(OutputError, match="the disk is full; what was computed is kept"):
        sweep(swept()[0], tmp_path / "out", engine=ONE)
    monkeypatch.undo()
    rest = Counting()
    sweep(swept()[0], tmp_path / "out", engine=rest, resume=True)
    assert rest.ran == 2 * 700
    assert (tmp_path / "out/sweep.csv").read_bytes() == (found.folder / "sweep.csv").read_bytes()


def test_tables_that_cannot_be_written_leave_the_checkpoint(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sweeps, "sweep_batch", full)
    with pytest.raises(OutputError, match=r"the tables cannot be written: the disk is full"):
        sweep(swept()[0], begun, engine=ONE, resume=True)
    monkeypatch.undo()
    assert sorted(file.name for file in begun.iterdir()) == [NAME]
    rest = Counting()
    sweep(swept()[0], begun, engine=rest, resume=True)
    assert rest.ran == 0


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    scenario = swept()[0]
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is not a folder"):
        sweep(scenario, tmp_path / "file", engine=ONE)
    with pytest.raises(OutputError, match=r"cannot be (made|used)"):
        sweep(scenario, tmp_path / "file" / "inside", engine=ONE)
    with pytest.raises(OutputError, match="is not empty and holds no sweep"):
        sweep(scenario, tmp_path, engine=ONE, resume=True)


def test_two_threads_prepare_a_design_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.sweeping import work

    made: list[str] = []
    lock = threading.Lock()
    studies = work.Studies

    def counted(*args: Any, **settings: Any) -> Any:
        with lock:
            made.append(args[0].id)
        return studies(*args, **settings)

    monkeypatch.setattr(work, "Studies", counted)
    work._ready.clear()
    scenario = swept("grid: {truth.afc.cv: [33 %]}")[0]
    sweep(scenario, tmp_path / "out", replicates=20_000, engine=LocalEngine(4))
    assert len(made) == 1
