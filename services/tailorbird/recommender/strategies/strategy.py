"""What a strategy is: it chooses items for one shelf of a page, and says why."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page

__all__ = ["NOTHING", "Chosen", "Strategy"]


class Chosen(Struct, frozen=True, gc=False):
    """Items for a shelf, best first, each with its reasons: sentences that the customer may read."""

    positions: Sequence[int]
    scores: Sequence[float]
    reasons: Sequence[tuple[str, ...]]
    shares: Sequence[float] = ()
    """How likely each was to be chosen; empty where nothing was left to chance."""


NOTHING = Chosen((), (), ())
"""No item."""


class Strategy(ABC):
    """One way of recommending. Without state: everything it knows is the page and its knowledge."""

    name: ClassVar[str]
    fallbacks: ClassVar[tuple[str, ...]] = ()
    """Strategies that fill up the shelf when this one has too little."""
    searches: ClassVar[bool] = False
    """True when it wants what is nearest to the customer's vector; the page brings it, searched for a whole batch."""
    shortage: ClassVar[str] = "No more items fit here."
    """Why a shelf of this strategy may stay short."""

    @abstractmethod
    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        """At most `shelf.count` items that `page` may still show."""
