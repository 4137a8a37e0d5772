"""What is new in the shop in the categories that this customer buys in; found before anybody bought it."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import NOTHING, Chosen, Strategy
from tailorbird.recommender.vectors.newcomers import NEW_DAYS

__all__ = ["NewInYourCategories"]

CATEGORIES = 12
"""Favourite categories that are looked at."""
SAME_BRAND = 0.25
"""What a brand that the customer buys adds to an item of it."""
OLDER = 0.5
"""What an item loses until it is no longer new."""


class NewInYourCategories(Strategy):
    name = "new_in_your_categories"
    shortage = "Nothing more is new in the customer's categories."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        knowledge, past = page.knowledge, page.customer.past
        columns, new = knowledge.columns, knowledge.newcomers.new()
        liked = past.favour.copy()
        liked[:1] = 0.0
        if not liked.any() or not len(new):
            return NOTHING
        favourites = np.argsort(-liked, kind="stable")[:CATEGORIES]
        weight = np.zeros(len(columns.categories.texts), np.float32)
        weight[favourites] = liked[favourites] / liked.max()
        scores = weight[columns.category[new]] * (1.0 - OLDER * knowledge.known_days[new] / NEW_DAYS)
        brands = np.unique(columns.brand[past.bought])
        scores *= 1.0 + SAME_BRAND * np.isin(columns.brand[new], brands[brands > 0])
        scores *= 1.0 + np.log1p(knowledge.reach[new])
        scores[page.taken[new] | knowledge.among(new, past.bought)] = 0.0
        best, scores = knowledge.best(scores.astype(np.float32), shelf.count)
        places = new[best].tolist()
        return Chosen(places, scores.tolist(), [(f"New in {columns.category_name(place)}",) for place in places])
