"""Where in this store the recommended items are, aisle by aisle in the order in which one walks."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from msgspec import Meta

from tailorbird.assembler.gathering.picks import Pick, pick_of
from tailorbird.assembler.items.cards import Card
from tailorbird.assembler.slots.base import Filling, Line, Moment, Openings, Slot, encode
from tailorbird.assembler.slots.recommendations import POPULAR, decided, standing
from tailorbird.contracts.recommender import Shelf

__all__ = ["StoreMapSlot"]

Aisles = Annotated[dict[Line, Line], Meta(max_length=500)]
_NUMBERS = re.compile(r"(\d+)")


class StoreMapSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="store_map"):
    """Asks the recommender for a shelf. Falls back to what many like, from the customer's own departments first."""

    strategy: Literal["for_you", "buy_again", "complements", "trending"] = "buy_again"
    count: Annotated[int, Meta(ge=1, le=30)] = 8
    text: Line = ""
    aisles: Aisles = {}
    """Department or category -> aisle, in any store; an item's own attribute `aisle` comes first."""
    stores: Annotated[dict[Line, Aisles], Meta(max_length=500)] = {}
    """Store -> the same, where that store is arranged otherwise. An item's attribute `aisle@<store>` comes first."""

    def shown(self) -> dict[str, dict[str, Any]]:
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "text": self.text}}

    def shelf(self, moment: Moment) -> Shelf | None:
        return Shelf(slot=self.id, strategy=self.strategy, count=self.count, item_id=moment.item_id)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        gathered = filling.gathered
        shelf = gathered.shelves.get(self.id)
        stand = standing(shelf.items, filling) if shelf is not None else []
        strategy: str = self.strategy
        if not stand:
            reason = gathered.shelves_missing or (shelf.note if shelf else "") or "no item was recommended"
            filling.fell_back(self.id, f"Popular items stand in: {reason}")
            ids = gathered.popular.items(self.count, gathered.departments, filling.taken, gathered.cards)
            stand, strategy = standing([pick_of(one, reasons=POPULAR) for one in ids], filling), "popular"
        store_id = gathered.moment.store_id
        with_aisles = ((self._aisle(gathered.cards[pick.item_id], store_id), pick) for pick in stand)
        placed = sorted(with_aisles, key=lambda one: _walk(one[0]))
        decided([pick for _, pick in placed], self.id, strategy, filling)
        by_aisle: dict[str, list[str]] = {}
        for aisle, pick in placed:
            if aisle:
                by_aisle.setdefault(aisle, []).append(pick.item_id)
        at = gathered.moment.at
        items = b",".join(_placed(gathered.cards[pick.item_id].said(at), aisle, pick) for aisle, pick in placed)
        route = [{"aisle": aisle, "item_ids": ids} for aisle, ids in by_aisle.items()]
        said = openings.say(filling)
        return b'%b,"store_id":%b,"items":[%b],"route":%b}' % (said, encode(store_id), items, encode(route))

    def _aisle(self, card: Card, store_id: str) -> str:
        of_store = self.stores.get(store_id, {})
        told = card.details.get(f"aisle@{store_id}") or card.details.get("aisle")
        found = told or of_store.get(card.category) or of_store.get(card.department)
        return str(found or self.aisles.get(card.category) or self.aisles.get(card.department) or "")


def _placed(said: bytes, aisle: str, pick: Pick) -> bytes:
    return b'%b,"aisle":%b%b' % (said, encode(aisle), pick.closing)


def _walk(aisle: str) -> tuple[bool, list[tuple[int, str]]]:
    """Aisle 10 behind aisle 9; items of which nobody knows the place come last."""
    return not aisle, [(int(part), "") if part.isdigit() else (0, part) for part in _NUMBERS.split(aisle)]
