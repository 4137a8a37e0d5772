"""A given list, such as the results of a search, put into this customer's order."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import NOTHING, Chosen, Strategy

__all__ = ["Search"]

TASTE = 1.0
AGAIN = 3.0
INTEREST = 0.5
POPULAR = 0.1
"""What likeness to the customer's taste, a sure repurchase, their favourite category and each doubling of popularity
add, beside the place in the given list: the first place is worth 1, the third a half."""


class Search(Strategy):
    name = "search"
    shortage = "There were no more items in the given list that may be shown."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        columns, past, knowledge = page.knowledge.columns, page.customer.past, page.knowledge
        given = columns.positions(dict.fromkeys(shelf.among))
        place = np.arange(len(given), dtype=np.float32)
        shown = (given >= 0) & ~page.taken[given]
        given, place = given[shown], place[shown]
        if not len(given):
            return NOTHING
        scores = (1.0 / np.log2(place + 2.0)).astype(np.float32)
        scores += POPULAR * np.log2(1.0 + knowledge.reach[given])
        again = np.zeros(knowledge.capacity, np.float32)
        again[past.bought] = past.again
        scores += AGAIN * again[given] + TASTE * _alike(page, given)
        interest = past.interest
        if interest.any():
            code = columns.category[given]
            inside = np.where(code < len(interest), interest[np.minimum(code, len(interest) - 1)], 0.0)
            scores += INTEREST * inside / interest.max()
        best = np.argsort(-scores, kind="stable")[: shelf.count]
        bought = again[given[best]] > 0
        reasons = [("You bought this before",) if known else ("Matches what you looked for",) for known in bought]
        return Chosen(given[best].tolist(), scores[best].tolist(), reasons)


def _alike(page: Page, places: Positions) -> Floats:
    """Cosine of each item with the customer's vector; 0 for what neither the model nor we know."""
    knowledge, vector = page.knowledge, page.customer.taste.vector
    likeness = np.zeros(len(places), np.float32)
    rows = knowledge.row_of[places]
    known = rows >= 0
    if vector is not None and known.any():
        taste = vector[: knowledge.unit.shape[1]]
        likeness[known] = knowledge.unit[rows[known]] @ (taste / max(float(np.linalg.norm(taste)), 1e-6))
    return likeness
