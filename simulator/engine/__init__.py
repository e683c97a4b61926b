"""Where work runs. Knows nothing of mice."""
