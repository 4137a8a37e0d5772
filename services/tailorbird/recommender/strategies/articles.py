"""Something to read: articles about what the customer buys, or about the item that the page is about."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Articles"]

IN_GENERAL = "From our kitchen and store"
AROUND = 3.0
"""What a category of the page's item or the cart counts beside the customer's favourite one."""


class Articles(Strategy):
    name = "articles"
    shortage = "There are no more articles."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        knowledge = page.knowledge
        columns = knowledge.columns
        articles = columns.articles()
        if not len(articles.positions):
            return Chosen(articles.positions, np.empty(0, np.float32), [])
        each = self._interest(page, shelf)[articles.category]
        own = np.add.reduceat(each, articles.starts)
        usual = np.add.reduceat(knowledge.usual_interest[articles.category], articles.starts)
        free = page.unread(articles.positions)
        chosen = free[np.lexsort((-usual[free], -own[free]))[: shelf.count]]
        page.read.update(articles.positions[chosen].tolist())
        ends = np.append(articles.starts, len(each))
        reasons = []
        for number in chosen.tolist():
            strongest = ends[number] + each[ends[number] : ends[number + 1]].argmax()
            code = articles.category[strongest]
            name = columns.categories.text(code)
            reasons.append((f"Because you like {name}" if each[strongest] > 0 else IN_GENERAL,))
        return Chosen(articles.positions[chosen], own[chosen], reasons)

    def _interest(self, page: Page, shelf: Shelf) -> Floats:
        """Per category how much it means to this customer, beside what it means to everybody; highest about 1."""
        columns = page.knowledge.columns
        interest = np.zeros(len(columns.categories.texts), np.float32)
        own = page.customer.interest
        interest[: len(own)] = own / np.sqrt(1.0 + page.knowledge.usual_interest[: len(own)])
        interest /= max(float(interest.max()), 1e-9)
        interest[columns.category[page.around(shelf.item_id)]] += AROUND
        interest[0] = 0.0
        return interest
