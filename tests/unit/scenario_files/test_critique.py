"""Warnings of the critique: what loads, but is unwise."""

from __future__ import annotations

import pytest

from simulator.scenario_files import load_text, read_scenario

PLAN = """\
schema_version: 1
id: plan
question: Is this plan wise?
seed: 1
design:
  animals: {weight: {mean: 20 g, sd: 1 g}, per_cage: 5}
  substances:
    saline: {role: vehicle}
    drug: {role: test, stock: 3.5 mg/mL}
  schedules:
    daily: {start: 0 d, every: 1 d, count: 5}
  arms:
    control: {substance: saline, dose: 10 uL/kg, route: SC, schedule: daily}
    drug: {substance: drug, dose: 10 uL/kg, route: SC, schedule: daily}
  endpoints:
    afc: {kind: plaque_count, day: 5}
truth:
  response: kinetic
  effects: {drug: {SC: {emax: 0.4, ec50: 50 ug/kg}}}
decision: {n: {from: 4, to: 10}}
"""


TREND = "{endpoint: afc, arms: [control, drug]}"
FAMILY = "{endpoint: afc, arms: test, against: control, adjust: %s}"
HOLM = FAMILY % "holm"
LATE = "{kind: titer, day: 9, satellite: true}"


def warnings(*changes: tuple[str, str]) -> list[str]:
    text = PLAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [str(problem) for problem in load_text(text).warnings]


def test_a_wise_plan_has_none() -> None:
    assert warnings() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [("dose: 10 uL/kg", "dose: 15 mL/kg")],
            "line 13  design.arms.control.dose  SC 15 mL/kg (0.3 mL in a mouse of 20 g) is over "
            "good practice (10 mL/kg; the maximum is 40)",
        ),
        (
            [("dose: 10 uL/kg, route: SC", "dose: 3 mL/kg, route: IM"), ("{SC:", "{IM:")],
            "IM 0.06 mL in a mouse of 20 g is over good practice (0.05 mL per site; the maximum "
            "is 0.1)",
        ),
        (
            [("route: SC", "route: IV"), ("10 uL/kg", "5.1 mL/kg"), ("{SC:", "{IV:")],
            "IV 5.1 mL/kg (0.102 mL in a mouse of 20 g) is over good practice (5 mL/kg",
        ),
        (
            [("route: SC", "route: IP"), ("10 uL/kg", "21 mL/kg"), ("{SC:", "{IP:")],
            "IP 21 mL/kg (0.42 mL in a mouse of 20 g) is over good practice (20 mL/kg",
        ),
        (
            [("count: 5", "count: 8")],
            "line 13  design.arms.control.schedule  daily doses on day 6, 7, after the kill on "
            "day 5: those doses never happen",
        ),
        (
            [("kind: plaque_count", "kind: titer"), ("count: 5", "count: 8")],
            "daily doses on day 6, 7, after the last reading on day 5: those doses change nothing",
        ),
        (
            [("{from: 4, to: 10}", "{from: 3, to: 3}")],
            "line 20  decision.n.to  with 3 v 3 animals the smallest p without ties is 0.1, above "
            "the first threshold 0.05: unless values are tied, significance is out of reach "
            "whatever the effect (p = 2/C(6,3))",
        ),
        (
            [("saline, dose: 10 uL/kg, route: SC", "saline, dose: 20 uL/kg, route: IM")],
            "line 13  design.arms.control  is compared with arms injected otherwise (route: drug; "
            "volume: drug): a difference may come from the injection; afcsim allocate dilutes the "
            "stocks to one volume per kg for each route",
        ),
        (
            [("drug: {SC:", "drug: {IM: {emax: 0.4, ec50: 50 ug/kg}, SC:")],
            "truth.effects.drug.IM  is not used: no arm gets drug IM",
        ),
        (
            [("response: kinetic", "afc: {control: 5e4 /spleen, response: fold}")],
            "truth.effects.drug  is not used: only the kinetic response knows effects",
        ),
        (
            [("decision:", f"analysis: {{trends: {{t: {TREND}}}}}\ndecision:")],
            "analysis.trends.t.arms  a trend over two arms is a comparison: name at least three",
        ),
        (
            [
                ("day: 5}\ntruth", f"day: 5}}\n    titer: {LATE}\ntruth"),
                ("to: 10}", "to: 10}, limits: {animals: 15}"),
            ],
            "decision.limits.animals  15 animals are fewer than the 16 of the smallest n searched",
        ),
        (
            [
                ("{from: 4, to: 10}", "{from: 3, to: 3}"),
                (
                    "decision:",
                    f"analysis: {{method: asymptotic, families: {{f: {HOLM}}}}}\ndecision:",
                ),
                ("substance: drug, dose: 10 uL/kg", "substance: drug, dose: [10 uL/kg, 9 uL/kg]"),
            ],
            "analysis.families.f  with 3 v 3 animals the smallest p is 0.0809, above the first "
            "threshold 0.05/2 (holm): significance is out of reach whatever the effect (normal",
        ),
        (
            [("drug: {substance: drug, dose: 10 uL/kg, route: SC, schedule: daily}",
              "drug: {regimens: [{substance: drug, dose: 6 mL/kg, route: SC, schedule: daily}, "
              "{substance: saline, dose: 5 mL/kg, route: SC, schedule: daily}]}")],
            "design.arms.drug  SC 11 mL/kg (0.22 mL in a mouse of 20 g) on one day, drug and "
            "saline together, is over good practice (10 mL/kg; the maximum is 40)",
        ),
        (
            [("to: 10}", "to: 10}, limits: {animals: 7}")],
            "decision.limits.animals  7 animals are fewer than the 8 of the smallest n searched",
        ),
        (
            [("drug: {substance", "drug: {n: 9, ratio: 2, substance")],
            "design.arms.drug.ratio  does nothing, because n: 9 fixes the number of animals",
        ),
    ],
)  # fmt: skip
def test_warning(changes: list[tuple[str, str]], expected: str) -> None:
    found = warnings(*changes)
    assert any(expected in warning for warning in found), found


