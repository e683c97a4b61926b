"""Array types of the kernels' signatures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shorts = npt.NDArray[np.int16]
Levels = npt.NDArray[np.uint16]
