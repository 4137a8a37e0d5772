"""The documents that are open at a moment, arranged so that a decision touches nothing else.

Between two moments at which a window opens or closes the same documents are open: that is one `Offering`, made when
first asked for. What is closed costs nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from msgspec import Struct

from tailorbird.offers.deciding.blending import UNSPECIFIC, fit_of, prospect_of, scored, worth_of
from tailorbird.offers.documents.goal import DEFAULT, Goal
from tailorbird.offers.documents.offer import Action, Offer, Scope
from tailorbird.offers.documents.prepared import Prepared, Preparing, window
from tailorbird.offers.items import NO_CLASS, Items
from tailorbird.offers.learning.beliefs import Prospect
from tailorbird.rules.bitset import RuleIndex

__all__ = ["Covered", "Documents", "Offering", "Offerings"]

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

    def __init__(self, documents: Sequence[Prepared], items: Items, goal: Goal = DEFAULT) -> None:
        self.goal = goal
        newest = sorted({document.starts for document in documents})
        newness = {at: goal.newness * place / max(len(newest) - 1, 1) for place, at in enumerate(newest)}
        prospects = {
            document.id: prospect_of(document.appeal, document.document.margin, document.document.cost, goal)
            for document in documents
        }
        scores = {
            document.id: _cold_score(document, prospects[document.id], newness[document.starts], goal)
            for document in documents
        }
        self.documents = sorted(
            documents, key=lambda document: (-document.document.priority, -scores[document.id], document.id)
        )
        self.prospects = [prospects[document.id] for document in self.documents]
        self.newness = [newness[document.starts] for document in self.documents]
        self.newness_of = np.array(self.newness)
        self.groups: dict[int, int] = {}
        """A document's bit -> the bits of all documents of its exclusion group."""
        self._completing = [
            (1 << place, document.document.goes_with)
            for place, document in enumerate(self.documents)
            if isinstance(document.document, Offer) and document.document.goes_with is not None
        ]
        by_group: dict[str, int] = {}
        for place, document in enumerate(self.documents):
            if group := document.document.exclusion_group:
                by_group[group] = by_group.get(group, 0) | 1 << place
        for bits in by_group.values():
            for place in range(bits.bit_length()):
                if bits >> place & 1:
                    self.groups[1 << place] = bits
        self._bit_of = {document.id: 1 << place for place, document in enumerate(self.documents)}
        self.index = RuleIndex([document.gate for document in self.documents])
        self.tests_moment = "time.at" in self.index.fields
        """Whether a rule goes by the very second."""
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
        self.suits: dict[int, tuple[Any, Any]] = {}
        """Remembered answers of `suits` (suiting.py)."""
        self.unspoken = [0.0 if document.scoped else UNSPECIFIC for document in self.documents]
        """Relevance of each document where nothing bought speaks for it."""
        self.usual_fits = [fit_of(relevance, goal) for relevance in self.unspoken]
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

    def completing(self, item_ids: Sequence[str]) -> int:
        """Bits of the offers that go with any of these items."""
        bits = 0
        if self._completing:
            for item_id in item_ids:
                number = self._items.class_of(item_id)
                for bit, scope in self._completing:
                    if not bits & bit and self._within(scope, item_id, number):
                        bits |= bit
        return bits

    def _within(self, scope: Scope, item_id: str, number: int) -> bool:
        if scope.item_ids:
            return item_id in scope.item_ids
        if number == NO_CLASS:
            return False
        kind = self._items.classes[number]
        return kind.category in scope.categories or kind.department in scope.departments or kind.brand in scope.brands

    def place_of(self, identity: str) -> int | None:
        """Where the document stands, None when it is not open."""
        bit = self._bit_of.get(identity)
        return None if bit is None else bit.bit_length() - 1

    def bits_in(self, identities: Iterable[str]) -> list[int]:
        """The bit of each of these documents that is open, in their order."""
        bit_of = self._bit_of
        return [bit_of[identity] for identity in identities if identity in bit_of]

    def bits_of(self, identities: frozenset[str]) -> int:
        """Bits of the documents with these ids; the very same set asked about again costs nothing."""
        asked_about, bits = self._asked_about
        if identities is not asked_about:
            bits = reduce(or_, self.bits_in(identities), 0)
            self._asked_about = (identities, bits)
        return bits

    def forget(self, item_id: str) -> None:
        """The item's class changed."""
        self.covering.pop(item_id, None)
        self.suits.clear()

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

    def __init__(self, documents: Documents, preparing: Preparing, version: str, goal: Goal = DEFAULT) -> None:
        self.documents = documents
        self.version = version
        self.goal = goal
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
            offering = Offering(open_now, self._preparing.items, self.goal)
            # A new dict instead of a change: explaining reads it from another thread.
            self._made = dict([*self._made.items(), (place, offering)][-self.KEPT :])
        return offering

    def next_edge(self, moment: float) -> float:
        """When the next document opens or closes, seconds since 1970 UTC; infinity: none does."""
        place = bisect_right(self._edges, moment)
        return self._edges[place] if place < len(self._edges) else math.inf

    def forget(self, item_id: str) -> None:
        """The item's class changed."""
        for offering in self._made.values():
            offering.forget(item_id)


def _cold_score(document: Prepared, prospect: Prospect, newness: float, goal: Goal) -> float:
    """What it scores for somebody of whom nothing is known, before anything was learned."""
    written = document.document
    worth = worth_of(prospect.response * prospect.net, prospect, written.weight, written.objective, goal)
    score: float = scored(worth, fit_of(0.0 if document.scoped else UNSPECIFIC, goal), newness)
    return score


def _bits(flags: Sequence[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)
