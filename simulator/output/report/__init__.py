"""The report of a run: pictures and tables of what was planned, found and assumed."""
