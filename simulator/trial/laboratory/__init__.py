"""The laboratory in SimPy: what is planned, who does it when, and the library of timelines."""
