"""What the recommender answered lately, kept for as long as nothing has changed that it was made from.

Somebody who opens a second page a moment later would be recommended the same: that needs neither a hop nor a search.
An answer is kept under the facts of the customer that it was made from, so another is asked for as soon as they do
anything; all of them go when the model, the catalogue or promotions change. What an item costs, and whether there is
any, is not kept: that is looked up for every page.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter

from msgspec import Struct

from tailorbird.assembler.gathering.picks import Shelves
from tailorbird.contracts.recommender import RecommendQuery

__all__ = ["KeptShelves"]

SETTLES_AFTER = 1.0
"""Seconds after a change during which answers are not kept: the recommender may learn of it later than we do."""

Key = tuple[object, ...]
"""All of a query but its moment."""


class _Kept(Struct, frozen=True, gc=False):
    shelves: Shelves
    made_at: float
    change: int


class KeptShelves:
    """The `size` answers used last, none older than `seconds`."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float]) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._settled_at = 0.0
        self.change = 0
        """Counts changes of what answers are made from. An answer asked for before a change is not kept after it."""

    def find(self, query: RecommendQuery) -> Shelves | None:
        """The answer to this query from a moment ago; None: ask. With drafts on trial it is asked each time."""
        if query.trial:
            return None
        kept = self._kept.get(key := _key(query))
        if kept is None:
            return None
        if kept.change != self.change or query.at - kept.made_at > self._seconds:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept.shelves

    def keep(self, query: RecommendQuery, shelves: Shelves, change: int) -> None:
        """Keep what was answered to this query. `change`: the count of changes when it was asked."""
        if change != self.change or self._clock() < self._settled_at or not self._size or query.trial:
            return
        self._kept[_key(query)] = _Kept(shelves, query.at, change)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """What was answered until now may be answered otherwise from now on."""
        self.change += 1
        self._settled_at = self._clock() + SETTLES_AFTER
        self._kept.clear()


_APART = ("customer", "facts_name", "history", "history_name", "at")
_asked = attrgetter(*(name for name in RecommendQuery.__struct_fields__ if name not in _APART))
"""All of what is asked but for whom and when: a field that is added later belongs to it, too."""


def _key(query: RecommendQuery) -> Key:
    # Names stand for what they name: other facts and another history have other ones.
    known = (query.facts_name or bytes(query.customer), query.history_name or bytes(query.history))
    return known, _asked(query)
