"""The columns of our tables, in order."""

from __future__ import annotations

#: One row per animal bought; ``satellite_of`` names the endpoint of an extra animal.
SUBJECT_COLUMNS = (
    "subject_id",
    "arm",
    "cage",
    "weight_g",
    "satellite_of",
    "lost",
    "death_day",
)
#: One row per dose given: day and hour of the study, dose per body weight, volume injected.
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
#: What an analysis needs of them, and what `read_bench` returns.
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
