"""One simulated study as tables: subjects, doses, observations, timeline, and its truth."""
