"""What many customers buy, for somebody of whom nothing is known; what visitors from their referrer come for first."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Positions
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Popular", "interesting", "sentences"]


class Popular(Strategy):
    name = "popular"
    shortage = "There are no more items that may be shown."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        # Nothing that was bought before; what is put on this shelf is marked meanwhile and left as it was.
        before = page.taken
        page.taken = before.copy()
        page.taken[page.customer.past.bought] = True
        positions, scores = page.knowledge.popular
        wanted = interesting(page, positions)
        places: list[int] = []
        values: list[float] = []
        for among in (wanted, slice(None)) if len(wanted) else (slice(None),):
            free = page.free(positions[among], shelf.count - len(places))
            places += positions[among][free].tolist()
            values += scores[among][free].tolist()
            page.take(places)
        if (missing := shelf.count - len(places)) > 0:
            # Nobody has bought anything yet, or nearly: whatever is there, in the catalogue's order.
            others = np.flatnonzero(~page.taken)[:missing].tolist()
            places += others
            values += [0.0] * len(others)
        page.taken = before
        return Chosen(places, values, sentences(page.knowledge, places))


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


def sentences(knowledge: Knowledge, positions: Iterable[int]) -> list[tuple[str, ...]]:
    """Why each of these: that it is popular, and among what."""
    notes = knowledge.notes("popular")
    return [notes.get(place) or notes.setdefault(place, (_sentence(knowledge, place),)) for place in positions]


def _sentence(knowledge: Knowledge, place: int) -> str:
    if not knowledge.reach[place] > 0:
        return "From our shelves"
    name = knowledge.columns.department_name(place)
    return f"Popular in {name} this week" if name else "Popular this week"
