"""What goes with the cart, or with what was just bought: what stands in the same orders, and this customer's habits.

Two learned scores of one scale, the log-odds of being the next item: `Habits.beside` for what was bought before,
`Habits.new` for what never was.
"""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.models.repurchase import beside_numbers, new_numbers
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import NOTHING, Chosen, Strategy

__all__ = ["Complements"]

STARTS = 40
"""Items of a cart that are looked at: the first ones."""
WITH_HABITS = "You often buy this with what is in your cart"


class Complements(Strategy):
    name = "complements"
    shortage = "Nothing more is known to go with these items."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        knowledge, past = page.knowledge, page.customer.past
        starts = page.around(shelf.item_id)[:STARTS]
        rows = knowledge.row_of[starts]
        rows = rows[rows >= 0]
        if not len(rows):
            return NOTHING
        page.take(starts)
        together, weight, owner = self._together(page, rows)
        habits = knowledge.model.habits
        # Around one item that the page is about, habits have no say: what goes with it is asked.
        mine = past.bought if not shelf.item_id else past.bought[:0]
        own = np.zeros(knowledge.capacity, np.bool_)
        own[mine] = True
        by_place = np.zeros(knowledge.capacity, np.float32)
        by_place[together] = weight
        others = together[~own[together]]
        numbers = new_numbers(knowledge.turnover[others], by_place[others], len(starts), past.lines)
        odds = habits.new.log_odds(numbers)
        places = others
        if len(mine):
            beside = beside_numbers(past.numbers, by_place[mine], len(starts))
            odds = np.concatenate([odds, habits.beside.log_odds(beside)])
            places = np.concatenate([others, mine])
        likely = 1.0 / (1.0 + np.exp(-odds))
        likely[page.taken[places]] = 0.0
        best, scores = knowledge.best(likely.astype(np.float32), shelf.count)
        named = dict(zip(together.tolist(), owner.tolist(), strict=True))
        titles = knowledge.columns.titles
        reasons = [
            (f"Often bought with {titles[named[place]]}" if place in named else WITH_HABITS,)
            for place in places[best].tolist()
        ]
        return Chosen(places[best].tolist(), scores.tolist(), reasons)

    def _together(self, page: Page, rows: Positions) -> tuple[Positions, Floats, Positions]:
        """(places, weight beside these rows, the place of the one that each weighs most beside)."""
        knowledge = page.knowledge
        companions = knowledge.model.companions
        spans = [slice(companions.starts[row], companions.starts[row + 1]) for row in rows.tolist()]
        items = np.concatenate([companions.item[span] for span in spans])
        weights = np.concatenate([companions.weight[span] for span in spans])
        owner = np.repeat(rows, [span.stop - span.start for span in spans])
        # Of each item the heaviest entry first: it names the reason.
        order = np.lexsort((-weights, items))
        items, weights, owner = items[order], weights[order], owner[order]
        firsts = np.flatnonzero(np.diff(items, prepend=-1))
        summed: Floats = np.add.reduceat(weights, firsts) if len(firsts) else weights
        places = knowledge.position_of[items[firsts]]
        known = places >= 0
        return places[known], summed[known], knowledge.position_of[owner[firsts]][known]
