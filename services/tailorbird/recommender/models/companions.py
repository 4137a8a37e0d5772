"""Which items are bought beside which, as serving reads it; apart from training, whose libraries load for seconds."""

from __future__ import annotations

from msgspec import Struct

from tailorbird.recommender.arrays import Floats, Moments, Positions

__all__ = ["Companions"]


class Companions(Struct, frozen=True):
    """Of row i: rows `item[starts[i]:starts[i + 1]]` with their weights, heaviest first."""

    starts: Moments
    item: Positions
    weight: Floats
