"""What the flaws of a plan cost: the plan as written beside the same plan with each one mended."""
