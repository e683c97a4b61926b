"""Which versions compute: part of the origin of every number."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

#: This program, and the packages whose version can change a number.
_PACKAGES = ("afcsim", "numpy", "scipy", "numba", "pandas", "simpy")


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Return the version of this program, of Python and of the packages that compute."""
    found = {"python": sys.version.split()[0]}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def program() -> str:
    """Return the versions in one line, by which processes that work together are compared.

    Without Python's own: its version changes no number, and patch releases differ within a
    cluster.
    """
    return ", ".join(f"{name} {one}" for name, one in versions().items() if name != "python")
