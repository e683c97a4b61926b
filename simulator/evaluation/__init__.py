"""Operating characteristics of a study: power, type I error, sample size."""
