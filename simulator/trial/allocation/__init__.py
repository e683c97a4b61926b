"""Who gets what: animals drawn to arms, coded labels, and what goes into each syringe."""
