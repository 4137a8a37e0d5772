"""What ranking needs of a customer: what they bought, what their visits tell, and their taste.

Making it is the dearest part of a page, so it is kept by the bytes of the facts it was made from: the assembler sends
the same bytes until the profile changes.
"""

from __future__ import annotations

import msgspec
import numpy as np
from msgspec import Raw, Struct

from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Signal
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.shelves.kept import Kept
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.past import STEADY_SECONDS, History, Past, past_of, read_history, with_further
from tailorbird.recommender.shelves.taste import Taste, tasted
from tailorbird.recommender.shelves.visit import Visit, read_visit
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["KnownCustomer", "KnownCustomers"]

VIEWED = 0.5
VIEWED_HALF_LIFE_DAYS = 7.0
IN_CART = 0.7
"""What looking at an item, and putting it into the cart, add to confidence; buying it once just now adds .69."""
NO_HISTORY = Raw(b"[]")


class Facts(Struct, frozen=True):
    """The part of `CustomerFacts` that ranking reads; the rest is skipped unread."""

    history: Raw = NO_HISTORY
    recent: tuple[Signal, ...] = ()
    segments: tuple[str, ...] = ()


class KnownCustomer(Struct, frozen=True, gc=False):
    """A customer, as of a moment. Positions are those of items in the catalogue; unknown items are left out."""

    past: Past
    visit: Visit
    taste: Taste
    segments: frozenset[str]
    made_at: float


class KnownCustomers:
    """Facts -> KnownCustomer, the latest `size` kept. Belongs to one Knowledge: a new model starts anew.

    What purchases tell is kept besides: histories are long, and most of what changes in a visit leaves them be.
    """

    def __init__(self, knowledge: Knowledge, size: int) -> None:
        self._knowledge = knowledge
        self._kept: Kept[tuple[str | bytes, tuple[str, ...]], KnownCustomer] = Kept(size)
        self._pasts: Kept[tuple[str | bytes, tuple[tuple[int, float], ...]], Past] = Kept(size)
        self._histories: Kept[str | bytes, History] = Kept(size)
        self._facts = msgspec.json.Decoder(Facts)

    def clear(self) -> None:
        self._kept.clear()
        self._pasts.clear()
        self._histories.clear()

    def known(self, query: RecommendQuery) -> KnownCustomer:
        """The customer of the query, as of its moment. Raises Fault(400) when what was sent of them cannot be read."""
        key = (query.facts_name or bytes(query.customer), query.cart)
        found = self._kept.find(key)
        if found is not None and abs(query.at - found.made_at) < STEADY_SECONDS:
            return found
        try:
            facts = self._facts.decode(query.customer)
            visit = read_visit(self._knowledge.columns.position, facts.recent, query.at)
            past = self._past(facts, query, visit.bought)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Fault(400, f"What was sent of the customer cannot be read: {error}.") from error
        places, confidences = self._looked_at(visit, past, query)
        taste = tasted(self._knowledge, past.tasting, places, confidences)
        made = KnownCustomer(past, visit, taste, frozenset(facts.segments), query.at)
        self._kept.keep(key, made)
        return made

    def _past(self, facts: Facts, query: RecommendQuery, lately: dict[int, float]) -> Past:
        # The history may come by itself, under a name of its own.
        own = query.history != NO_HISTORY
        sent = bytes(query.history if own else facts.history)
        name = query.history_name if own and query.history_name else sent
        history = self._history(name, sent)
        # What the history holds already tells nothing more, and drops out of what is recent in time.
        told = np.fromiter(lately, np.int32, len(lately))
        further = {place: lately[place] for place in told[~self._knowledge.among(told, history[0])].tolist()}
        key = (name, tuple(further.items()))
        found = self._pasts.find(key)
        if found is None or abs(query.at - found.made_at) >= STEADY_SECONDS:
            found = past_of(self._knowledge, with_further(history, further), query.at)
            self._pasts.keep(key, found)
        return found

    def _history(self, name: str | bytes, sent: bytes) -> History:
        found = self._histories.find(name)
        if found is None:
            found = read_history(self._knowledge.columns, sent)
            self._histories.keep(name, found)
        return found

    def _looked_at(self, visit: Visit, past: Past, query: RecommendQuery) -> tuple[Positions, Floats]:
        """(positions, confidences) of what was looked at and put into the cart, but not bought."""
        today = query.at / DAY
        looking = {
            place: 1.0 + VIEWED * 2.0 ** ((seen - today) / VIEWED_HALF_LIFE_DAYS)
            for place, seen in visit.touched.items()
        }
        for item_id in query.cart:
            if (place := self._knowledge.columns.position.get(item_id)) is not None:
                looking[place] = 1.0 + IN_CART
        places = np.fromiter(looking, np.int32, len(looking))
        confidences = np.fromiter(looking.values(), np.float32, len(looking))
        further = ~self._knowledge.among(places, past.bought)
        return places[further], confidences[further]
