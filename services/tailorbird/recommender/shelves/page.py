"""One query in progress: whom it is for, what may not be shown (any more), and what was found for it so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice

from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.recommender.arrays import Flags, Floats, Positions
from tailorbird.recommender.shelves.customer import KnownCustomer
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["Page"]

LOOKED_AT_ONCE = 48
"""Of a long list; nearly always the beginning is enough."""


class Page:
    """The shelves of one query share this: no item stands twice, and what is excluded stays so on all of them."""

    def __init__(self, knowledge: Knowledge, query: RecommendQuery, customer: KnownCustomer) -> None:
        columns = knowledge.columns
        self.knowledge = knowledge
        self.query = query
        self.customer = customer
        self.curations = knowledge.curations.trying(query.trial) if query.trial else knowledge.curations
        self.cart = _places(columns.position, query.cart)
        self.found: tuple[Positions, Floats] | None = None
        """(positions, scores) nearest to the customer's vector among what they have not bought, best first; None where
        no shelf wants them."""
        excluded = _places(columns.position, query.exclude)
        self.read: set[int] = set(excluded)
        """Positions of articles that stand on the page already, or are not to."""
        past = customer.past
        if all(shelf.strategy == "search" for shelf in query.shelves):
            # Who looks for something finds it, also what they just bought or what is told to nobody unasked.
            taken = ~columns.available
        else:
            taken = columns.hidden.copy()
            for category in past.sensitive:
                # Whoever bought there already is not told anything new about themselves.
                taken[columns.reserved(category)] = False
            if query.rested:
                today = query.at / DAY
                excluded += [place for place, until in past.resting if until > today]
            excluded += self.cart
        self.taken = taken
        self.take(customer.visit.dismissed)
        self.take(excluded)

    @property
    def taken(self) -> Flags:
        """By position: true for what may not be shown on the next shelf."""
        return self._taken

    @taken.setter
    def taken(self, taken: Flags) -> None:
        self._taken = taken
        self.is_taken: memoryview[bool] = memoryview(taken)  # type: ignore[arg-type]
        """The same for one position at a time, at a fraction of an array's price."""

    @cached_property
    def evidence(self) -> tuple[list[int], list[bool], Floats]:
        """(positions, whether it was bought, unit vectors) of what a reason may name."""
        knowledge, told = self.knowledge, self.customer.taste.evidence
        places = knowledge.position_of[told.rows]
        named = ~knowledge.columns.unnamed[places]
        rows = told.rows[named]
        return places[named].tolist(), told.bought[named].tolist(), knowledge.unit.take(rows, axis=0)

    def take(self, places: Iterable[int]) -> None:
        """These are not shown (again)."""
        is_taken = self.is_taken
        for place in places:
            is_taken[place] = True

    def free(self, places: Positions, count: int) -> list[int]:
        """Which of these, the first `count` of them that may still be shown; positions below 0 are left out."""
        is_taken, found = self.is_taken, list[int]()
        for start in range(0, len(places) if count > 0 else 0, LOOKED_AT_ONCE):
            for number, place in enumerate(places[start : start + LOOKED_AT_ONCE].tolist(), start):
                if place >= 0 and not is_taken[place]:
                    found.append(number)
                    if len(found) == count:
                        return found
        return found

    def around(self, item_id: str) -> list[int]:
        """The items that a shelf starts from: the one named, else the cart, else what was touched or bought last."""
        if item_id:
            return _places(self.knowledge.columns.position, (item_id,))
        if self.cart:
            return self.cart
        visit = self.customer.visit
        return list(visit.bought or islice(visit.touched, 5))


def _places(position: Mapping[str, int], item_ids: Iterable[str]) -> list[int]:
    """Where these items stand; those that the catalogue does not have are left out."""
    return [place for item_id in item_ids if (place := position.get(item_id)) is not None]
