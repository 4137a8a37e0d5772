"""What is in the cart, with prices and the total."""

from __future__ import annotations

from tailorbird.assembler.slots.base import Filling, Openings, Slot, encode

__all__ = ["CartSlot"]


class CartSlot(Slot, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="cart"):
    """Filled from the call's cart, or the one known from events, and the catalogue; needs nobody."""

    def fill(self, openings: Openings, filling: Filling) -> bytes:
        parts: list[bytes] = []
        total = 0.0
        currency = ""
        at = filling.gathered.moment.at
        for line in filling.gathered.moment.cart:
            card = filling.gathered.cards.get(line.item_id)
            if card is None:
                continue
            filling.taken.add(line.item_id)
            amount = (card.price or 0.0) * line.quantity
            total += amount
            currency = currency or card.currency
            parts.append(b'%b,"quantity":%d,"amount":%b}' % (card.said(at), line.quantity, encode(round(amount, 2))))
        told = encode({"total": round(total, 2)} | ({"currency": currency} if currency else {}))[1:]
        return b'%b,"lines":[%b],%b' % (openings.say(filling), b",".join(parts), told)
