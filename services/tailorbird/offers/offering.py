"""The documents that are open at a moment, arranged so that a decision touches nothing else.

Between two moments at which a window opens or closes the same documents are open: that is one `Offering`, made when
first asked for. What is closed costs nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tailorbird.offers.items import NO_CLASS, Items
from tailorbird.offers.offer import Action, Offer
from tailorbird.offers.prepared import Prepared, Preparing, window
from tailorbird.rules.bitset import RuleIndex

__all__ = ["COLD", "UNSPECIFIC", "Covered", "Documents", "Offering", "Offerings"]

COLD = 0.25
"""What is left of an offer's worth when nothing is known to suit."""

UNSPECIFIC = 0.5
"""Relevance of what is on nothing in particular: an offer on the whole basket, an action."""

FRESHNESS = 0.02
"""Score that the newest offer has over the oldest: enough to order equals, too little to outdo relevance."""


Documents = Mapping[str, Offer | Action]
"""Offers and actions by id; no two of them have the same."""


class Covered(Struct, frozen=True, eq=False):
    """Which open documents are on an item: a bit for each, and the item's category for a reason. One object a pair."""

    bits: int
    category: str


class Offering:
    """Open documents in the order in which they stand for a customer of whom nothing is known.

    A document's bit is its place in that order: tiers first, then worth.
    """

    def __init__(self, documents: Sequence[Prepared], items: Items) -> None:
        newest = sorted({document.starts for document in documents})
        freshness = {at: FRESHNESS * place / max(len(newest) - 1, 1) for place, at in enumerate(newest)}
        scores = {
            document.id: document.worth * (COLD if document.scoped else COLD + UNSPECIFIC) + freshness[document.starts]
            for document in documents
        }
        self.documents = sorted(
            documents, key=lambda document: (-document.document.priority, -scores[document.id], document.id)
        )
        self.cold = [scores[document.id] for document in self.documents]
        """Of each document: its score when nothing is known of what the customer buys."""
        self._bit_of = {document.id: 1 << place for place, document in enumerate(self.documents)}
        self.index = RuleIndex([document.gate for document in self.documents])
        self.offers = _bits([isinstance(document.document, Offer) for document in self.documents])
        self.actions = _bits([isinstance(document.document, Action) for document in self.documents])
        self.scoped = _bits([document.scoped for document in self.documents])
        """Documents whose score depends on what the customer buys."""
        self.tiers: list[int] = []
        """Bits of the documents of each tier, the highest first."""
        for priority in sorted({document.document.priority for document in self.documents}, reverse=True):
            tier = [document.document.priority == priority for document in self.documents]
            self.tiers.append(_bits(tier))
        self._by_item = [(1 << place, document) for place, document in enumerate(self.documents) if document.item_ids]
        self._by_class = [
            (1 << p, document) for p, document in enumerate(self.documents) if document.scoped and not document.item_ids
        ]
        self._asked_about: tuple[frozenset[str], int] = (frozenset(), 0)
        self._items = items
        self._class_bits: dict[int, int] = {NO_CLASS: 0}
        self.covering: dict[str, Covered] = {}
        """Remembered answers of `cover`; one per item that the catalogue or an open offer names."""
        self._interned: dict[tuple[int, str], Covered] = {}

    def cover(self, item_id: str) -> Covered:
        """Which documents are on this item. Read `covering` first: it holds what was answered before."""
        number = self._items.class_of(item_id)
        bits = self._of_class(number)
        for bit, document in self._by_item:
            if item_id in document.item_ids:
                bits |= bit
        category = self._items.classes[number].category if number != NO_CLASS else ""
        covered = self._interned.get((bits, category))
        if covered is None:
            covered = self._interned[bits, category] = Covered(bits, category)
        if bits or number != NO_CLASS:
            # An id that nobody knows is not remembered: callers could fill the memory with them.
            self.covering[item_id] = covered
        return covered

    def bits_of(self, identities: frozenset[str]) -> int:
        """Bits of the documents with these ids; the same set asked about again costs nothing."""
        asked_about, bits = self._asked_about
        if identities is not asked_about:
            bits = 0
            for identity in identities:
                bits |= self._bit_of.get(identity, 0)
            self._asked_about = (identities, bits)
        return bits

    def forget(self, item_id: str) -> None:
        """The item's class changed."""
        self.covering.pop(item_id, None)

    def _of_class(self, number: int) -> int:
        bits = self._class_bits.get(number)
        if bits is None:
            kind = self._items.classes[number]
            bits = 0
            for bit, document in self._by_class:
                offer = document.document
                if isinstance(offer, Offer) and (
                    kind.department in offer.scope.departments
                    or kind.category in offer.scope.categories
                    or kind.brand in offer.scope.brands
                ):
                    bits |= bit
            self._class_bits[number] = bits
        return bits


class Offerings:
    """All documents of one version, and what of them is open when."""

    KEPT = 4
    """Offerings remembered: now, and moments that somebody asks to have explained."""

    def __init__(self, documents: Documents, preparing: Preparing, version: str) -> None:
        self.documents = documents
        self.version = version
        self._preparing = preparing
        self._windows = [(identity, document, *window(document)) for identity, document in documents.items()]
        edges = {edge for _, _, starts, ends in self._windows for edge in (starts, ends)}
        self._edges = sorted(edges - {-math.inf, math.inf})
        self._made: dict[int, Offering] = {}

    def at(self, moment: float) -> Offering:
        """What is open at this moment, seconds since 1970 UTC."""
        place = bisect_right(self._edges, moment)
        offering = self._made.get(place)
        if offering is None:
            open_now = [
                self._preparing.prepared(identity, document)
                for identity, document, starts, ends in self._windows
                if starts <= moment < ends
            ]
            offering = Offering(open_now, self._preparing.items)
            # A new dict instead of a change: explaining reads it from another thread.
            self._made = dict([*self._made.items(), (place, offering)][-self.KEPT :])
        return offering

    def forget(self, item_id: str) -> None:
        """The item's class changed."""
        for offering in self._made.values():
            offering.forget(item_id)


def _bits(flags: Sequence[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)