@pytest.mark.parametrize(
    ("adjust", "n", "impossible"),
    [
        # 2/C(8,4) = 0.0286 against 0.05/2 = 0.025 for Holm and Bonferroni, 0.05 for the others.
        ("holm", 4, True),
        ("bonferroni", 4, True),
        ("hochberg", 4, False),
        ("none", 4, False),
        ("holm", 5, False),
        ("hochberg", 3, True),
    ],
)
def test_the_first_threshold_depends_on_the_adjustment(
    adjust: str, n: int, impossible: bool
) -> None:
    found = warnings(
        ("substance: drug, dose: 10 uL/kg", "substance: drug, dose: [10 uL/kg, 9 uL/kg]"),
        ("{from: 4, to: 10}", f"{{from: 3, to: {n}}}"),
        ("decision:", f"analysis: {{families: {{f: {FAMILY % adjust}}}}}\ndecision:"),
    )  # fmt: skip
    assert any("out of reach" in warning for warning in found) is impossible


def test_limits_met_exactly_are_kept() -> None:
    assert warnings(("dose: 10 uL/kg", "dose: 10 mL/kg")) == []
    im = ("dose: 10 uL/kg, route: SC", "dose: 2.5 mL/kg, route: IM")
    assert warnings(im, ("{SC:", "{IM:")) == []


def test_too_small_says_why() -> None:
    _, warning = read_scenario("too-small").warnings
    assert "is 0.1, above the first threshold 0.05/2 (holm)" in warning.message
    assert warning.message.endswith("(p = 2/C(6,3))")


def test_a_satellite_may_be_read_after_the_kill() -> None:
    late = ("  endpoints:\n", "  endpoints:\n    titer: {kind: titer, day: 9, satellite: true}\n")
    assert warnings(late) == []


def criticised(analysis: str, n: str = "{from: 10, to: 20}") -> list[str]:
    """Return the warnings of a plan with this analysis block."""
    return warnings(("{from: 4, to: 10}", n), ("decision:", f"analysis: {analysis}\ndecision:"))


def test_options_of_another_test_are_not_used() -> None:
    family = FAMILY % "holm, test: permutation, method: exact"
    assert criticised(f"{{families: {{f: {family}}}}}") == [
        "line 20  analysis.families.f.method  is not used: the test permutation has no methods"
    ]
    assert criticised(f"{{test: permutation, method: exact, families: {{f: {HOLM}}}}}") == [
        "line 20  analysis.method  is not used: no family is tested by mann_whitney"
    ]
    mixed = FAMILY % "holm, test: mann_whitney"
    assert (
        criticised(f"{{test: permutation, method: exact, families: {{f: {HOLM}, g: {mixed}}}}}")
        == []
    )
    assert criticised(f"{{method: mid-p, families: {{f: {HOLM}}}}}") == []


