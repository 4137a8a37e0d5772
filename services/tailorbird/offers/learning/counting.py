"""Cells that still change: customers counted as they come, and how long responses are to be waited for."""

from __future__ import annotations

from math import exp

from msgspec import Struct
from msgspec.structs import replace

from tailorbird.offers.learning.beliefs import Cell

__all__ = ["Counts", "Delays", "counted"]

USUAL_DELAY = 3_600.0
"""Seconds until an order comes, before any came."""
DELAYS = 10
"""How many orders that counts for."""


class Delays(Struct):
    """How long after an offer was made orders come."""

    count: int = DELAYS
    total: float = DELAYS * USUAL_DELAY

    def add(self, seconds: float) -> None:
        self.count += 1
        self.total += seconds

    @property
    def usual(self) -> float:
        """The mean, in seconds."""
        return max(self.total / self.count, 1.0)


class Counts(Struct):
    """A `Cell` that still changes."""

    made: int = 0
    taken: int = 0
    clicked: int = 0
    refused: int = 0
    margin: float = 0.0
    squares: float = 0.0
    kept: int = 0
    kept_margin: float = 0.0
    kept_squares: float = 0.0
    cost: float = 0.0
    fresh: float = 0.0
    kept_fresh: float = 0.0
    passed: float = 0.0
    """The moment for which the two before are."""

    def begin(self, at: float, usual_delay: float, *, kept_back: bool) -> None:
        """One more customer, made the offer or kept from it now."""
        self._pass_to(at, usual_delay)
        self.kept += kept_back
        self.made += not kept_back
        self.kept_fresh += kept_back
        self.fresh += not kept_back

    def cell(self, at: float, usual_delay: float) -> Cell:
        """As it is at this moment."""
        self._pass_to(at, usual_delay)
        seen = Cell(*(getattr(self, name) for name in Cell.__struct_fields__))
        # Millionths of a customer tell nothing and make the log of what was known longer.
        return replace(seen, fresh=round(self.fresh, 6), kept_fresh=round(self.kept_fresh, 6))

    def _pass_to(self, at: float, usual_delay: float) -> None:
        """Of those who are fresh, responses have come meanwhile or come no more: as much as in an exponential wait."""
        if at > self.passed:
            left = exp(max((self.passed - at) / usual_delay, -700.0))
            self.fresh *= left
            self.kept_fresh *= left
            self.passed = at


def counted(cell: Cell, at: float) -> Counts:
    """To go on from what was seen until this moment."""
    counts = Counts(*(getattr(cell, name) for name in Cell.__struct_fields__))
    counts.passed = at
    return counts
