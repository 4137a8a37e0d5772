"""The item whose bar code was scanned, beside others that do the same: prices, sizes, ratings."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from tailorbird.assembler.gathering.picks import pick_of
from tailorbird.assembler.items.cards import Card
from tailorbird.assembler.slots.base import Filling, Line, Moment, Openings, Slot, encode
from tailorbird.assembler.slots.recommendations import decided, standing
from tailorbird.contracts.recommender import Shelf

__all__ = ["ComparisonSlot"]


class ComparisonSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="comparison"):
    """Starts from `context.barcode` (an item's attribute `gtin`, `ean`, `upc` or `barcode`) or `context.item_id`, and
    asks the recommender for similar items. Without them the item stands alone.
    """

    count: Annotated[int, Meta(ge=1, le=10)] = 3
    """How many others."""
    text: Line = ""

    def shown(self) -> dict[str, dict[str, Any]]:
        return {"usual": {"id": self.id, "type": self.type, "title": self.title, "text": self.text}}

    def shelf(self, moment: Moment) -> Shelf | None:
        if not moment.item_id:
            return None
        return Shelf(slot=self.id, strategy="similar", count=self.count, item_id=moment.item_id)

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        gathered = filling.gathered
        item_id = gathered.moment.item_id
        card = gathered.cards.get(item_id)
        if card is None:
            code = gathered.moment.barcode
            asked = f"no item has the code '{code}'" if code else "the call named neither a bar code nor an item"
            filling.fell_back(self.id, f"Nothing is compared: {asked}.")
            return b'%b,"items":[],"best":{}}' % openings.say(filling)
        shelf = gathered.shelves.get(self.id)
        filling.taken.add(item_id)
        others = standing(shelf.items, filling) if shelf is not None else []
        if not others:
            reason = gathered.shelves_missing or (shelf.note if shelf else "") or "no other came"
            filling.fell_back(self.id, f"The item stands alone: {reason}")
        decided(others, self.id, "similar", filling)
        rows = [(item_id, card, pick_of(item_id).closing)]
        rows += [(one.item_id, gathered.cards[one.item_id], one.closing) for one in others]
        at = gathered.moment.at
        items = b",".join(_row(one, at, closing) for _, one, closing in rows)
        priced = {name: one.price for name, one, _ in rows if one.price is not None}
        rated = {name: _rating(one) for name, one, _ in rows if _rating(one)}
        best = {"price": min(priced, key=lambda name: priced[name])} if priced else {}
        if rated:
            best["rating"] = max(rated, key=lambda name: rated[name])
        said = openings.say(filling)
        return b'%b,"scanned":%b,"items":[%b],"best":%b}' % (said, encode(item_id), items, encode(best))


def _rating(card: Card) -> float:
    found = card.details.get("rating")
    return float(found) if isinstance(found, (int, float)) else 0.0


def _row(card: Card, at: float, closing: bytes) -> bytes:
    told: dict[str, Any] = {"available": card.shown}
    if _rating(card):
        told |= {"rating": _rating(card), "ratings": card.details.get("ratings") or 0}
    return card.said(at) + b"," + encode(told)[1:-1] + closing
