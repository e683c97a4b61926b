"""For the tests of an analysis: the pytest plugin, and assertions with a stated false alarm."""
