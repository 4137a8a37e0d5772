"""The item that a product page is about."""

from __future__ import annotations

from tailorbird.assembler.slots.base import Filling, Openings, Slot, encode

__all__ = ["ItemSlot"]


class ItemSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="item"):
    """Filled from the catalogue by the call's `context.item_id`; put it first, so that nothing repeats the item."""

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        item_id = filling.gathered.moment.item_id
        card = filling.gathered.cards.get(item_id)
        if card is None:
            asked = f"there is no item '{item_id}'" if item_id else "the call named no item in context.item_id"
            filling.fell_back(self.id, f"No item is shown: {asked}.")
            return b'%b,"item":null}' % openings.say(filling)
        filling.taken.add(item_id)
        available = b"true" if card.shown else b"false"
        body = b',"body":%b' % encode(card.body) if card.body else b""
        said = card.said(filling.gathered.moment.at)
        return b'%b,"item":%b%b,"available":%b}}' % (openings.say(filling), said, body, available)
