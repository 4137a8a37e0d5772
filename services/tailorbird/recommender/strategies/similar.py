"""Items like a given one: near in what customers buy with them, the same kind of thing first."""

from __future__ import annotations

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy
from tailorbird.recommender.vectors.likeness import LONG

__all__ = ["Similar"]

STARTS = 3


class Similar(Strategy):
    name = "similar"
    shortage = "There are no more items like it."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        starts = page.around(shelf.item_id)[:STARTS]
        page.take(starts)
        titles = page.knowledge.columns.titles
        reasons: dict[int, tuple[str, ...]] = {}
        scores: dict[int, float] = {}
        for start in starts:
            for place, value in _like(page, start, shelf.count):
                if value > scores.get(place, -1.0):
                    scores[place], reasons[place] = value, (f"Similar to {titles[start]}",)
        best = sorted(scores, key=lambda place: (-scores[place], place))[: shelf.count]
        return Chosen(best, [scores[place] for place in best], [reasons[place] for place in best])


def _like(page: Page, start: int, count: int) -> list[tuple[int, float]]:
    likeness = page.knowledge.likeness
    places, scores = likeness.first(start)
    free = page.free(places, count)
    if len(free) < count and len(places) == LONG:
        # So much of what is like it may not be shown here that everything must be looked at.
        places, scores = likeness.every(start)
        free = page.free(places, count)
    return list(zip(places[free].tolist(), scores[free].tolist(), strict=True))
