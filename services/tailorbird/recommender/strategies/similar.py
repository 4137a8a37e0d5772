"""Items like a given one: near in what customers buy with them, the same kind of thing first."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Similar"]

SAME_CATEGORY = 0.6
SAME_DEPARTMENT = 0.2
POPULAR = 0.03
"""What each doubling of recent popularity adds: a substitute that is sold is worth more than a forgotten one."""
STARTS = 3


class Similar(Strategy):
    name = "similar"
    shortage = "There are no more items like it."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        starts = page.around(shelf.item_id)[:STARTS]
        page.take(starts)
        titles = page.knowledge.columns.titles
        lists = [_like(page, start, shelf.count) for start in starts]
        reasons: dict[int, tuple[str, ...]] = {}
        scores: dict[int, float] = {}
        for start, (positions, values) in zip(starts, lists, strict=True):
            for place, value in zip(positions.tolist(), values.tolist(), strict=True):
                if value > scores.get(place, -1.0):
                    scores[place], reasons[place] = value, (f"Similar to {titles[start]}",)
        best = sorted(scores, key=lambda place: (-scores[place], place))[: shelf.count]
        return Chosen(best, [scores[place] for place in best], [reasons[place] for place in best])


def _like(page: Page, start: int, count: int) -> tuple[Positions, Floats]:
    knowledge = page.knowledge
    scores = _scores(knowledge, start)
    scores[page.taken] = 0.0
    return knowledge.best(scores, count)


def _scores(knowledge: Knowledge, start: int) -> Floats:
    """By position how like the item each other one is; 0 for what is of another department and not bought alike."""
    columns = knowledge.columns
    same = SAME_CATEGORY * (columns.category == columns.category[start]) * bool(columns.category[start])
    same += SAME_DEPARTMENT * (columns.department == columns.department[start]) * bool(columns.department[start])
    scores: Floats = same.astype(np.float32)
    row = knowledge.row_of[start]
    if row >= 0:
        alike = knowledge.unit @ knowledge.unit[row]
        known = knowledge.position_of >= 0
        scores[knowledge.position_of[known]] += np.maximum(alike[known], 0.0)
    scores[scores > 0] += POPULAR * np.log2(1.0 + knowledge.reach[scores > 0])
    return scores
