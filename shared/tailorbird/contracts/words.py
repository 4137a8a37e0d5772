"""The small values that more than one contract speaks of."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tailorbird.contracts.wire import Message

__all__ = [
    "CHANNELS",
    "AttributeValue",
    "Bought",
    "CartLine",
    "Channel",
    "Consent",
    "CustomerFacts",
    "CustomerRef",
    "Id",
    "Seconds",
    "Signal",
    "SignalKind",
]

Id = Annotated[str, Meta(min_length=1, max_length=200)]
"""An id as its owner wrote it: of a customer, item, offer, layout, slot."""

Seconds = float
"""A moment, in seconds since 1970 UTC."""

Channel = Literal["web", "email", "app", "push", "store", "contact_centre", "direct_mail"]
CHANNELS: tuple[Channel, ...] = ("web", "email", "app", "push", "store", "contact_centre", "direct_mail")

AttributeValue = str | float | int | bool | list[str] | None
"""A value that a rule can test. None and absent mean the same: not known."""

SignalKind = Literal["viewed", "added", "removed", "bought", "dismissed"]


class CustomerRef(Message):
    """Whom a call is about. Both ids empty: a visitor of whom nothing is known."""

    customer_id: Annotated[str, Meta(max_length=200)] = ""
    anonymous_id: Annotated[str, Meta(max_length=200)] = ""


class CartLine(Message):
    """An item in the cart and how many of it."""

    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Bought(Struct, frozen=True, array_like=True, gc=False):
    """How often a customer bought an item: [item_id, times, last_at, fading]. An array, as profiles hold hundreds."""

    item_id: str
    times: int
    """Number of orders with the item, not units."""
    last_at: int
    """Seconds since 1970 UTC of the latest such order."""
    fading: float = 0.0
    """Those orders counted as of the latest, one 90 days before it half; 0 when nobody counted."""


class Signal(Struct, frozen=True, array_like=True, gc=False):
    """Something recent that a customer did with an item: [kind, item_id, at]."""

    kind: SignalKind
    item_id: str
    at: int
    """Seconds since 1970 UTC."""


class Consent(Struct, frozen=True, array_like=True, gc=False):
    """What a person decided about one purpose, when, and how it reached us: [granted, at, source]."""

    granted: bool
    at: int
    """Seconds since 1970 UTC."""
    source: str = ""
    """`browser`: said with the write key, for their own anonymous id. `server`: the site vouched for it."""


class CustomerFacts(Message):
    """What deciding needs to know of a customer: part of a profile, sent along so that nobody asks back.

    Attribute names are those of the catalogue in `tailorbird.rules.attributes` (`customer.age`, `history.orders`).
    """

    attributes: dict[str, AttributeValue] = {}
    segments: tuple[str, ...] = ()
    persona: str = ""
    history: tuple[Bought, ...] = ()
    """Most recently bought first; the profile bounds its length (1,200)."""
    recent: tuple[Signal, ...] = ()
    """Newest first; at most the last 50, purchases of the last seven days always among them."""
