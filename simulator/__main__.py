"""``python -m simulator`` is ``afcsim``."""

from simulator.cli import main

main()
