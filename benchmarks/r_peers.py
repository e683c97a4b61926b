"""R's rank tests, where R and its packages are there."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SCRIPT = Path(__file__).with_name("peers.R")
#: Test of ``peers.R`` and the package it needs.
PACKAGES = {"wilcox": "stats", "exactRankTests": "exactRankTests", "coin": "coin"}


@dataclass(frozen=True)
class Answer:
    """Processor seconds of R's loop, and its p-values (data sets, sizes)."""

    seconds: float
    p_values: Floats


@lru_cache(maxsize=1)
def r_versions() -> dict[str, str | None]:
    """Return the versions of R and of the packages; None for what is missing."""
    found: dict[str, str | None] = dict.fromkeys(("R", "coin", "exactRankTests"))
    if shutil.which("Rscript") is None:
        return found
    code = (
        "cat('R', as.character(getRversion()), '\\n');"
        "for (name in c('coin', 'exactRankTests')) if (requireNamespace(name, quietly = TRUE))"
        " cat(name, as.character(packageVersion(name)), '\\n')"
    )
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        name, _, number = line.strip().partition(" ")
        found[name] = number
    return found


def missing(test: str) -> str | None:
    """Return what a test of ``peers.R`` lacks, or None."""
    versions = r_versions()
    if versions["R"] is None:
        return "Rscript"
    package = PACKAGES[test]
    return package if versions.get(package, "part of R") is None else None


def ask_r(test: str, treated: Floats, control: Floats, *, sizes: Sequence[int]) -> Answer:
    """Let R test the first n values of each data set, for every n of ``sizes``.

    Parameters
    ----------
    test : one of `PACKAGES`, not `missing`.
    treated, control : (data sets, n), equally many values.
    """
    with tempfile.TemporaryDirectory() as folder:
        data, result = Path(folder, "data.txt"), Path(folder, "result.txt")
        np.savetxt(data, np.hstack([treated, control]), fmt="%.17g")
        done = subprocess.run(
            ["Rscript", str(_SCRIPT), test, ",".join(map(str, sizes)), str(data), str(result)],
            capture_output=True,
            text=True,
            check=True,
        )
        return Answer(float(done.stdout.split()[-1]), np.loadtxt(result, ndmin=2))
