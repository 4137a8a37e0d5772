"""What was last answered for somebody: it stands in, for a while, where the service that answers does not.

A page whose recommender hangs still shows what it recommended to this customer some minutes ago, without what they have
bought or turned down since. Offers stand for two minutes, and only while nothing is known to have changed: what was
refused, used up or spoken for meanwhile must not come back because a service is away. (Some answers serve for one of
the two without being asked for again: what is kept of a customer is never about to end when it is needed.)
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from msgspec.structs import replace

from tailorbird.assembler.gathering.parts import Caller, Who
from tailorbird.assembler.gathering.picks import Picks, Shelves
from tailorbird.contracts.offers import Decided, DecideQuery
from tailorbird.contracts.recommender import RecommendQuery

__all__ = ["LastAnswers"]

SHELVES_SECONDS = 900.0
OFFERS_SECONDS = 120.0

_MOMENT = ("context.page", "context.channel", "context.referrer_host", "context.store_id", "context.item_id")
"""Of the context; the hour passes meanwhile."""

Answer = TypeVar("Answer")


class _Lately(Generic[Answer]):
    """The `size` answers kept last."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._kept: OrderedDict[Hashable, tuple[float, Answer]] = OrderedDict()

    def keep(self, key: Hashable, answer: Answer, at: float) -> None:
        self._kept[key] = (at, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def find(self, key: Hashable, at: float) -> Answer | None:
        kept_at, answer = self._kept.get(key, (0.0, None))
        return answer if answer is not None and at - kept_at <= self._seconds else None

    def clear(self) -> None:
        self._kept.clear()


class LastAnswers:
    """The last shelves and offers of the `size` customers served last; of nobody whom profiles do not know."""

    def __init__(self, size: int) -> None:
        self._shelves: _Lately[Shelves] = _Lately(size, SHELVES_SECONDS)
        self._offers: _Lately[tuple[DecideQuery, Decided]] = _Lately(size, OFFERS_SECONDS)

    def keep_shelves(self, who: Who, query: RecommendQuery, shelves: Shelves) -> None:
        """The recommender has answered."""
        if who.held.profile.person:
            self._shelves.keep(_of_shelves(who, query), shelves, query.at)

    def shelves(self, who: Who, query: RecommendQuery) -> Shelves | None:
        """What it answered before to the same question, without what is not wanted any more."""
        last = self._shelves.find(_of_shelves(who, query), query.at) if who.held.profile.person else None
        if last is None:
            return None
        unwanted = {*query.exclude, *query.cart}
        return replace(last, by_slot={slot: _without(picks, unwanted) for slot, picks in last.by_slot.items()})

    def keep_offers(self, who: Who, query: DecideQuery, decided: Decided) -> None:
        """Offers has answered. Not kept: what was decided for a preview."""
        if who.held.profile.person and not query.preview:
            self._offers.keep(_of_offers(who, query), (query, decided), query.at)

    def offers(self, who: Who, query: DecideQuery, call_of: Caller) -> tuple[DecideQuery, Decided] | None:
        """What it answered a moment ago, with the question; None where anything may be otherwise by now."""
        if not who.held.profile.person or call_of.preview:
            return None
        return self._offers.find(_of_offers(who, query), query.at)

    def forget(self) -> None:
        """Somebody was erased."""
        self._shelves.clear()
        self._offers.clear()

    def forget_offers(self) -> None:
        """Documents, the catalogue or budgets have changed."""
        self._offers.clear()


def _of_shelves(who: Who, query: RecommendQuery) -> Hashable:
    return who.held.profile.person, query.shelves, query.model, query.store_id, query.referrer_host


def _of_offers(who: Who, query: DecideQuery) -> Hashable:
    """Another version of the profile means that they did something since: refused an offer, it may be."""
    profile, context = who.held.profile, query.context
    moment = tuple(str(context.get(name)) for name in _MOMENT)
    return profile.person, profile.version, query.slots, query.cart, query.just_bought, query.goal, moment


def _without(picks: Picks, unwanted: set[str]) -> Picks:
    if not any(pick.item_id in unwanted for pick in picks.items):
        return picks
    return replace(picks, items=tuple(pick for pick in picks.items if pick.item_id not in unwanted))
