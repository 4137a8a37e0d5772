"""One shelf, filled: what its filters leave, by its strategy, then by that one's fallbacks, in the order it asks."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from tailorbird.contracts.recommender import Recommendation, Shelf, ShelfItems
from tailorbird.recommender.exploring import explored
from tailorbird.recommender.narrowing import left_out, narrows, shortfall
from tailorbird.recommender.page import Page
from tailorbird.recommender.strategies import STRATEGIES
from tailorbird.recommender.strategies.strategy import Chosen
from tailorbird.recommender.varying import varied

__all__ = ["filled"]

LONGER = 4
"""Of so many times the items a list is made diverse."""


def filled(page: Page, shelf: Shelf) -> ShelfItems:
    """The shelf, or as much of it as there is with a note why it is short."""
    if not narrows(shelf):
        return _filled(page, shelf, STRATEGIES[shelf.strategy].shortage)
    before = page.taken
    page.taken = before | left_out(page, shelf)
    answer = _filled(page, shelf, "")
    if len(answer.items) < shelf.count and not answer.note:
        answer = replace(answer, note=shortfall(page, len(answer.items)))
    page.taken = before
    places = page.knowledge.columns.positions(item.item_id for item in answer.items)
    page.taken[places] = True
    return answer


def _filled(page: Page, shelf: Shelf, shortage: str) -> ShelfItems:
    strategy = STRATEGIES[shelf.strategy]
    ids = page.knowledge.columns.ids
    items: list[Recommendation] = []
    for name in (strategy.name, *strategy.fallbacks):
        if len(items) == shelf.count:
            break
        wanted = shelf if not items else replace(shelf, count=shelf.count - len(items))
        chosen = _chosen(page, wanted, name)
        page.taken[chosen.positions] = True
        shares = chosen.shares or [1.0] * len(chosen.positions)
        items += [
            Recommendation(item_id=ids[place], score=round(score, 5), reasons=reasons, propensity=share)
            for place, score, reasons, share in zip(
                chosen.positions.tolist(), chosen.scores.tolist(), chosen.reasons, shares, strict=True
            )
        ]
    note = "" if len(items) == shelf.count else shortage
    return ShelfItems(slot=shelf.slot, strategy=shelf.strategy, items=tuple(items), note=note)


def _chosen(page: Page, shelf: Shelf, name: str) -> Chosen:
    """By this strategy; longer first and then cut, where the shelf is to be diverse or to explore."""
    strategy = STRATEGIES[name]
    if not shelf.diverse and not shelf.explore:
        return strategy.choose(page, shelf)
    chosen = strategy.choose(page, replace(shelf, count=min(200, LONGER * shelf.count)))
    if shelf.diverse:
        chosen = varied(chosen, page.knowledge.columns.category[chosen.positions], shelf.diverse, shelf.count)
    if shelf.explore:
        return explored(page, shelf, chosen)
    kept = np.arange(min(shelf.count, len(chosen.positions)))
    return Chosen(chosen.positions[kept], chosen.scores[kept], [chosen.reasons[place] for place in kept.tolist()])
