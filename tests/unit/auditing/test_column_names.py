"""Columns that are not read though they are meant to be: who wrote them is told."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from simulator import analyse, audit, load_scenario
from simulator.auditing.claims import OPTIONAL, REQUIRED, Asked, notes_of
from simulator.auditing.commands.data_file import PLAN_COLUMNS
from simulator.auditing.commands.result_file import claims_of_bytes, claims_of_frame
from simulator.tables import OBSERVATION_COLUMNS

SCENARIO = load_scenario("quick-start")
PLAN = SCENARIO.analysis


def meant(*names: str) -> dict[str, str]:
    """Return what is said to be meant by which columns beside the required ones."""
    notes = [note.split('"') for note in notes_of([*REQUIRED, *names])]
    assert all(note[::2] == ["the column ", " is not read; did you mean ", "?"] for note in notes)
    return {note[1]: note[3] for note in notes}


@pytest.mark.parametrize(
    ("names", "name"),
    [
        # R: p.adjust, rstatix, DESeq2, limma, qvalue; Python: statsmodels, pingouin; by hand
        (
            [
                *("p.adj", "padj", "p_adj", "p.adjust", "adj.P.Val", "qvalue", "FDR", "p-corr"),
                *("adj_p", "adjusted_p", "p.adjusted", "P_adjusted", "p_value_adj", "padjusted"),
            ],
            "p_adjusted",
        ),
        # broom, confint, emmeans, predict
        (["conf.low", "lower", "lower.CL", "lwr", "ci_lower", "CI low", "ci95_low"], "ci_low"),
        (["conf.high", "upper", "upper.CL", "upr", "ci_upper", "ci.high"], "ci_high"),
        (["reject", "Rejected", "significant", "rejectd"], "rejected"),
        (["Estimate", "estimates", "estimte"], "estimate"),
        (["U"], "u"),
        (["Family"], "family"),
    ],
)
def test_names_that_are_meant_for_ours(names: list[str], name: str) -> None:
    assert meant(*names) == dict.fromkeys(names, name)
    assert meant(*names, name) == {}  # it is there: the others are something else


def test_other_columns_are_nobody_s_business() -> None:
    others = ["", "X", "1", "n_treated", "method", "note", "statistic", "relative_effect", "mean"]
    assert meant(*others, "p.adj\x1b[31m", *OBSERVATION_COLUMNS, *PLAN_COLUMNS) == {}
    assert meant(*OPTIONAL, "family") == {}
    found = analyse(pd.DataFrame(_observations()), PLAN).to_dict()["comparisons"][0]
    assert set(meant(*found)) == set()


def _observations() -> list[dict[str, object]]:
    return [
        {"subject_id": f"{arm}{k}", "arm": arm, "cage": "a", "endpoint": "afc", "day": 1.0}
        | {"value": float(k), "unit": "", "censored": ""}
        for arm in ("drug", "saline")
        for k in range(4)
    ]


def test_every_way_of_reading_tells_the_same() -> None:
    row = {"endpoint": "afc", "treated": "drug", "control": "saline", "p_value": 0.5, "padj": 0.5}
    frame, asked = pd.DataFrame([row]), Asked.of(PLAN)
    found = [
        claims_of_bytes(text.encode(), asked, source="x")
        for text in (json.dumps([row]), frame.to_csv(), frame.to_csv(index=False, sep=";"))
    ]
    found += [
        claims_of_frame(one, asked, source="x") for one in (frame, frame.astype({"p_value": str}))
    ]
    assert {one.notes for one in found} == {
        ('the column "padj" is not read; did you mean "p_adjusted"?',)
    }


def test_it_is_told_once_by_the_audit() -> None:
    def analysis(observations: pd.DataFrame) -> pd.DataFrame:
        table = analyse(observations, PLAN).to_frame()
        table = table[[*REQUIRED, "p_adjusted"]]
        odd = float(observations["value"].sum()) % 2 < 1
        return table.rename(columns={"p_adjusted": "p.adj"}).assign(**{"lwr": 1.0} if odd else {})

    found = audit(analysis, SCENARIO, replicates=8, n=5)
    assert set(found.notes) == {
        'the column "p.adj" is not read; did you mean "p_adjusted"?',
        'the column "lwr" is not read; did you mean "ci_low"?',
    }
    assert len(found.notes) == 2
    assert found.to_dict()["notes"] == list(found.notes)
    assert all(note in str(found) for note in found.notes)
    assert not any(line.verdict == "fail" for line in found.of("failures"))
