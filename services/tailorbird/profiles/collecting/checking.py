"""What is wrong with a known e-commerce event, in a sentence with its place; events of other names are never wrong.

The names and fields are those of Segment's e-commerce specification, and of three events of our own. Further fields
are nobody's business; a field that is there must make sense, and an event must say what it is about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.person.products import item_id_of, offer_id_of, text

__all__ = ["KNOWN_EVENTS", "mistake_in"]

LARGEST_AMOUNT = 1e9
LARGEST_QUANTITY = 10_000
PRODUCTS_AT_MOST = 500

_Check = Callable[[Mapping[str, Any], str], Iterator[str]]
"""Sentences on what is wrong with these properties, which stand at the path."""


def mistake_in(event: Event) -> str:
    """The first mistake, empty when there is none."""
    if event.mistake:
        return event.mistake
    if event.type != "track":
        return ""
    checks = KNOWN_EVENTS.get(event.event.lower(), ())
    return next((sentence for check in checks for sentence in check(event.properties, "$.properties")), "")


def _item(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    if not item_id_of(properties):
        yield f"Which product is it? It needs `product_id`, at {path}."
    yield from _amounts(properties, path)


def _amounts(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, largest in _AMOUNTS.items():
        value = properties.get(name)
        if value is not None and not _within(value, largest):
            yield f"`{name}` is a number from 0 to {largest:,.0f}, at {path}.{name}."


def _products(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    products = properties.get("products")
    if products is None:
        return
    if not isinstance(products, list):
        yield f"`products` is a list, at {path}.products."
        return
    if len(products) > PRODUCTS_AT_MOST:
        yield f"`products` has more than {PRODUCTS_AT_MOST} entries, at {path}.products."
    for place, product in enumerate(products):
        where = f"{path}.products[{place}]"
        if isinstance(product, dict):
            yield from _item(product, where)
        else:
            yield f"A product is an object, at {where}."


def _some_products(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    if not properties.get("products"):
        yield f"What was ordered? It needs `products`, at {path}."


def _order_id(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    if not (text(properties.get("order_id")) or text(properties.get("orderId"))):
        yield f"Which order is it? It needs `order_id`, at {path}."


def _offer(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    if not offer_id_of(properties):
        yield f"Which promotion is it? It needs `promotion_id`, at {path}."


def _stars(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    rating = properties.get("rating")
    if rating is not None and not (_within(rating, 5) and float(rating) > 0):
        yield f"`rating` is a number of stars up to 5, at {path}.rating."


def _complaint(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    if not (text(properties.get("reason")) or text(properties.get("message"))):
        yield f"What is it about? It needs `reason`, at {path}."


def _query(properties: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(properties.get("query"), str):
        yield f"What was searched for? It needs `query`, a text, at {path}."


def _within(value: Any, largest: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return False
    return math.isfinite(number) and 0.0 <= number <= largest


_AMOUNTS = {
    "quantity": LARGEST_QUANTITY,
    **dict.fromkeys(("price", "value", "revenue", "total", "subtotal", "discount", "tax", "shipping"), LARGEST_AMOUNT),
}
_ITEM, _LIST = (_item,), (_products, _amounts)

KNOWN_EVENTS: Mapping[str, tuple[_Check, ...]] = {
    "product viewed": _ITEM,
    "product clicked": _ITEM,
    "product added": _ITEM,
    "product removed": _ITEM,
    "item dismissed": _ITEM,
    "product reviewed": (_item, _stars),
    "complaint made": (_complaint,),
    "products searched": (_query,),
    "product list viewed": _LIST,
    "cart viewed": _LIST,
    "checkout started": _LIST,
    "order completed": (_order_id, _some_products, *_LIST),
    "order updated": (_order_id, *_LIST),
    "order refunded": (_order_id, *_LIST),
    "order cancelled": (_order_id, *_LIST),
    "promotion viewed": (_offer,),
    "promotion clicked": (_offer,),
    "offer redeemed": (_offer,),
    "offer refused": (_offer,),
}
"""By lower-case name, what is checked."""
