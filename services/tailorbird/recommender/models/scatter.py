"""Numbers that look drawn by chance and are always the same: where a fit may begin, and what it may leave out."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from tailorbird.recommender.arrays import Days, Floats

__all__ = ["evenly", "scattered"]


def evenly(count: int, after: int = 0) -> Days:
    """So many numbers between 0 and 1, those that follow the first `after` (SplitMix64 of the counter)."""
    mixed = np.arange(after + 1, after + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53


def scattered(rows: int, columns: int) -> Floats:
    """Rows x columns, mean 0, deviation 1: put through the normal quantile."""
    normal: Floats = ndtri(evenly(rows * columns)).astype(np.float32).reshape(rows, columns)
    return normal
