"""Names for the arrays that travel between the recommender's modules."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Codes", "Days", "Flags", "Floats", "Moments", "Positions"]

Floats: TypeAlias = npt.NDArray[np.float32]
Positions: TypeAlias = npt.NDArray[np.int32]
"""Places of items: in the catalogue (`Columns`) unless a name says rows, which are places in the model."""
Codes: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Days: TypeAlias = npt.NDArray[np.float64]
"""Days since 1970 UTC."""
Moments: TypeAlias = npt.NDArray[np.int64]
"""Seconds since 1970 UTC."""
