"""Print the peak memory in MB of a process that simulates so many replicates of the study.

python -m benchmarks.peak_memory REPLICATES
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from simulator import load_scenario
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import simulate_counts


def main(replicates: int) -> None:
    """Simulate the study at its smallest n and print the peak."""
    scenario = load_scenario("secretome-healthy-mice")
    simulate_counts(scenario, layout_of(scenario, [3]), replicates=replicates)
    print(peak())


def peak() -> float:
    """Return the peak in MB of this program alone.

    Linux counts the process that started it into ``ru_maxrss``, but not into ``VmHWM``.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # kilobytes, except on macOS, which counts bytes
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(int(sys.argv[1]))
