"""Where the customer left off, on whatever device: what they looked at or put away and did not buy, by interest."""

from __future__ import annotations

from operator import itemgetter

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Resume"]


class Resume(Strategy):
    name = "resume"
    shortage = "The customer has looked at nothing more that they could return to."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        visit, is_taken = page.customer.visit, page.is_taken
        # A profile joins the visits of all devices; what was bought since is no longer of interest.
        wanted = [
            (-attention, place)
            for place, attention in zip(visit.touched, visit.attention, strict=True)
            if attention > 0.0 and not is_taken[place] and place not in visit.bought
        ]
        best = sorted(wanted, key=itemgetter(0))[: shelf.count]
        reasons = [("You looked at this lately",)] * len(best)
        return Chosen([place for _, place in best], [-attention for attention, _ in best], reasons)
