"""What people who come from the same place look for: the referrer's own list, else what stands out in the store."""

from __future__ import annotations

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.popular import interesting, sentences
from tailorbird.recommender.strategies.strategy import NOTHING, Chosen, Strategy

__all__ = ["Referrer"]


class Referrer(Strategy):
    name = "referrer"
    fallbacks = ("trending", "popular")
    shortage = "There are no more items that visitors from there look for."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        positions, scores = page.knowledge.popular
        wanted = interesting(page, positions)
        if not len(wanted):
            return NOTHING
        free = wanted[page.free(positions[wanted], shelf.count)]
        places = positions[free].tolist()
        host = page.query.referrer_host.removeprefix("www.")
        reasons = [(*told, f"Visitors from {host} look for this") for told in sentences(page.knowledge, places)]
        return Chosen(places, scores[free].tolist(), reasons)
