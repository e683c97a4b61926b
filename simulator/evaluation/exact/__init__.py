"""Power without Monte Carlo error, where every outcome can be weighed."""
