"""Where the customer left off, on whatever device: what they looked at or put away and did not buy, by interest."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Resume"]


class Resume(Strategy):
    name = "resume"
    shortage = "The customer has looked at nothing more that they could return to."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        customer = page.customer
        # A profile joins the visits of all devices; what was bought since is no longer of interest.
        scores = np.where(page.taken[customer.touched], 0.0, customer.attention).astype(np.float32)
        if len(customer.bought_lately):
            scores[(customer.touched[:, None] == customer.bought_lately).any(axis=1)] = 0.0
        best, scores = page.knowledge.best(scores, shelf.count)
        return Chosen(customer.touched[best], scores, [("You looked at this lately",)] * len(best))
