"""What is decided in each replicate, at every n in one pass: thresholds, tests, families."""
