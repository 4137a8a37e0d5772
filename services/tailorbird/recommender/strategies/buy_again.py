"""Repeat purchases: what this customer likely buys again within four weeks, by `Habits.again`."""

from __future__ import annotations

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["BuyAgain"]


class BuyAgain(Strategy):
    name = "buy_again"
    shortage = "The customer has not bought more that could be bought again now."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        past = page.customer.past
        places = past.bought[past.likeliest]
        free = page.free(places, shelf.count)
        best = past.likeliest[free]
        reasons = [(_sentence(int(often)),) for often in past.times[best].tolist()]
        return Chosen(places[free].tolist(), past.again[best].tolist(), reasons)


def _sentence(times: int) -> str:
    return f"You bought this {times} times" if times > 1 else "You bought this before"
