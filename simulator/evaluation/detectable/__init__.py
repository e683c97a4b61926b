"""The smallest effect that a study of a given size detects with the wanted power."""
