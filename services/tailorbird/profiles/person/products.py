"""Items, quantities and amounts out of an event's properties, as Segment's e-commerce events spell them.

Lenient: what is not there or makes no sense is left out, as the rest of the event still counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from msgspec import Struct

from tailorbird.contracts.profiles import Event, Purchased, PurchasedLine

__all__ = [
    "DIGEST_LENGTH",
    "Line",
    "amount",
    "item_id_of",
    "lines_of",
    "offer_id_of",
    "order_of",
    "purchased",
    "quantity_of",
    "text",
]

_ITEM_NAMES = ("product_id", "item_id", "productId", "sku", "id")
_OFFER_NAMES = ("promotion_id", "offer_id", "promotionId", "id")
_VALUE_NAMES = ("revenue", "total", "value", "subtotal")
LINES_AT_MOST = 500
DIGEST_LENGTH = 16
"""Hexadecimal digits that stand for an order's or a message's id in what training reads."""


class Line(Struct, frozen=True):
    """One product of an order or cart."""

    item_id: str
    quantity: int
    price: float
    discounted: bool


def text(value: Any, longest: int = 200) -> str:
    """A text or number as text, empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value).strip()[:longest]


def amount(value: Any) -> float:
    """A sum of money, 0 for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return 0.0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) and 0.0 <= number <= 1e9 else 0.0


def item_id_of(properties: Mapping[str, Any]) -> str:
    return _first_text(properties, _ITEM_NAMES)


def offer_id_of(properties: Mapping[str, Any]) -> str:
    return _first_text(properties, _OFFER_NAMES)


def quantity_of(properties: Mapping[str, Any], absent: int = 1) -> int:
    """How many, from 1 to 10,000; `absent` when not said or not sensible."""
    number = amount(properties.get("quantity"))
    return int(min(number, 10_000)) if number >= 1 else absent


def lines_of(properties: Mapping[str, Any]) -> tuple[Line, ...]:
    """The products of an order or cart that have an id; a product with quantity 0 was not bought."""
    products = properties.get("products")
    if not isinstance(products, list):
        return ()
    found = []
    for product in products[:LINES_AT_MOST]:
        if not isinstance(product, dict) or product.get("quantity") in (0, "0"):
            continue
        item_id = item_id_of(product)
        if item_id:
            discounted = amount(product.get("discount")) > 0 or bool(product.get("coupon"))
            found.append(Line(item_id, quantity_of(product), amount(product.get("price")), discounted))
    return tuple(found)


def order_of(properties: Mapping[str, Any], absent: str) -> tuple[str, float]:
    """Id and value of an order; without an id `absent`, without a value the sum of its lines."""
    order_id = text(properties.get("order_id")) or text(properties.get("orderId")) or absent
    for name in _VALUE_NAMES:
        value = amount(properties.get(name))
        if value > 0:
            return order_id, value
    return order_id, sum(line.price * line.quantity for line in lines_of(properties))


def purchased(event: Event, person: str) -> Purchased:
    """An order as training reads it."""
    order_id, _ = order_of(event.properties, absent=event.message_id)
    lines = tuple(
        PurchasedLine(
            item_id=line.item_id,
            quantity=line.quantity,
            value=round(line.price * line.quantity, 2),
            discounted=line.discounted,
        )
        for line in lines_of(event.properties)
    )
    return Purchased(
        message=_digest("message", event.message_id),
        order=_digest("order", order_id),
        person=person,
        at=int(event.at),
        lines=lines,
    )


def _digest(kind: str, name: str) -> str:
    return sha256(f"{kind}:{name}".encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH]


def _first_text(properties: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        found = text(properties.get(name))
        if found:
            return found
    return ""
