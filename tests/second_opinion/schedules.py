"""Dose days, the two views of a dose, and the injected volume.

Written from design sections 1 and 3 (and the schedule lines of the scenario
examples). Units are in the names: days, uL/kg, ug/kg, mg/mL, g, uL.
"""


def dose_days(*, days=None, start=None, every=None, count=None):
    """Expand explicit days, or start/every/count, into sorted dose days.

    Design 3: "named schedules (explicit days, or start/every/count)".
    `start: 0, every: 1, count: 5` is days 0, 1, 2, 3, 4.
    Giving both forms, or neither, is an error; so is a day named twice.
    """
    repeated = (start, every, count)
    if days is not None:
        if any(part is not None for part in repeated):
            raise ValueError("give explicit days or start/every/count, not both")
        expanded = sorted(float(day) for day in days)
        if not expanded:
            raise ValueError("a schedule needs at least one day")
        if len(set(expanded)) != len(expanded):
            raise ValueError("a day is named twice")
        return expanded
    if any(part is None for part in repeated):
        raise ValueError("give explicit days, or all of start, every and count")
    if int(count) != count or count < 1:
        raise ValueError("count must be a whole number, at least 1")
    if every <= 0:
        raise ValueError("every must be above zero")
    return [float(start) + k * float(every) for k in range(int(count))]


def mass_dose(*, volume_dose_ul_per_kg, stock_mg_per_ml):
    """Turn uL/kg into ug/kg; mg/mL is the same number as ug/uL (design 3)."""
    _check_stock(stock_mg_per_ml)
    return volume_dose_ul_per_kg * stock_mg_per_ml


def volume_dose(*, mass_dose_ug_per_kg, stock_mg_per_ml):
    """Turn ug/kg into uL/kg (design 3)."""
    _check_stock(stock_mg_per_ml)
    return mass_dose_ug_per_kg / stock_mg_per_ml


def both_views(*, volume_dose_ul_per_kg=None, mass_dose_ug_per_kg=None, stock_mg_per_ml=None):
    """Return (uL/kg, ug/kg) of a dose stated in one of the two ways.

    A volume dose without a stock concentration has no mass view (None); a
    mass dose without one cannot be injected and is refused (design 3, critic).
    """
    if (volume_dose_ul_per_kg is None) == (mass_dose_ug_per_kg is None):
        raise ValueError("state the dose once: per volume or per mass")
    if mass_dose_ug_per_kg is not None:
        if stock_mg_per_ml is None:
            raise ValueError("a mass dose needs a stock concentration")
        volume = volume_dose(
            mass_dose_ug_per_kg=mass_dose_ug_per_kg, stock_mg_per_ml=stock_mg_per_ml
        )
        return volume, float(mass_dose_ug_per_kg)
    if stock_mg_per_ml is None:
        return float(volume_dose_ul_per_kg), None
    mass = mass_dose(volume_dose_ul_per_kg=volume_dose_ul_per_kg, stock_mg_per_ml=stock_mg_per_ml)
    return float(volume_dose_ul_per_kg), mass


def injected_volume(*, volume_dose_ul_per_kg, weight_g):
    """Return the injected uL for one mouse: uL/kg times its weight in kg."""
    if weight_g <= 0:
        raise ValueError("a body weight must be above zero")
    return volume_dose_ul_per_kg * weight_g / 1000.0


def dose_rows(
    *,
    dose_days,
    weight_g,
    volume_dose_ul_per_kg=None,
    mass_dose_ug_per_kg=None,
    stock_mg_per_ml=None,
):
    """List every dose of one mouse: day, uL/kg, ug/kg, injected uL (design 9)."""
    volume, mass = both_views(
        volume_dose_ul_per_kg=volume_dose_ul_per_kg,
        mass_dose_ug_per_kg=mass_dose_ug_per_kg,
        stock_mg_per_ml=stock_mg_per_ml,
    )
    injected = injected_volume(volume_dose_ul_per_kg=volume, weight_g=weight_g)
    return [
        {"day": day, "ul_per_kg": volume, "ug_per_kg": mass, "injected_ul": injected}
        for day in dose_days
    ]


def _check_stock(stock_mg_per_ml):
    if stock_mg_per_ml is None or stock_mg_per_ml <= 0:
        raise ValueError("a stock concentration above zero is needed")
