"""The machine and the versions behind a measurement."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.r_peers import r_versions
from simulator.engine.local import default_threads


@dataclass(frozen=True)
class Fact:
    """One line about the machine or a program."""

    name: str
    value: str


def facts() -> list[Fact]:
    """Return processor, memory and versions."""
    found = [
        Fact("processor", _processor()),
        Fact("cores used at most", str(default_threads())),
        Fact("memory", _memory()),
        Fact("system", f"{platform.system()} {platform.machine()}"),
        Fact("Python", platform.python_version()),
    ]
    found += [Fact(name, version(name)) for name in ("afcsim", "numpy", "scipy", "numba")]
    return found + [Fact(name, known or "not there") for name, known in r_versions().items()]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not on Windows and macOS
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "unknown"
    return f"{size / 2**30:.0f} GiB"
