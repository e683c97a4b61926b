"""Many designs in one run: a grid of values, checkpointed, on threads or on a cluster."""
