"""What many customers buy, for somebody of whom nothing is known; what visitors from their referrer come for first."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Positions
from tailorbird.recommender.knowledge import Knowledge
from tailorbird.recommender.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Popular", "sentences"]


class Popular(Strategy):
    name = "popular"
    shortage = "There are no more items that may be shown."

    def choose(self, page: Page, shelf: Shelf, count: int) -> Chosen:
        knowledge = page.knowledge
        customer, before = page.customer, page.taken[page.customer.bought]
        page.taken[customer.bought] = True
        try:
            positions, scores = knowledge.popular
            interesting = self._interesting(page, positions)
            first, first_scores = page.fresh(positions[interesting], scores[interesting], count)
            page.taken[first] = True
            rest, rest_scores = page.fresh(positions, scores, count - len(first))
            page.taken[first] = False
            chosen, found = np.concatenate([first, rest]), np.concatenate([first_scores, rest_scores])
            if len(chosen) < count:
                # Nobody has bought anything yet, or nearly: whatever is there, in the catalogue's order.
                page.taken[chosen] = True
                others = np.flatnonzero(~page.taken)[: count - len(chosen)].astype(np.int32)
                page.taken[chosen] = False
                chosen, found = np.concatenate([chosen, others]), np.concatenate([found, np.zeros(len(others), np.float32)])
        finally:
            page.taken[customer.bought] = before
        return Chosen(chosen, found.astype(np.float32), sentences(knowledge, chosen))

    def _interesting(self, page: Page, positions: Positions) -> Positions:
        names = page.knowledge.interests_of(page.query.referrer_host) if page.query.referrer_host else ()
        if not names:
            return positions[:0]
        columns = page.knowledge.columns
        categories = [columns.categories.find(name) for name in names]
        departments = [columns.departments.find(name) for name in names]
        wanted = np.isin(columns.category[positions], categories) | np.isin(columns.department[positions], departments)
        return np.flatnonzero(wanted).astype(np.int32)


def sentences(knowledge: Knowledge, positions: Positions) -> list[tuple[str, ...]]:
    """Why each of these: that it is popular, and among what."""
    columns = knowledge.columns
    bought = (knowledge.reach[positions] > 0).tolist()
    names = [columns.department_name(place) for place in positions.tolist()]
    return [
        ((f"Popular in {name} this week" if name else "Popular this week") if known else "From our shelves",)
        for name, known in zip(names, bought, strict=True)
    ]