def test_brunner_munzel_needs_animals() -> None:
    wanted = f"{{test: brunner_munzel, families: {{f: {HOLM}}}}}"
    assert criticised(wanted) == []
    (warning,) = criticised(wanted, "{from: 9, to: 20}")
    assert warning == (
        "line 20  analysis.test  brunner_munzel is a t approximation for about 10 animals per arm "
        "and more, the smallest arm searched has 9: there it may reject too often; test: "
        "permutation holds alpha"
    )


def test_a_permutation_test_needs_relabelings() -> None:
    plan = "{test: permutation, alternative: %s, resamples: %d, families: {f: %s}}"
    strict = HOLM.replace("}", ", alpha: 0.01}")
    assert criticised(plan % ("two-sided", 199, strict)) == []  # 2/200 is alpha
    assert criticised(plan % ("greater", 99, strict)) == []
    (warning,) = criticised(plan % ("two-sided", 198, strict))
    assert warning.endswith(
        "where values are tied, 198 relabelings give no p below 0.0101, above the first threshold "
        "0.01: raise analysis.resamples"
    )
    small = "{from: 4, to: 8}"  # all relabelings are looked at: resamples do not matter
    assert criticised(plan % ("two-sided", 99, strict), small) == []


def stated(afc: str, titer: str = "200", endpoints: str = "") -> list[str]:
    """Return the warnings of a plan with stated levels, the drug raising both threefold."""
    fold = "response: {model: fold, drug: 3}"
    return warnings(
        ("  response: kinetic\n", ""),
        ("  effects: {drug: {SC: {emax: 0.4, ec50: 50 ug/kg}}}\n", ""),
        ("truth:\n", f"truth:\n  afc: {{control: {afc}, {fold}}}\n"),
        ("truth:\n", f"truth:\n  titer: {{control: {titer}, {fold}}}\n"),
        ("  endpoints:\n", f"  endpoints:\n    titer: {{kind: titer, day: 5{endpoints}}}\n"),
    )


@pytest.mark.parametrize(
    ("afc", "expected"),
    [
        ("1.01e5 /spleen", "about 300 plaques per plate are expected (drug), more than the 300"),
        ("5e6 /spleen", "about 15000 plaques per plate are expected (control and drug), more"),
        ("4e3 /spleen", "about 4 plaques per plate are expected (control), too few for a count"),
    ],
)
def test_plates_are_countable(afc: str, expected: str) -> None:
    (warning,) = stated(afc)
    assert "design.endpoints.afc.plated  " in warning
    assert expected in warning


def test_a_suggested_share_is_countable() -> None:
    (warning,) = stated("5e6 /spleen")
    share = float(warning.rsplit("plated: ", 1)[1])
    assert 5 < 5e6 * share < 3 * 5e6 * share < 300


def test_expected_titers_fit_the_wells() -> None:
    assert stated("5e4 /spleen", "2") == []  # exactly the first well
    assert stated("5e4 /spleen", "1365") == []  # drug: 4095, the last well is 1:4096
    (low,) = stated("5e4 /spleen", "1.9")
    assert "a titer of 1.9 is expected (control), below the first well (1:2)" in low
    (high,) = stated("5e4 /spleen", "1366")
    assert "a titer of 4100 is expected (drug), above the last well (1:4096)" in high
    assert "at least 13" in high
    assert stated("5e4 /spleen", "1366", ", wells: 13") == []


def test_levels_of_a_dose_curve_are_those_of_the_model() -> None:
    curve = "response: {model: emax, drug: {SC: {emax: 6, ed50: 35 ug/kg}}}"
    (warning,) = warnings(
        ("response: kinetic", f"afc: {{control: 5e4 /spleen, {curve}}}"),
        ("  effects: {drug: {SC: {emax: 0.4, ec50: 50 ug/kg}}}\n", ""),
    )
    # 10 uL/kg of 3.5 mg/mL is the ED50: half of ln fold 6, so 50 * exp(3) = 1004 per plate.
    assert "about 1000 plaques per plate are expected (drug)" in warning


def test_an_arm_bought_twice() -> None:
    doses = ("dose: 10 uL/kg, route: SC, schedule: daily}\n  endp", "dose: [10 uL/kg, 35 ug/kg], ")
    (warning,) = warnings((doses[0], doses[1] + "route: SC, schedule: daily}\n  endp"))
    assert warning.endswith(
        "drug-35 gets exactly what drug-10 gets: leave one of them out, unless it is meant"
    )
