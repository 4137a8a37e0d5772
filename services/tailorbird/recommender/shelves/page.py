"""One query in progress: whom it is for, what may not be shown (any more), and what was found for it so far."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.recommender.arrays import Flags, Floats, Positions
from tailorbird.recommender.shelves.customer import KnownCustomer
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["Page"]


class Page:
    """The shelves of one query share this: no item stands twice, and what is excluded stays so on all of them."""

    def __init__(self, knowledge: Knowledge, query: RecommendQuery, customer: KnownCustomer) -> None:
        columns = knowledge.columns
        self.knowledge = knowledge
        self.query = query
        self.customer = customer
        self.cart: Positions = _known(columns.positions(query.cart)) if query.cart else _NONE
        self.found: tuple[Floats, Positions] | None = None
        """(scores, rows) nearest to the customer's vector, when a shelf wants them."""
        self.read: set[int] = set()
        """Positions of articles that stand on the page already."""
        self.taken: Flags
        """By position: true for what may not be shown on the next shelf."""
        if all(shelf.strategy == "search" for shelf in query.shelves):
            # Who looks for something finds it, also what they just bought or what is told to nobody unasked.
            self.taken = ~columns.available
        else:
            self.taken = columns.hidden.copy()
            for category in customer.sensitive:
                # Whoever bought there already is not told anything new about themselves.
                self.taken[columns.reserved(category)] = False
            if query.rested:
                rests = customer.last_at + knowledge.rest_days[customer.bought] > query.at / DAY
                self.taken[customer.bought[rests]] = True
            self.taken[self.cart] = True
        self.taken[customer.dismissed] = True
        if query.exclude:
            self.taken[_known(columns.positions(query.exclude))] = True

    def fresh(self, positions: Positions, scores: Floats, count: int) -> tuple[Positions, Floats]:
        """The first `count` that may still be shown; positions below 0 are left out."""
        # Most lists are far longer than what is wanted of them, and most of their beginning may be shown.
        ahead = 4 * count + 64
        for after in (ahead, len(positions)):
            places = positions[:after]
            free = np.flatnonzero((places >= 0) & ~self.taken[places])
            if len(free) >= count or after >= len(positions):
                break
        return positions[free[:count]], scores[free[:count]]

    def unread(self, articles: Positions) -> Positions:
        """Numbers of those among `articles` that may still be shown."""
        ids, excluded = self.knowledge.columns.ids, self.query.exclude
        if not self.read and not excluded:
            return np.arange(len(articles), dtype=np.int32)
        free = [n for n, place in enumerate(articles.tolist()) if place not in self.read and ids[place] not in excluded]
        return np.array(free, np.int32)

    def around(self, item_id: str) -> Positions:
        """The items that a shelf starts from: the one named, else the cart, else what was touched or bought last."""
        if item_id:
            return _known(self.knowledge.columns.positions((item_id,)))
        if len(self.cart):
            return self.cart
        if len(self.customer.bought_lately):
            return self.customer.bought_lately
        return self.customer.touched[:5]


def _known(positions: Positions) -> Positions:
    return positions[positions >= 0]


_NONE = np.empty(0, np.int32)
