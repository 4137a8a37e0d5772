"""Something to read: articles about what the customer buys, or about the item that the page is about."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.columns import Columns, Readings
from tailorbird.recommender.foldin import DAY
from tailorbird.recommender.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Articles"]

HALF_LIFE_DAYS = 90.0
AROUND = 3.0
"""What a category of the page's item or the cart counts beside the customer's favourite one."""


class Articles(Strategy):
    name = "articles"
    shortage = "There are no more articles."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        knowledge = page.knowledge
        columns = knowledge.columns
        articles = columns.articles()
        many = len(articles.positions)
        if not many:
            return Chosen(articles.positions, np.empty(0, np.float32), [])
        each = self._interest(page, shelf)[articles.category]
        own = np.bincount(articles.article, weights=each, minlength=many)
        usual = np.bincount(articles.article, weights=knowledge.usual_interest[articles.category], minlength=many)
        free = page.unread(articles.positions)
        order = np.lexsort((-usual[free], -own[free]))[: shelf.count]
        chosen = free[order]
        page.read.update(articles.positions[chosen].tolist())
        reasons = [(self._sentence(columns, articles, each, number),) for number in chosen.tolist()]
        return Chosen(articles.positions[chosen], own[chosen].astype(np.float32), reasons)

    def _sentence(self, columns: Columns, articles: Readings, each: Floats, number: int) -> str:
        entries = np.flatnonzero(articles.article == number)
        strongest = entries[each[entries].argmax()] if len(entries) else -1
        if strongest < 0 or each[strongest] <= 0:
            return "From our kitchen and store"
        return f"Because you like {columns.categories.texts[articles.category[strongest]]}"

    def _interest(self, page: Page, shelf: Shelf) -> Floats:
        """Per category how much it means to this customer, beside what it means to everybody; highest about 1."""
        columns, customer = page.knowledge.columns, page.customer
        width = len(columns.categories.texts)
        age = np.maximum(page.query.at / DAY - customer.last_at, 0.0)
        weights = np.log1p(customer.times) * np.exp2(-age / HALF_LIFE_DAYS)
        own = np.bincount(columns.category[customer.bought], weights=weights, minlength=width)
        own[0] = 0.0
        interest = own / np.sqrt(1.0 + page.knowledge.usual_interest[:width])
        interest /= max(float(interest.max()), 1e-9)
        around = page.around(shelf.item_id)
        interest[columns.category[around]] += AROUND
        result: Floats = interest.astype(np.float32)
        return result
