"""Discovery: what this customer would like and has not bought yet, by their vector and recent popularity."""

from __future__ import annotations

import numpy as np

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import NOTHING, Chosen, Strategy

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
        vector = page.customer.taste.vector
        if vector is None:
            return NOTHING
        positions, scores = _with_newcomers(page, vector, *self._nearest(page, vector, shelf.count))
        return Chosen(positions, scores, _because(page, positions))

    def _nearest(self, page: Page, vector: Floats, count: int) -> tuple[list[int], list[float]]:
        knowledge, customer = page.knowledge, page.customer
        if page.found is not None:
            places, near = page.found
            free = page.free(places, count)
            if len(free) == count:
                return places[free].tolist(), near[free].tolist()
        # So much of what is near was bought before or is out of stock that all items must be looked at.
        every = knowledge.vectors @ vector
        if customer.taste.further is not None:
            beside, added = customer.taste.further
            every[beside] += added
        known = knowledge.position_of >= 0
        every[~known | page.taken[knowledge.position_of]] = -np.inf
        had = knowledge.row_of[customer.past.bought]
        every[had[had >= 0]] = -np.inf
        wanted = min(count, int(np.isfinite(every).sum()))
        if wanted == 0:
            return [], []
        best = np.argpartition(-every, wanted - 1)[:wanted]
        best = best[np.argsort(-every[best], kind="stable")]
        return knowledge.position_of[best].tolist(), every[best].tolist()


def _with_newcomers(
    page: Page, vector: Floats, positions: list[int], scores: list[float]
) -> tuple[list[int], list[float]]:
    """The list with items that nobody bought yet where what is said of them comes nearer than what stands there."""
    places, vectors = page.knowledge.newcomers.unbought()
    if not len(places) or not positions:
        return positions, scores
    near = vectors @ vector[: vectors.shape[1]]
    near[page.taken[places] | page.knowledge.among(places, page.customer.past.bought)] = -np.inf
    every = np.concatenate([scores, near])
    best = np.argsort(-every, kind="stable")[: len(positions)]
    return np.concatenate([positions, places])[best].tolist(), every[best].tolist()


def _because(page: Page, positions: list[int]) -> list[tuple[str, ...]]:
    """For each item the one of the customer's evidence that is most like it, in a sentence."""
    if not positions:
        return []
    columns, rows = page.knowledge.columns, page.knowledge.row_of[positions]
    named, bought, units = page.evidence
    nearest, likeness = [0] * len(rows), [-1.0] * len(rows)
    if named:
        nearest, likeness = _nearest_evidence(page.knowledge.unit.take(rows, axis=0) @ units.T)
    titles = columns.titles
    return [
        (f"New in {columns.category_name(place)}",)
        if row < 0
        else (f"Because you {'bought' if bought[number] else 'looked at'} {titles[named[number]]}",)
        if alike >= ALIKE
        else IN_GENERAL
        for place, row, number, alike in zip(positions, rows.tolist(), nearest, likeness, strict=True)
    ]


def _nearest_evidence(alike: Floats) -> tuple[list[int], list[float]]:
    """By item (which piece of evidence, how much alike they are). alike: items x evidence."""
    nearest = alike.argmax(axis=1)
    if len(set(nearest.tolist())) < len(nearest):
        # An item that would explain half the shelf steps back where another explains nearly as well.
        named_for = np.bincount(nearest, minlength=alike.shape[1])
        nearest = (alike - REPEATED * np.maximum(named_for - 1, 0)).argmax(axis=1)
    return nearest.tolist(), alike[np.arange(len(alike)), nearest].tolist()
