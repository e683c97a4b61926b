"""How an arm is named to a reader: its id, and its dose in both views."""

from __future__ import annotations

from simulator.scenario import Arm, Design
from simulator.scenario.design import Dose, Regimen


def number(value: float) -> str:
    """Return a number for a reader: three significant digits, no exponent below a million."""
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3g}"
    text = f"{value:.3g}"
    return f"{float(text):g}" if "e" not in text else f"{float(text):.0f}"


def dose_text(dose: Dose) -> str:
    """Return ``20 µL/kg (70 µg/kg)``, or the one view that is known."""
    volume = None if dose.volume is None else _volume(dose.volume)
    mass = None if dose.mass is None else _mass(dose.mass)
    if volume and mass:
        return f"{volume} ({mass})"
    return volume or mass or ""


def short_dose(dose: Dose) -> str:
    """Return the mass where it is known, else the volume."""
    if dose.mass is not None:
        return _mass(dose.mass)
    return "" if dose.volume is None else _volume(dose.volume)


def dose_unit(largest: float, *, mass: bool) -> tuple[str, float]:
    """Return the unit that a reader expects for doses, and what it is worth in ug or uL per kg.

    Parameters
    ----------
    largest : largest of the doses, ug/kg (or uL/kg).
    mass : whether they are masses.
    """
    if largest >= 1000:
        return ("mg/kg" if mass else "mL/kg"), 1000.0
    return ("µg/kg" if mass else "µL/kg"), 1.0


def _mass(mass: float) -> str:
    unit, worth = dose_unit(mass, mass=True)
    return f"{number(mass / worth)} {unit}"


def _volume(volume: float) -> str:
    unit, worth = dose_unit(volume, mass=False)
    return f"{number(volume / worth)} {unit}"


def tested_regimen(arm: Arm, design: Design) -> Regimen | None:
    """Return the regimen that is under test in an arm: of a test substance, or else the last."""
    tested = [r for r in arm.regimens if design.substances[r.substance].role == "test"]
    found = tested or list(arm.regimens)
    return found[-1] if found else None


def arm_dose(name: str, design: Design) -> str:
    """Return the doses of an arm in both views with their routes, for a table; "" for none."""
    return " + ".join(
        f"{dose_text(regimen.dose)} {regimen.route}" for regimen in design.arms[name].regimens
    )


def arm_label(name: str, design: Design) -> str:
    """Return ``secretome-im-2, 70 µg/kg`` for a dosed test arm, else the arm's id."""
    arm = design.arms[name]
    regimen = tested_regimen(arm, design)
    if regimen is None or design.substances[regimen.substance].role == "vehicle":
        return name
    return f"{name}, {short_dose(regimen.dose)}"
