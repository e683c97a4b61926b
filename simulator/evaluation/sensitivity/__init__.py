"""Which assumption about nature moves the sample size most."""
