"""What goes with the cart, or with what was just bought: items that stand in the same orders, damped."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Positions
from tailorbird.recommender.knowledge import Knowledge
from tailorbird.recommender.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["Complements"]

STARTS = 40
"""Items of a cart that are looked at: the first ones."""


class Complements(Strategy):
    name = "complements"
    shortage = "Nothing more is known to go with these items."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        knowledge = page.knowledge
        starts = page.around(shelf.item_id)[:STARTS]
        rows = knowledge.row_of[starts]
        rows = rows[rows >= 0]
        companions = knowledge.model.companions
        spans = [slice(companions.starts[row], companions.starts[row + 1]) for row in rows.tolist()]
        if not spans:
            return Chosen(np.empty(0, np.int32), np.empty(0, np.float32), [])
        page.taken[starts] = True
        items = np.concatenate([companions.item[span] for span in spans])
        weights = np.concatenate([companions.weight[span] for span in spans])
        together, entry = np.unique(items, return_inverse=True)
        positions = knowledge.position_of[together]
        scores = np.bincount(entry, weights=weights, minlength=len(together)).astype(np.float32)
        scores[(positions < 0) | page.taken[positions]] = 0.0
        best, scores = knowledge.best(scores, shelf.count)
        reasons = [(_sentence(knowledge, rows, int(row)),) for row in together[best]]
        return Chosen(positions[best], scores, reasons)


def _sentence(knowledge: Knowledge, starts: Positions, row: int) -> str:
    """Names the item of the starts that is bought with this one the most."""
    companions = knowledge.model.companions
    strongest, heaviest = -1, 0.0
    for start in starts.tolist():
        span = slice(companions.starts[start], companions.starts[start + 1])
        weight = float(companions.weight[span][companions.item[span] == row].sum())
        if weight > heaviest:
            strongest, heaviest = start, weight
    return f"Often bought with {knowledge.columns.titles[knowledge.position_of[strongest]]}"
