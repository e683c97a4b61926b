"""Small data sets with known right answers, given to an analysis as one table each."""

from __future__ import annotations

from simulator.auditing.traps.battery import battery
from simulator.auditing.traps.run import run_traps
from simulator.auditing.traps.trap import Trap

__all__ = ["Trap", "battery", "run_traps"]
