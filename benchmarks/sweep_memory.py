"""Print the peak memory (MB) of a process that sweeps so many small designs.

python -m benchmarks.sweep_memory DESIGNS
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.peak_memory import peak
from simulator.engine.local import LocalEngine
from simulator.scenario_files import load_text
from simulator.sweeping.sweep import sweep

TEXT = """
schema_version: 1
id: many-designs
question: How does memory grow?
seed: 1
design:
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5, primary: true}}
truth:
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, drug: 3}}
decision:
  n: {from: 5, to: 6}
  replicates: 100
  sweep:
    grid:
      truth.afc.cv: CVS
      truth.afc.response.drug: FOLDS
      truth.afc.control: [4e4 /spleen, 5e4 /spleen, 6e4 /spleen, 7e4 /spleen]
"""


def main(designs: int) -> None:
    """Sweep and print peak MB, seconds, and the bytes of the checkpoint."""
    side = math.isqrt(designs // 4)
    cvs = [round(0.2 + 0.5 * k / side, 4) for k in range(side)]
    folds = [round(1 + 3 * k / side, 4) for k in range(side)]
    text = TEXT.replace("CVS", str(cvs)).replace("FOLDS", str(folds))
    scenario = load_text(text).scenario
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        sweep(scenario, Path(folder) / "out", engine=LocalEngine(1))
        spent = time.process_time() - begun
        size = (Path(folder) / "out" / "checkpoint.sqlite").stat().st_size
    print(peak(), spent, size)


if __name__ == "__main__":
    main(int(sys.argv[1]))
