"""A study as it is carried out: who gets what, who is taken when, and the data that come of it."""
