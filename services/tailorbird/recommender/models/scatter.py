"""Numbers that look drawn from a normal distribution and are always the same: where a fit may begin."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from tailorbird.recommender.arrays import Floats

__all__ = ["scattered"]


def scattered(rows: int, columns: int) -> Floats:
    """Rows x columns, mean 0, deviation 1: the counter hashed (SplitMix64), then put through the normal quantile."""
    mixed = np.arange(1, rows * columns + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    even = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    normal: Floats = ndtri(even).astype(np.float32).reshape(rows, columns)
    return normal
