"""What recommender and offers answered lately, kept for as long as nothing has changed that it was made from.

Somebody who opens a second page a moment later would be answered the same: that needs neither a hop nor a search. An
answer is kept under all that was asked, the customer's facts included, so another is asked for as soon as they do
anything. All of the recommender's go when the model, the catalogue or promotions change, all of offers' when documents
or budgets do; one customer's offers when they refused or redeemed one. What an item costs, and whether there is any, is
not kept: that is looked up for every page.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from tailorbird.assembler.gathering.picks import Shelves
from tailorbird.contracts.offers import Decided, DecideQuery
from tailorbird.contracts.recommender import RecommendQuery

__all__ = ["KeptOffers", "KeptShelves"]

SETTLES_AFTER = 1.0
"""Seconds after a change during which answers are not kept: another process that answers may learn of it later."""

Key = tuple[object, ...]
"""All of a query but its moment."""


class _Asked(Protocol):
    @property
    def at(self) -> float: ...


Query = TypeVar("Query", bound=_Asked)
Answer = TypeVar("Answer")


class _Kept(Struct, Generic[Answer], frozen=True, gc=False):
    answer: Answer
    made_at: float
    until: float
    change: int


class _KeptAnswers(ABC, Generic[Query, Answer]):
    """The `size` answers used last, none older than `seconds`; many are let go sooner, so that those of one moment do
    not all have to be asked for in another.
    """

    def __init__(self, size: int, seconds: float, clock: Callable[[], float]) -> None:
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Key, _Kept[Answer]] = OrderedDict()
        self._settled_at = 0.0
        self.change = 0
        """Counts changes of what answers are made from. An answer asked for before a change is not kept after it."""

    def find(self, query: Query) -> Answer | None:
        """The answer to this query from a moment ago; None: ask."""
        key = self._key(query)
        kept = self._kept.get(key) if key is not None else None
        if key is None or kept is None:
            return None
        if kept.change != self.change or query.at > kept.until or not self._stands(query, kept):
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def forget(self) -> None:
        """What was answered until now may be answered otherwise from now on."""
        self.change += 1
        self._settled_at = self._clock() + SETTLES_AFTER
        self._kept.clear()

    def _keep(self, query: Query, answer: Answer, change: int, seconds: float) -> None:
        key = self._key(query)
        if key is None or change != self.change or self._clock() < self._settled_at or not self._size:
            return
        spread = 1.0 - (hash(key) & 1_023) / 2_048
        self._kept[key] = _Kept(answer, query.at, query.at + min(seconds, self._seconds) * spread, change)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    @abstractmethod
    def _key(self, query: Query) -> Key | None:
        """None: this is asked each time."""

    def _stands(self, query: Query, kept: _Kept[Answer]) -> bool:
        del query, kept
        return True


class KeptShelves(_KeptAnswers[RecommendQuery, Shelves]):
    """Of the recommender. With drafts on trial it is asked each time."""

    def keep(self, query: RecommendQuery, shelves: Shelves, change: int) -> None:
        """Keep what was answered to this query. `change`: the count of changes when it was asked."""
        self._keep(query, shelves, change, self._seconds)

    def _key(self, query: RecommendQuery) -> Key | None:
        if query.trial:
            return None
        # Names stand for what they name: other facts and another history have other ones.
        known = (query.facts_name or bytes(query.customer), query.history_name or bytes(query.history))
        return known, _asked_of_recommender(query)


class KeptOffers(_KeptAnswers[DecideQuery, tuple[DecideQuery, Decided]]):
    """Of offers, each with the question that it was the answer to: it is written down as what was decided from."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float]) -> None:
        super().__init__(size, seconds, clock)
        self._changed: OrderedDict[str, float] = OrderedDict()
        """Pseudonym -> until when nothing that was answered about them stands."""

    def keep(self, query: DecideQuery, decided: Decided, change: int) -> None:
        """Keep what was answered to this query, where it says that it stands for a while."""
        if decided.stands_for > 0.0:
            self._keep(query, (query, decided), change, decided.stands_for)

    def forget_of(self, person: str) -> None:
        """Offers may be otherwise for this customer from now on."""
        now = self._clock()
        self._changed[person] = now + SETTLES_AFTER
        self._changed.move_to_end(person)
        while self._changed[oldest := next(iter(self._changed))] < now - self._seconds:
            del self._changed[oldest]

    def _key(self, query: DecideQuery) -> Key | None:
        if query.preview or not query.person:
            return None
        moment = tuple([
            (name, tuple(value) if value.__class__ is list else value)
            for name, value in query.context.items()
            if name != "time.at"
        ])
        return query.facts_name or bytes(query.customer), moment, _asked_of_offers(query)

    def _stands(self, query: DecideQuery, kept: _Kept[tuple[DecideQuery, Decided]]) -> bool:
        return kept.made_at > self._changed.get(query.person, 0.0)


_APART = ("customer", "facts_name", "history", "history_name", "context", "at", "decision_id")
_asked_of_recommender = attrgetter(*(name for name in RecommendQuery.__struct_fields__ if name not in _APART))
"""All of what is asked but for whom and when: a field that is added later belongs to it, too."""
_asked_of_offers = attrgetter(*(name for name in DecideQuery.__struct_fields__ if name not in _APART))
