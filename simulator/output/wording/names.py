"""What the numbers of a plan are called in words, and which of them move the sample size most."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["effect", "spread", "cages", "losses", "other"]
#: In this order they are read by who wants to know what the sample size rests on.
MOVES_N: Final[tuple[Kind, ...]] = ("effect", "spread", "cages", "losses")


@dataclass(frozen=True)
class Name:
    """A number of a plan in words.

    Attributes
    ----------
    words : what it is.
    kind : by what it moves the sample size.
    endpoint : of which endpoint it is; None where of all.
    """

    words: str
    kind: Kind
    endpoint: str | None = None


_ROUTE = r"(?P<route>IM|SC|IP|IV|any_route)"
_TASK = r"design\.conduct\.tasks\.(?P<task>\w+)\."
_SPREAD = r"truth\.variability\.(?P<endpoint>[^.]+)\."
_EFFECT = rf"truth\.effects\.(?P<substance>.+)\.{_ROUTE}\."
_CURVE = rf"truth\.(?P<endpoint>[^.]+)\.response\.(?P<substance>.+)\.{_ROUTE}\."
_EXPOSURE = rf"truth\.kinetics\.exposure\.{_ROUTE}\."
_KINETICS: Final = {
    "N0": "antigen-specific precursor cells in a spleen",
    "KAg": "antigen dose that recruits half of the precursor cells",
    "rho": "rate at which blasts divide",
    "d0": "early rate at which blasts become AFC",
    "d1": "late rate at which blasts become AFC",
    "muB": "rate at which blasts die",
    "dP": "rate at which AFC are lost",
    "kS": "rate of the switch to IgG",
    "gS": "growth of the cells that switched to IgG",
    "rS": "rate at which switched cells become IgG AFC",
    "dQ": "rate at which IgG AFC are lost",
    "kM": "IgM that an AFC makes",
    "kI": "IgG that an AFC makes",
    "igm_half_life": "half-life of IgM",
    "igg_half_life": "half-life of IgG",
    "Pbg": "AFC in a spleen without immunization",
    "Mnat": "natural titer without immunization",
    "exposure.kel": "rate at which a drug leaves the plasma",
    "exposure.ke0": "rate at which a drug's effect fades",
}
#: Path, words, kind; the first that fits counts.
_NAMES: Final[Sequence[tuple[str, str, Kind]]] = (
    (_EFFECT + "emax", "largest effect of {substance} {route}", "effect"),
    (_EFFECT + "ec50", "level of {substance} {route} with half of its effect", "effect"),
    (_EFFECT + "hill", "steepness of the effect of {substance} {route}", "effect"),
    (_EFFECT + "rise", "effect of {substance} {route}, the same at every dose", "effect"),
    (_EFFECT + "on", "what {substance} {route} changes", "other"),
    (
        r"truth\.effects\.(?P<substance>.+)\.titer_exponent",
        "how far the titer follows AFC under {substance}",
        "other",
    ),
    (_CURVE + "emax", "largest effect of {substance} {route} on {endpoint}", "effect"),
    (
        _CURVE + "ed50",
        "dose of {substance} {route} with half of its effect on {endpoint}",
        "effect",
    ),
    (_CURVE + "hill", "steepness of the effect of {substance} {route} on {endpoint}", "effect"),
    (r"truth\.response\.(?P<arm>.+)", "fold over control in {arm}", "effect"),
    (r"truth\.(?P<endpoint>[^.]+)\.response", "effect on {endpoint}", "effect"),
    (
        r"truth\.(?P<endpoint>[^.]+)\.response\.(?P<arm>.+)",
        "fold of {endpoint} over control in {arm}",
        "effect",
    ),
    (
        r"truth\.variability\.sensitivity\.sd_ln",
        "spread of drug sensitivity between animals (sd on the natural log scale)",
        "spread",
    ),
    (
        _SPREAD + "sd_ln",
        "spread of {endpoint} between animals (sd on the natural log scale)",
        "spread",
    ),
    (_SPREAD + "sd_log2", "spread of {endpoint} between animals (sd in two-fold steps)", "spread"),
    (_SPREAD + "cv", "spread of {endpoint} between animals (sd / mean)", "spread"),
    (_SPREAD + "sd", "spread of {endpoint} between animals (sd)", "spread"),
    (
        _SPREAD + "cage_icc",
        "share of the spread of {endpoint} that cage mates have in common",
        "cages",
    ),
    (
        r"truth\.variability\.cage_icc",
        "share of the spread that cage mates have in common",
        "cages",
    ),
    (r"truth\.variability\.immunization_failure", "share of immunizations that fail", "losses"),
    (
        r"truth\.variability\.responder_correlation",
        "how much AFC and titer of one animal go together",
        "other",
    ),
    (r"design\.attrition\.loss", "share of animals that die", "losses"),
    (r"design\.attrition\.by_arm\.(?P<arm>.+)", "share of animals that die in {arm}", "losses"),
    (r"design\.attrition\.by_arm", "share of animals that die, by arm", "losses"),
    (
        r"design\.attrition\.samples\.(?P<endpoint>.+)",
        "share of samples of {endpoint} that are lost",
        "losses",
    ),
    (r"design\.attrition\.samples", "share of samples that are lost", "losses"),
    (r"design\.attrition\.exclusions", "share of animals that are excluded", "losses"),
    (
        r"design\.attrition\.failed_immunization",
        "share of failed immunizations that is noticed and excluded",
        "losses",
    ),
    (r"design\.attrition\.with_response", "whether poor responders die first", "losses"),
    (r"design\.attrition\.before", "share of purchased animals not fit to be enrolled", "other"),
    (r"truth\.(?P<endpoint>[^.]+)\.control", "level of {endpoint} in control animals", "other"),
    (r"truth\.assay\.reader_cv", "error of a count (sd / mean)", "other"),
    (r"truth\.assay\.crowding", "plaques on a plate of which half are seen", "other"),
    (r"truth\.assay\.misread", "share of titers read one well too high, and too low", "other"),
    (r"truth\.handling\.spleen_loss", "share of AFC lost per hour that a spleen waits", "other"),
    (r"truth\.handling\.reader_drift", "change of counts per hour of reading", "other"),
    (
        r"truth\.handling\.day_sd_ln",
        "spread between days of killing (sd on the natural log scale)",
        "other",
    ),
    (_EXPOSURE + "ka", "rate of absorption {route}", "other"),
    (_EXPOSURE + "F", "share of a dose that arrives {route}", "other"),
    *((r"truth\.kinetics\." + re.escape(k), words, "other") for k, words in _KINETICS.items()),
    (_TASK + "takes", "minutes for {task} of a mouse", "other"),
    (_TASK + "cv", "spread of the minutes for {task}", "other"),
    (r"design\.conduct\.missed_doses", "share of injections that are missed", "other"),
    (r"design\.conduct\.(?:\w+\.)?(?P<what>\w+)", "laboratory: {what}", "other"),
    (r"design\.animals\.arms_share_cages", "whether arms share cages", "other"),
    (r"design\.animals\.per_cage", "mice per cage", "other"),
    (r"design\.animals\.(?:weight|body_weight)\.(?P<what>\w+)", "body weight, {what}", "other"),
    (r"design\.animals\.(?P<what>\w+)", "{what} of the mice", "other"),
    (r"design\.immunization\.(?P<what>\w+)", "immunization: {what}", "other"),
    (r"design\.endpoints\.(?P<endpoint>.+)\.terminal", "whether {endpoint} is terminal", "other"),
    (r"design\.endpoints\.(?P<endpoint>.+)\.(?P<what>\w+)", "{endpoint}: {what}", "other"),
    (r"design\.randomization\.(?P<what>\w+)", "randomization: {what}", "other"),
    (r"analysis\.families\.(?P<family>[^.]+)\.(?P<what>\w+)", "{what} of {family}", "other"),
    (r"analysis\.families\.(?P<family>[^.]+)", "comparisons of {family}", "other"),
    (r"analysis\.trends\.(?P<family>.+)\.(?P<what>\w+)", "{what} of the trend {family}", "other"),
    (r"analysis\.convention", "two-sided exact p-value of skewed data", "other"),
    (r"analysis\.continuity", "continuity correction of the normal p-value", "other"),
    (r"analysis\.resamples", "relabelings of a permutation test", "other"),
    (r"analysis\.method", "how the p-value is computed", "other"),
    (r"analysis\.alternative", "direction of the test", "other"),
    (r"analysis\.(?P<what>\w+)", "{what} of the analysis", "other"),
    (r"decision\.n\.from", "smallest n that is looked at", "other"),
    (r"decision\.n\.to", "largest n that is looked at", "other"),
    (r"decision\.power\.of", "of which comparisons the power is wanted", "other"),
    (r"decision\.power\.(?P<what>\w+)", "power: {what}", "other"),
    (r"decision\.max_replicates", "most simulated studies of a search", "other"),
    (r"decision\.replicates", "simulated studies", "other"),
    (r"decision\.(?P<what>\w+)", "{what} of the answer", "other"),
)
_PATTERNS: Final = tuple((re.compile(path), words, kind) for path, words, kind in _NAMES)


def name_of(path: str) -> Name:
    """Return what a number is in words; the path itself where we have no words for it."""
    for pattern, words, kind in _PATTERNS:
        found = pattern.fullmatch(path)
        if found is not None:
            parts: Mapping[str, str] = found.groupdict()
            said = {key: text.replace("_", " ") if key == "what" else text
                    for key, text in parts.items()}  # fmt: skip
            if "route" in said:
                said["route"] = "by any route" if said["route"] == "any_route" else said["route"]
            return Name(words.format(**said), kind, parts.get("endpoint"))
    return Name(path, "other")
