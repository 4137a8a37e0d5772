"""Discovery: what this customer would like and has not bought yet, by their vector and recent popularity."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy

__all__ = ["ForYou"]

ALIKE = 0.25
"""Cosine from which on two items are like each other enough to name one as the reason for the other."""
REPEATED = 0.04
"""What naming an item once more takes off its cosine."""
IN_GENERAL = ("Chosen by customers who buy what you buy",)


class ForYou(Strategy):
    name = "for_you"
    fallbacks = ("popular",)
    searches = True
    shortage = "There are not enough items that this customer has not bought yet."

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        customer = page.customer
        if customer.vector is None:
            return Chosen(np.empty(0, np.int32), np.empty(0, np.float32), [])
        before = page.taken[customer.bought]
        page.taken[customer.bought] = True
        try:
            found = self._nearest(page, customer.vector, shelf.count)
            positions, scores = _with_newcomers(page, customer.vector, *found)
        finally:
            # Other shelves may well show what was bought before.
            page.taken[customer.bought] = before
        return Chosen(positions, scores, _because(page, positions))

    def _nearest(self, page: Page, vector: Floats, count: int) -> tuple[Positions, Floats]:
        knowledge = page.knowledge
        if page.found is not None:
            scores, rows = page.found
            positions, chosen_scores = page.fresh(knowledge.position_of[rows], scores, count)
            if len(positions) == count:
                return positions, chosen_scores
        # So much of what is near was bought before or is out of stock that all items must be looked at.
        every = knowledge.vectors @ vector
        if page.customer.further is not None:
            beside, added = page.customer.further
            every[beside] += added
        known = knowledge.position_of >= 0
        every[~known | page.taken[knowledge.position_of]] = -np.inf
        wanted = min(count, int(np.isfinite(every).sum()))
        if wanted == 0:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        best = np.argpartition(-every, wanted - 1)[:wanted]
        best = best[np.argsort(-every[best], kind="stable")]
        return knowledge.position_of[best], every[best]


def _with_newcomers(page: Page, vector: Floats, positions: Positions, scores: Floats) -> tuple[Positions, Floats]:
    """The list with items that nobody bought yet where what is said of them comes nearer than what stands there."""
    places, vectors = page.knowledge.newcomers.unbought()
    if not len(places) or not len(positions):
        return positions, scores
    near = vectors @ vector[: vectors.shape[1]]
    near[page.taken[places]] = -np.inf
    every = np.concatenate([scores, near])
    best = np.argsort(-every, kind="stable")[: len(positions)]
    return np.concatenate([positions, places])[best], every[best]


def _because(page: Page, positions: Positions) -> list[tuple[str, ...]]:
    """For each item the one of the customer's evidence that is most like it, in a sentence."""
    knowledge, evidence = page.knowledge, page.customer.evidence
    if not len(positions):
        return []
    rows = knowledge.row_of[positions]
    alike = knowledge.unit[rows] @ knowledge.unit[evidence].T
    alike[:, knowledge.columns.unnamed[knowledge.position_of[evidence]]] = -1.0
    # An item that would explain half the shelf steps back where another explains nearly as well.
    named_for = np.bincount(alike.argmax(axis=1), minlength=len(evidence))
    nearest = (alike - REPEATED * np.maximum(named_for - 1, 0)).argmax(axis=1)
    named = knowledge.position_of[evidence[nearest]]
    enough = ((alike[np.arange(len(rows)), nearest] >= ALIKE) & (rows >= 0)).tolist()
    bought = (named[:, None] == page.customer.bought).any(axis=1)
    columns = knowledge.columns
    titles = columns.titles
    return [
        (f"Because you {'bought' if was_bought else 'looked at'} {titles[place]}",)
        if near
        else IN_GENERAL
        if row >= 0
        else (f"New in {columns.category_name(own)}",)
        for own, row, place, was_bought, near in zip(
            positions.tolist(), rows.tolist(), named.tolist(), bought.tolist(), enough, strict=True
        )
    ]
