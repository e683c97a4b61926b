"""Speed and memory of the power engine beside its peers (``make bench``)."""
