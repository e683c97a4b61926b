"""The words of the file format: which keys a planner may write where."""

from __future__ import annotations

from typing import Final

from simulator.scenario.truth import EndpointTruth, Truth

#: Keys of ``truth`` that are not endpoint ids.
TRUTH_FIELDS: Final = tuple(Truth.model_fields)
#: Forms of the spread of an endpoint: one of them is stated.
SPREAD_FORMS: Final = ("cv", "sd", "sd_ln", "sd_log2")
#: How animals differ on an endpoint, which may be written beside its control level.
ENDPOINT_SPREAD: Final = (*SPREAD_FORMS, "cage_icc")
#: What may be written where shorthand differs from the full form (model name -> keys).
WRITTEN_KEYS: Final = {
    "Arm": ("substance", "dose", "route", "schedule", "role", "n", "ratio"),
    "EndpointTruth": (*EndpointTruth.model_fields, *ENDPOINT_SPREAD),
    "SubstanceEffect": (
        "IM", "SC", "IP", "IV", "on", "emax", "ec50", "hill", "rise", "titer_exponent",
    ),
}  # fmt: skip
#: Keys of a response that are not arm or substance ids.
RESERVED_ARMS: Final = frozenset({"model"})
#: An arm named like a role must have it, because plans refer to arms by either.
ROLES: Final = ("control", "reference", "positive", "test")
