"""Sample sizes: the certified search, formulas beside it, reasons where there is none."""
