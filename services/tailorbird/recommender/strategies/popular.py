"""What many customers buy, for somebody of whom nothing is known; what visitors from their referrer come for first."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Popular", "interesting", "sentences"]


class Popular(Strategy):
    name = "popular"
    shortage = "There are no more items that may be shown."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        # Nothing that was bought before; what is put on this shelf is marked meanwhile and left as it was.
        before = page.taken.copy()
        page.taken[page.customer.bought] = True
        positions, scores = page.knowledge.popular
        wanted = interesting(page, positions)
        found = [self._next(page, positions[wanted], scores[wanted], shelf.count)]
        found.append(self._next(page, positions, scores, shelf.count - len(found[0][0])))
        missing = shelf.count - sum(len(places) for places, _ in found)
        if missing:
            # Nobody has bought anything yet, or nearly: whatever is there, in the catalogue's order.
            others = np.flatnonzero(~page.taken)[:missing].astype(np.int32)
            found.append((others, np.zeros(len(others), np.float32)))
        page.taken = before
        chosen = np.concatenate([places for places, _ in found])
        return Chosen(chosen, np.concatenate([values for _, values in found]), sentences(page.knowledge, chosen))

    def _next(self, page: Page, positions: Positions, scores: Floats, count: int) -> tuple[Positions, Floats]:
        places, values = page.fresh(positions, scores, count)
        page.taken[places] = True
        return places, values


def interesting(page: Page, positions: Positions) -> Positions:
    """Which of these belong to what visitors from the page's referrer come for; none when nobody said."""
    names = page.knowledge.interests_of(page.query.referrer_host) if page.query.referrer_host else ()
    if not names:
        return np.empty(0, np.int32)
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
