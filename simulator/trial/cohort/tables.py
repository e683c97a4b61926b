"""One simulated study as tables: subjects, doses, what happened when."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from simulator.tables import DOSE_COLUMNS, SUBJECT_COLUMNS
from simulator.tables.columns import TIMELINE_COLUMNS
from simulator.trial.cohort.conduct import Event, Subject


def subjects_table(subjects: Sequence[Subject], events: Sequence[Event]) -> pd.DataFrame:
    """Return one row per mouse; ``death_day`` is when it died, on its own calendar."""
    died = {e.subject.subject_id: e.time for e in events if e.event == "death"}
    rows = [
        {
            "subject_id": subject.subject_id,
            "arm": subject.arm,
            "cage": subject.cage,
            "weight_g": subject.weight,
            "satellite_of": subject.satellite_of or "",
            "lost": subject.lost,
            "death_day": died.get(subject.subject_id, math.nan) - subject.start_day,
            "start_day": subject.start_day,
        }
        for subject in subjects
    ]
    return pd.DataFrame(rows, columns=list(SUBJECT_COLUMNS))


def doses_table(events: Sequence[Event]) -> pd.DataFrame:
    """Return one row per dose given; the moment that counts is the end of the injection."""
    rows = []
    for event in events:
        if event.regimen is None or event.event != "dosing":
            continue
        volume, mass = event.regimen.dose.volume, event.regimen.dose.mass
        rows.append(
            {
                "subject_id": event.subject.subject_id,
                "arm": event.subject.arm,
                "substance": event.regimen.substance,
                "route": event.regimen.route,
                "day": event.day,
                "time_h": 24.0 * event.end,
                "volume_ul_per_kg": math.nan if volume is None else volume,
                "mass_ug_per_kg": math.nan if mass is None else mass,
                "injected_ul": math.nan
                if volume is None
                else volume * event.subject.weight / 1000.0,
            }
        )
    return pd.DataFrame(rows, columns=list(DOSE_COLUMNS))


def timeline_table(events: Sequence[Event]) -> pd.DataFrame:
    """Return what happened when, in order of time; technicians are counted from 1."""
    rows = [
        {
            "day": event.time,
            "end_day": event.end,
            "event": event.event,
            "subject_id": event.subject.subject_id,
            "arm": event.subject.arm,
            "detail": event.detail,
            "technician": None if event.technician is None else event.technician + 1,
        }
        for event in events
    ]
    found = pd.DataFrame(rows, columns=list(TIMELINE_COLUMNS))
    return found.astype({"technician": "Int64"})  # the only whole numbers that can be missing
