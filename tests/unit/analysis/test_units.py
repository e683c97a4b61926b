"""The cage as the experimental unit."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.analysis import analyse, plan_for
from simulator.analysis.mann_whitney import mann_whitney
from simulator.analysis.trend import jonckheere
from simulator.analysis.units import cage_medians, one_per_cage
from simulator.cli.app import app
from simulator.errors import DataError
from simulator.scenario.analysis_plan import AnalysisPlan, Trend

from .bench_tables import family

#: Cages of three and of two, by hand: medians 5.1 and 3.5; 16 and 12 and 20.
CAGES = {
    "s1": ("saline", [5.1, 9.0, 4.0]),
    "s2": ("saline", [3.0, 4.0]),
    "d1": ("drug", [18.5, 16.0, 9.9]),
    "d2": ("drug", [12.0, np.nan]),
    "d3": ("drug", [19.0, 21.0]),
    "d4": ("drug", [np.nan, np.nan]),
}


def housed(cages=CAGES, **columns):
    """Return a tidy table of one endpoint: cage -> arm and values."""
    rows = [
        (f"{cage}-{place}", arm, cage, "afc", value)
        for cage, (arm, values) in cages.items()
        for place, value in enumerate(values)
    ]
    frame = pd.DataFrame(rows, columns=["subject_id", "arm", "cage", "endpoint", "value"])
    return frame.assign(**columns)


def by_cage(frame, **options):
    return analyse(frame, AnalysisPlan(families={"primary": family()}, unit="cage", **options))


@pytest.mark.parametrize("mates", [1, 2, 3, 4, 5, 8, 50])
def test_medians_are_numpys(mates):
    rng = np.random.default_rng(3)
    values = rng.lognormal(size=(4 * mates - mates // 2, 60))
    cage = rng.permutation(np.arange(values.shape[0]) // mates) * 3 + 7  # in any order and number
    values[rng.random(values.shape) < 0.05] = np.inf
    values[rng.random(values.shape) < 0.2] = np.nan
    values[np.flatnonzero(cage == cage[0]), :7] = np.nan
    found = cage_medians(values, cage)
    assert np.isnan(found).any()
    for row, one in enumerate(np.unique(cage)):
        for r in range(values.shape[1]):
            there = values[cage == one, r]
            there = there[~np.isnan(there)]
            assert np.array_equal(
                found[row, r], np.median(there) if there.size else np.nan, equal_nan=True
            )


def test_medians_of_no_animals():
    assert cage_medians(np.zeros((0, 4)), np.zeros(0, dtype=np.int64)).shape == (0, 4)


def test_the_bench_and_the_engine_take_the_same_median():
    rng = np.random.default_rng(4)
    values, cage = rng.lognormal(size=23), np.arange(23) // 5
    no = np.zeros(23, dtype=bool)
    medians, below, above = one_per_cage(values, no, no, cage)
    assert medians.tolist() == cage_medians(values[:, None], cage)[:, 0].tolist()
    assert not (below | above).any()


def test_a_cage_is_one_value_in_test_and_effects():
    row = by_cage(housed()).comparisons[0]
    drug, saline = [16.0, 12.0, 20.0], [5.1, 3.5]
    peer = mann_whitney(drug, saline)
    assert (row.unit, row.n_treated, row.n_control) == ("cage", 3, 2)
    assert (row.p_value, row.u, row.method) == (peer.p_value, 6.0, "exact")
    assert (row.median_treated, row.median_control) == (16.0, pytest.approx(4.3))
    assert row.fold_of_medians == pytest.approx(16 / 4.3)
    # the middle of 16/5.1, 16/3.5, 12/5.1, 12/3.5, 20/5.1, 20/3.5
    assert row.hodges_lehmann == pytest.approx(np.sqrt(12 / 3.5 * 20 / 5.1), rel=0.01)
    assert row.note.startswith(
        "medians of 3 v 2 cages (6 v 5 animals); 3 of 9 treated values missing, not used"
    )


def test_the_result_says_that_cages_were_counted():
    result = by_cage(housed())
    assert result.to_dict()["unit"] == "cage"
    assert result.to_dict()["comparisons"][0]["unit"] == "cage"
    assert result.to_frame()["unit"].tolist() == ["cage"]
    assert repr(result).startswith("Analysis: 1 comparisons, 0 trends, unit cage")
    animals = analyse(housed(), AnalysisPlan(families={"primary": family()}))
    assert (animals.unit, animals.comparisons[0].n_treated) == ("animal", 6)


def test_cages_that_hold_one_arm_are_said_where_animals_are_counted():
    def notes(frame, **options):
        return analyse(frame, AnalysisPlan(families={"primary": family()}, **options)).notes

    [note] = notes(housed())
    assert note.startswith("every cage holds animals of one arm only, and the tests count animals")
    assert notes(housed(), unit="cage") == ()
    assert notes(housed(), acknowledge="pseudoreplication") == ()
    assert notes(housed(cage=["x", "y"] * 7)) == ()  # mixed
    assert notes(housed(cage=np.arange(14))) == ()  # one animal each


def test_a_trend_over_cages():
    cages = {
        f"{arm}{i}": (arm, [place + i + 0.1, place + i + 0.4])
        for place, arm in enumerate("abc")
        for i in (1, 2)
    }
    trend = Trend(endpoint="afc", arms=tuple("abc"))
    row = analyse(housed(cages), AnalysisPlan(trends={"dose": trend}, unit="cage")).trends[0]
    peer = jonckheere([np.array([1.25, 2.25]) + place for place in range(3)])
    assert (row.p_value, row.statistic, row.n) == (peer.p_value, peer.statistic, (2, 2, 2))
    assert (row.unit, row.note) == ("cage", "medians of 2 v 2 v 2 cages (4 v 4 v 4 animals)")


def test_a_median_is_out_of_range_where_both_middle_animals_are():
    frame = housed(
        {
            "s1": ("saline", [1.0, 1.0, 64.0]),  # below, as recorded 1
            "s2": ("saline", [1.0, 4.0]),  # 2.5, in range
            "d1": ("drug", [512.0, 512.0]),  # above
            "d2": ("drug", [1.0, 512.0]),  # one of each: 256.5
        }
    )
    frame["censored"] = frame["value"].map({1.0: "below", 512.0: "above"}).fillna("")
    row = by_cage(frame).comparisons[0]
    assert (row.u, row.median_control, row.median_treated) == (4.0, 1.75, pytest.approx(384.25))
    assert "1 of 2 treated cage medians above the range" in row.note
    assert "1 of 2 control cage medians below the range" in row.note


def refused(frame):
    with pytest.raises(DataError, match="problem") as caught:
        by_cage(frame)
    return [(found.path, found.message) for found in caught.value.problems]


def test_cages_must_be_there():
    [(path, message)] = refused(housed().drop(columns="cage"))
    assert path == "cage"
    assert message.startswith("column is missing: the unit is the cage")
    [(path, message)] = refused(housed(cage=[*["x"] * 5, "", None, " ", *["y"] * 6]))
    assert (path, message) == (
        "cage",
        'is empty for 3 values, first of "d1-0"; the unit is the cage, so every animal needs one',
    )
    # an animal without a value needs none
    cages = housed()["cage"].where(housed()["value"].notna(), None)
    assert by_cage(housed(cage=cages)).comparisons[0].n_treated == 3


def test_a_cage_of_two_arms_is_not_the_unit():
    cages = housed()["cage"].str.slice(1)  # numbered anew in every arm
    found = refused(housed(cage=cages))
    assert found[0] == (
        "cage",
        '"1" holds animals of arms saline, drug, so the cage is not the unit: give every cage a '
        "name of its own, or analyse animals",
    )
    assert len(found) == 2


def test_an_animal_lives_in_one_cage():
    frame = pd.concat([housed(), housed().iloc[:1].assign(endpoint="titer", cage="s9")])
    assert refused(frame.reset_index(drop=True)) == [
        ("subject_id", '"s1-0" is in cages s1, s9: give every animal one cage')
    ]


@pytest.mark.parametrize("wide", [False, True])
def test_the_command_counts_cages(tmp_path, wide):
    frame = housed().rename(columns={"cage": "Cage No"})
    if wide:
        frame = frame.drop(columns="endpoint").rename(columns={"value": "AFC"})
    path = tmp_path / "bench.csv"
    frame.to_csv(path, index=False)
    run = CliRunner().invoke
    done = run(app, ["analyse", str(path), "--control", "saline", "--unit", "cage", "--json"])
    found = json.loads(done.stdout)
    row = found["comparisons"][0]
    assert (found["unit"], row["unit"], row["n_treated"], row["n_control"]) == (
        "cage",
        "cage",
        3,
        2,
    )
    printed = run(app, ["analyse", str(path), "--control", "saline", "--unit", "cage"]).stdout
    assert "cages" in printed
    assert "unit: cage (median of its animals)" in printed
    frame.drop(columns="Cage No").to_csv(path, index=False)
    done = run(app, ["analyse", str(path), "--control", "saline", "--unit", "cage"])
    assert done.exit_code == 2
    assert "column is missing: the unit is the cage" in " ".join(done.stderr.split())


def test_plan_for_takes_the_unit():
    plan = plan_for(housed(), control="saline", unit="cage")
    assert plan.unit == "cage"
    assert analyse(housed(), plan).comparisons[0].n_treated == 3
