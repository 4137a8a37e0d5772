"""Repeat purchases: what the customer buys often and lately, and what people come back for at all.

Recency and frequency beat every factor model here: times * 2^(-age / 60 days) * sqrt(share of buyers who returned) has
ndcg@10 .490 against .478 without the last part, .455 by frequency and .221 by recency alone.
"""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.foldin import DAY
from tailorbird.recommender.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["BuyAgain"]

HALF_LIFE_DAYS = 60.0


class BuyAgain(Strategy):
    name = "buy_again"
    shortage = "The customer has not bought more that could be bought again now."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        customer, knowledge = page.customer, page.knowledge
        age = np.maximum(page.query.at / DAY - customer.last_at, 0.0)
        habit = np.maximum(knowledge.habit_weight[customer.bought], 0.1)
        scores = (customer.times * np.exp2(-age / HALF_LIFE_DAYS) * habit).astype(np.float32)
        scores[page.taken[customer.bought]] = 0.0
        # An item both in the history and among recent signals stands twice; the first counts.
        best, scores = knowledge.best(scores, 2 * shelf.count)
        first = np.unique(customer.bought[best], return_index=True)[1]
        order = np.sort(first)[: shelf.count]
        chosen = best[order]
        times = customer.times[chosen].tolist()
        reasons = [(_sentence(int(often)),) for often in times]
        return Chosen(customer.bought[chosen], scores[order], reasons)


def _sentence(times: int) -> str:
    return f"You bought this {times} times" if times > 1 else "You bought this before"
