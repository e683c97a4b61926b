"""The columns of our tables, in order."""

from __future__ import annotations

#: One row per animal bought; ``satellite_of`` names the endpoint of an extra animal. Its own
#: calendar begins on ``start_day`` of the study: 0, unless the study runs on several days in turn.
#: ``death_day`` is on its own calendar, as is every planned ``day``; ``lost``: died before anything
#: was read in it.
SUBJECT_COLUMNS = (
    "subject_id",
    "arm",
    "cage",
    "weight_g",
    "satellite_of",
    "lost",
    "death_day",
    "start_day",
)
#: One row per dose given: ``day`` as planned, ``time_h`` hours after the opening of day 0 of the
#: study, dose per body weight, volume injected.
DOSE_COLUMNS = (
    "subject_id",
    "arm",
    "substance",
    "route",
    "day",
    "time_h",
    "volume_ul_per_kg",
    "mass_ug_per_kg",
    "injected_ul",
)
#: One row per procedure, or death, of an animal, from ``day`` to ``end_day`` of the study; without
#: conduct it takes no time and nobody. ``technician`` counts from 1.
TIMELINE_COLUMNS = (
    "day",
    "end_day",
    "event",
    "subject_id",
    "arm",
    "detail",
    "technician",
)
#: One row per animal and endpoint; ``censored`` is empty, ``below`` or ``above``.
OBSERVATION_COLUMNS = (
    "subject_id",
    "arm",
    "cage",
    "endpoint",
    "day",
    "value",
    "unit",
    "censored",
)
#: What an analysis needs of them, and what `read_bench` returns (and cage, where it is there).
BENCH_COLUMNS = ("subject_id", "arm", "endpoint", "value", "censored")
#: What ``censored`` may say.
CENSORED = ("", "below", "above")
#: One row per comparison of an analysis.
ANALYSIS_COLUMNS = (
    "family",
    "endpoint",
    "treated",
    "control",
    "n_treated",
    "n_control",
    "unit",
    "u",
    "p_value",
    "p_adjusted",
    "method",
    "convention",
    "rejected",
    "relative_effect",
    "relative_effect_low",
    "relative_effect_high",
    "median_treated",
    "lower_quartile_treated",
    "upper_quartile_treated",
    "median_control",
    "lower_quartile_control",
    "upper_quartile_control",
    "fold_of_medians",
    "hodges_lehmann",
    "hodges_lehmann_low",
    "hodges_lehmann_high",
    "hodges_lehmann_scale",
    "note",
)
