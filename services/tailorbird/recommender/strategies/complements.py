"""What goes with the cart, or with what was just bought: items that stand in the same orders, damped."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats
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
        by_item = items.argsort(kind="stable")
        firsts = np.flatnonzero(np.diff(items[by_item], prepend=-1))
        together = items[by_item[firsts]]
        scores: Floats = np.add.reduceat(weights[by_item], firsts) if len(firsts) else weights
        positions = knowledge.position_of[together]
        scores[(positions < 0) | page.taken[positions]] = 0.0
        best, scores = knowledge.best(scores, shelf.count)
        # The start of which an item is a companion with the greatest weight is the reason for it.
        owner = np.repeat(rows, [span.stop - span.start for span in spans])
        strongest = np.where(items == together[best][:, None], weights, 0.0).argmax(axis=1) if len(items) else best
        named = knowledge.position_of[owner[strongest]].tolist()
        titles = knowledge.columns.titles
        return Chosen(positions[best], scores, [(f"Often bought with {titles[place]}",) for place in named])
