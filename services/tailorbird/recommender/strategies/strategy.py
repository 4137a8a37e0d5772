"""What a strategy is: it chooses items for one shelf of a page, and says why."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.page import Page

__all__ = ["Chosen", "Strategy"]


class Chosen(Struct, frozen=True):
    """Items for a shelf, best first, each with its reasons: sentences that the customer may read."""

    positions: Positions
    scores: Floats
    reasons: list[tuple[str, ...]]


class Strategy:
    """One way of recommending. Without state: everything it knows is the page and its knowledge."""

    name: ClassVar[str]
    fallbacks: ClassVar[tuple[str, ...]] = ()
    """Strategies that fill up the shelf when this one has too little."""
    searches: ClassVar[bool] = False
    """True when it wants what is nearest to the customer's vector; the page brings it, searched for a whole batch."""
    shortage: ClassVar[str] = "No more items fit here."
    """Why a shelf of this strategy may stay short."""

    def choose(self, page: Page, shelf: Shelf, count: int) -> Chosen:
        """At most `count` items that `page` may still show."""
        raise TypeError(f"{type(self).__name__} does not say how it chooses")
