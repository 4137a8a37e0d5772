"""One shelf, filled: what its filters leave, by its strategy, then by that one's fallbacks, in the order it asks."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from tailorbird.contracts.recommender import Recommendation, Shelf, ShelfItems
from tailorbird.recommender.shelves.curating import Curated
from tailorbird.recommender.shelves.exploring import explored
from tailorbird.recommender.shelves.narrowing import left_out, narrows, shortfall
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.shelves.varying import moved, reordered, varied
from tailorbird.recommender.strategies import STRATEGIES
from tailorbird.recommender.strategies.strategy import Chosen

__all__ = ["filled"]

LONGER = 4
"""Of so many times the items a list is put into another order."""


def filled(page: Page, shelf: Shelf) -> ShelfItems:
    """The shelf, or as much of it as there is with a note why it is short."""
    query, customer = page.query, page.customer
    curated = page.curations.of(shelf, customer.segments, query.store_id, query.at)
    if curated is None and not narrows(shelf):
        return _filled(page, shelf, STRATEGIES[shelf.strategy].shortage)
    before = page.taken
    page.taken = before | left_out(page, shelf) if narrows(shelf) else before.copy()
    read = set(page.read)
    if curated is not None and curated.banned is not None:
        page.taken |= curated.banned
        page.read.update(np.flatnonzero(curated.banned).tolist())
    answer = _filled(page, shelf, "" if narrows(shelf) else STRATEGIES[shelf.strategy].shortage, curated)
    if len(answer.items) < shelf.count and not answer.note:
        answer = replace(answer, note=shortfall(page, len(answer.items)))
    places = page.knowledge.columns.positions(item.item_id for item in answer.items)
    page.taken = before
    page.take(places[places >= 0].tolist())
    if curated is not None and curated.banned is not None:
        page.read = read | set(places[places >= 0].tolist())
    return answer


def _filled(page: Page, shelf: Shelf, shortage: str, curated: Curated | None = None) -> ShelfItems:
    strategy = STRATEGIES[shelf.strategy]
    ids = page.knowledge.columns.ids
    items: list[Recommendation] = []
    first = _pinned(page, shelf, curated)
    for name in (strategy.name, *strategy.fallbacks):
        missing = shelf.count - len(items) - len(first)
        if missing <= 0:
            break
        wanted = shelf if missing == shelf.count else replace(shelf, count=missing)
        chosen = _chosen(page, wanted, name, curated)
        page.take(chosen.positions)
        told = zip(chosen.positions, chosen.scores, chosen.reasons, strict=True)
        if chosen.shares:
            items += [
                Recommendation(item_id=ids[place], score=round(score, 5), reasons=reasons, propensity=share)
                for (place, score, reasons), share in zip(told, chosen.shares, strict=True)
            ]
        else:
            # Without a propensity each is a few bytes shorter on its way.
            items += [
                Recommendation(item_id=ids[place], score=round(score, 5), reasons=reasons)
                for place, score, reasons in told
            ]
    # What a person put there stands before everything that a score did.
    best = items[0].score if items else 1.0
    items = [*(Recommendation(item_id=ids[place], score=best, reasons=reasons) for place, reasons in first), *items]
    note = "" if len(items) == shelf.count else shortage
    return ShelfItems(slot=shelf.slot, strategy=shelf.strategy, items=tuple(items), note=note)


def _pinned(page: Page, shelf: Shelf, curated: Curated | None) -> list[tuple[int, tuple[str, ...]]]:
    """What stands first and may be shown to this customer now, marked as taken."""
    if curated is None or not len(curated.pinned):
        return []
    free = [
        (place, reasons)
        for place, reasons in zip(curated.pinned.tolist(), curated.reasons, strict=True)
        if not page.is_taken[place]
    ][: shelf.count]
    page.take(place for place, _ in free)
    return free


def _chosen(page: Page, shelf: Shelf, name: str, curated: Curated | None) -> Chosen:
    """By this strategy; longer first and then cut, where items move, or the shelf is to be diverse or to explore."""
    strategy = STRATEGIES[name]
    strength = None if curated is None else curated.strength
    if not shelf.diverse and not shelf.explore and strength is None:
        return strategy.choose(page, shelf)
    chosen = strategy.choose(page, replace(shelf, count=min(200, LONGER * shelf.count)))
    if strength is not None:
        chosen = moved(chosen, strength)
    if shelf.diverse:
        chosen = varied(chosen, page.knowledge.columns.category, shelf.diverse, shelf.count)
    if shelf.explore:
        return explored(page, shelf, chosen)
    return reordered(chosen, range(min(shelf.count, len(chosen.positions))))
