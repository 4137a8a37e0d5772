"""Repeat purchases: what this customer likely buys again within four weeks, by `Habits.again`."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["BuyAgain"]


class BuyAgain(Strategy):
    name = "buy_again"
    shortage = "The customer has not bought more that could be bought again now."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        customer = page.customer
        scores = np.where(page.taken[customer.bought], 0.0, customer.again).astype(np.float32)
        best, scores = page.knowledge.best(scores, shelf.count)
        reasons = [(_sentence(int(often)),) for often in customer.times[best].tolist()]
        return Chosen(customer.bought[best], scores, reasons)


def _sentence(times: int) -> str:
    return f"You bought this {times} times" if times > 1 else "You bought this before"
