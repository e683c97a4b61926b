"""Small resolved studies for the tests of the mouse, the assays and the trial."""

from __future__ import annotations

from typing import Any

from simulator.scenario import Scenario

#: Daily injections on days 0-4, as in the study that the design reproduces.
DAILY = [0, 1, 2, 3, 4]

#: Monte Carlo tolerances are this many standard errors: a correct program fails one check in
#: 16,000 (two-sided normal), and the seeds are fixed, so it fails never or always.
K_MCSE = 4.0


def arm(
    role: str,
    substance: str,
    route: str = "IM",
    volume: float | None = 10.0,
    mass: float | None = None,
    schedule: str = "daily",
    **more: Any,
) -> dict[str, Any]:
    """Return one arm with one regimen."""
    dose: dict[str, str] = {}
    if volume is not None:
        dose["volume"] = f"{volume} uL/kg"
    if mass is not None:
        dose["mass"] = f"{mass} ug/kg"
    regimen = {"substance": substance, "dose": dose, "route": route, "schedule": schedule}
    return {"role": role, "regimens": [regimen], **more}


SUBSTANCES = {
    "saline": {"role": "vehicle"},
    "thymalin": {"role": "reference", "stock": "5 mg/mL"},
    "secretome": {"role": "test", "stock": "3.5 mg/mL"},
}
EFFECTS = {
    "secretome": {
        "IM": {"emax": 0.490, "ec50": "57.3 ug/kg"},
        "SC": {"emax": 0.30, "ec50": "5 ug/kg"},
    },
    "thymalin": {"any_route": {"rise": 0.136}, "titer_exponent": 0},
}
ENDPOINTS = {
    "afc": {"kind": "plaque_count", "day": 5, "primary": True},
    "titer": {"kind": "titer", "day": 5},
    "phagocytosis": {"kind": "phagocytic_percentage", "day": 5},
    "number": {"kind": "phagocytic_number", "day": 5},
}
VARIABILITY = {
    "afc": {"sd_ln": 0.6},
    "titer": {"sd_log2": 1.6},
    "sensitivity": {"sd_ln": 0.3},
}


def kinetic_study(
    *,
    arms: dict[str, Any] | None = None,
    effects: dict[str, Any] | None = None,
    design: dict[str, Any] | None = None,
    truth: dict[str, Any] | None = None,
    variability: dict[str, Any] | None = None,
    seed: int = 20261122,
) -> Scenario:
    """Return the secretome study, eight arms, with parts replaced."""
    if arms is None:
        arms = {"control": arm("control", "saline")}
        arms["thymalin"] = arm("reference", "thymalin", volume=60, mass=300)
        for route in ("IM", "SC"):
            for index, (volume, mass) in enumerate(((10, 35), (20, 70), (50, 175)), 1):
                arms[f"{route}-{index}"] = arm("test", "secretome", route, volume, mass)
    endpoints = (design or {}).get("endpoints", ENDPOINTS)
    usual = {key: VARIABILITY[key] for key in ("sensitivity", *endpoints) if key in VARIABILITY}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "kinetic-study",
            "question": "Does it work?",
            "seed": seed,
            "design": {
                "substances": SUBSTANCES,
                "schedules": {"daily": {"days": DAILY}},
                "arms": arms,
                "endpoints": ENDPOINTS,
                **(design or {}),
            },
            "truth": {
                "response": {"model": "kinetic"},
                "effects": EFFECTS if effects is None else effects,
                "variability": usual if variability is None else variability,
                **(truth or {}),
            },
        }
    )


def fold_study(
    *,
    folds: dict[str, float] | None = None,
    arms: dict[str, Any] | None = None,
    endpoints: dict[str, Any] | None = None,
    truth: dict[str, Any] | None = None,
    variability: dict[str, Any] | None = None,
    design: dict[str, Any] | None = None,
    seed: int = 7,
) -> Scenario:
    """Return a study with one stated fold on ``afc``, control and drug by default."""
    endpoints = endpoints or {"afc": {"kind": "plaque_count", "day": 5}}
    stated = {"model": "fold", **({"drug": 3} if folds is None else folds)}
    afc = {"control": "5e4 /spleen", "response": stated}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "fold-study",
            "question": "Does it work?",
            "seed": seed,
            "design": {
                "arms": arms or {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": endpoints,
                **(design or {}),
            },
            "truth": {
                **({"afc": afc} if "afc" in endpoints else {}),
                "variability": variability
                or ({"afc": {"sd_ln": 0.45}} if "afc" in endpoints else {}),
                **(truth or {}),
            },
        }
    )
