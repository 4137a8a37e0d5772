"""What more and more customers buy these days, raised for what stands out in their store and among those like them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.models.groups import store_group
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
        trending = knowledge.trending(query.store_id, page.customer.segments, query.at)
        positions, scores = page.fresh(*trending, shelf.count)
        reasons: Sequence[tuple[str, ...]] = sentences(knowledge, positions)
        if query.store_id:
            here = np.isin(positions, knowledge.stands_out(store_group(query.store_id)))
            reasons = [("Bought more in your store than elsewhere",) if own else told
                       for own, told in zip(here.tolist(), reasons, strict=True)]  # fmt: skip
        if knowledge.promotions.valid(query.at):
            promoted = [_promoted(page, place) for place in positions.tolist()]
            reasons = [(told, *reason) if told else reason for told, reason in zip(promoted, reasons, strict=True)]
        return Chosen(positions, scores, reasons)


def _promoted(page: Page, place: int) -> str:
    promotions, store_id = page.knowledge.promotions, page.query.store_id
    if store_id in promotions.stores:
        return promotions.sentence(store_id, place)
    widely = place < len(promotions.share) and promotions.share[place] >= WIDELY
    return "Featured in many stores this week" if widely else ""
