"""What is bought more by some than by others these days: per store and per segment, the items that stand out there.

`standingout.py` finds them; this is what serves, and a service that starts imports no pandas.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Floats, Moments, Positions

__all__ = ["Groups", "segment_group", "store_group"]


class Groups(Struct, frozen=True):
    """Of group i: rows `item[starts[i]:starts[i + 1]]` of the model, and by which factor more each is bought there."""

    names: list[str]
    starts: Moments
    item: Positions
    lift: Floats

    @classmethod
    def none(cls) -> Groups:
        """Nobody was told apart."""
        return cls([], np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))

    def of(self, name: str) -> tuple[Positions, Floats]:
        """(rows, lifts) of a group; none for one that is not known."""
        place = self.names.index(name) if name in self.names else -1
        if place < 0:
            return self.item[:0], self.lift[:0]
        span = slice(self.starts[place], self.starts[place + 1])
        return self.item[span], self.lift[span]


def store_group(store_id: str) -> str:
    """The name of a store among groups."""
    return f"store {store_id}"


def segment_group(segment: str) -> str:
    """The name of a segment among groups."""
    return f"segment {segment}"
