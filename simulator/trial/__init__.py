"""One simulated study: conduct of the in-life part and the cohort that comes out of it."""
