"""What more and more customers buy these days, raised for what stands out in their store and among those like them."""

from __future__ import annotations

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.models.groups import store_group
from tailorbird.recommender.shelves.knowledge import EVERYWHERE, Knowledge, Raised
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.popular import sentences
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Trending"]

WIDELY = 0.3
"""Share of the stores in which an item must stand out to say so to somebody whose store is not known."""


class Trending(Strategy):
    name = "trending"
    fallbacks = ("popular",)
    shortage = "There are no more items that are bought these days."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        query, knowledge = page.query, page.knowledge
        raised = knowledge.raised(query.store_id, page.customer.segments, query.at)
        positions, scores = knowledge.trending(raised)
        free = page.free(positions, shelf.count)
        places, notes = positions[free].tolist(), knowledge.notes(raised)
        reasons = [notes.get(place) or notes.setdefault(place, _reasons(knowledge, raised, place)) for place in places]
        return Chosen(places, scores[free].tolist(), reasons)


def _reasons(knowledge: Knowledge, raised: Raised, place: int) -> tuple[str, ...]:
    """What stands out in the customer's store this week first, then why it is bought."""
    here = bool(raised.store) and place in knowledge.stands_out(store_group(raised.store))
    bought = ("Bought more in your store than elsewhere",) if here else tuple(sentences(knowledge, (place,))[0])
    promotions, widely = knowledge.promotions, ""
    if raised.promoted == EVERYWHERE:
        if place < len(promotions.share) and promotions.share[place] >= WIDELY:
            widely = "Featured in many stores this week"
    elif raised.promoted:
        widely = promotions.sentence(raised.promoted, place)
    return (widely, *bought) if widely else bought
