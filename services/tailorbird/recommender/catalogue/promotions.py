"""Which items stand out in which store this week: on a display, or in the leaflet."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Flags, Floats, Positions

__all__ = ["NO_PROMOTIONS", "Promotions"]

STALE_AFTER = 8 * 86_400.0
"""A week's promotions stand in for the next one, should that not have come yet; not longer."""


class Promotions(Struct, frozen=True):
    """One entry per (store, item) of the latest week, sorted by store."""

    stores: dict[str, tuple[int, int]]
    """Store -> its first entry and the one after its last."""
    items: Positions
    mailed: Flags
    """True: in the leaflet; else on a display in the store."""
    share: Floats
    """Per item of the catalogue: in which share of the stores it stands out."""
    ends_at: float = 0.0

    def valid(self, at: float) -> bool:
        return bool(len(self.items)) and at < self.ends_at + STALE_AFTER

    def of_store(self, store_id: str) -> tuple[Positions, Flags]:
        """(items, mailed) of that store; none for a store that is not known."""
        first, after = self.stores.get(store_id, (0, 0))
        return self.items[first:after], self.mailed[first:after]

    def sentence(self, store_id: str, position: int) -> str:
        """What to say of the item in that store this week; empty when it does not stand out there."""
        items, mailed = self.of_store(store_id)
        found = np.flatnonzero(items == position)
        if not len(found):
            return ""
        return "In this week's leaflet" if mailed[found].any() else "On display in your store this week"


def promotions_of(
    store_ids: list[str], store: Positions, items: Positions, mailed: Flags, ends_at: float
) -> Promotions:
    """The promotions of these entries: `store` indexes `store_ids`, `items` are positions (-1: not known, left out)."""
    known = items >= 0
    store, items, mailed = store[known], items[known], mailed[known]
    by_store = np.argsort(store, kind="stable")
    store, items, mailed = store[by_store], items[by_store], mailed[by_store]
    bounds = np.searchsorted(store, np.arange(len(store_ids) + 1))
    named = {name: (int(bounds[code]), int(bounds[code + 1])) for code, name in enumerate(store_ids)}
    share: Floats = (np.bincount(items, minlength=1) / max(len(store_ids), 1)).astype(np.float32)
    return Promotions(named, items, mailed, share, ends_at)


NO_PROMOTIONS = Promotions({}, np.empty(0, np.int32), np.empty(0, np.bool_), np.empty(0, np.float32))
