"""Who is looking at the shop, with what in the cart, and what they did a moment ago: all of it in cookies.

The shop keeps nothing itself, as a shop's own site would. A cookie that was tampered with is read as far as it makes
sense and else ignored.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.contracts.words import CartLine, CustomerRef

__all__ = ["COOKIES", "JUST_NOW_SECONDS", "Visit", "added", "cookies_of", "removed", "visit_of"]

COOKIES = ("shop_customer", "shop_visitor", "shop_cart", "shop_from", "shop_just")
JUST_NOW_SECONDS = 20
"""How long what was done is sent along with every page: by then the suite has long since folded it itself."""
_MOST_LINES = 60
_MOST_JUST = 12
_ID = re.compile(r"[\w.:@+~-]{1,120}", re.ASCII)
_FROM = re.compile(r"https?://[\w.:/?&=%-]{1,300}", re.ASCII)


class Visit(Struct, frozen=True, kw_only=True):
    """What the shop knows of the browser in front of it."""

    customer_id: str = ""
    anonymous_id: str = ""
    cart: tuple[CartLine, ...] = ()
    referrer: str = ""
    """Where the visit came from."""
    just_now: tuple[dict[str, Any], ...] = ()
    """Segment bodies of the last seconds: the page takes them into account before anybody has folded them."""

    @property
    def customer(self) -> CustomerRef:
        return CustomerRef(customer_id=self.customer_id, anonymous_id=self.anonymous_id)

    @property
    def cart_count(self) -> int:
        return sum(line.quantity for line in self.cart)


def visit_of(cookies: Mapping[str, str]) -> Visit:
    """The visit these cookies tell of."""
    referrer = cookies.get("shop_from", "")
    return Visit(
        customer_id=_id(cookies.get("shop_customer", "")),
        anonymous_id=_id(cookies.get("shop_visitor", "")),
        cart=_cart(cookies.get("shop_cart", "")),
        referrer=referrer if _FROM.fullmatch(referrer) else "",
        just_now=_just_now(cookies.get("shop_just", "")),
    )


def cookies_of(visit: Visit) -> dict[str, str]:
    """Name -> value, empty where there is nothing to remember."""
    return {
        "shop_customer": visit.customer_id,
        "shop_visitor": visit.anonymous_id,
        "shop_cart": ",".join(f"{line.item_id}*{line.quantity}" for line in visit.cart),
        "shop_from": visit.referrer,
        "shop_just": _packed(visit.just_now),
    }


def added(cart: tuple[CartLine, ...], item_id: str, quantity: int = 1) -> tuple[CartLine, ...]:
    """The cart with so many more of the item, which stands last when it is new."""
    lines = {line.item_id: line.quantity for line in cart}
    lines[item_id] = min(99, lines.get(item_id, 0) + quantity)
    kept = [CartLine(item_id=known, quantity=count) for known, count in lines.items() if count > 0]
    return tuple(kept[-_MOST_LINES:])


def removed(cart: tuple[CartLine, ...], item_id: str) -> tuple[CartLine, ...]:
    return tuple(line for line in cart if line.item_id != item_id)


def _id(text: str) -> str:
    return text if _ID.fullmatch(text) else ""


def _cart(text: str) -> tuple[CartLine, ...]:
    lines: tuple[CartLine, ...] = ()
    for part in text.split(",")[:_MOST_LINES]:
        item_id, _, quantity = part.partition("*")
        if _id(item_id) and quantity.isdigit() and 0 < int(quantity) < 100:
            lines = added(lines, item_id, int(quantity))
    return lines


def _packed(just_now: tuple[dict[str, Any], ...]) -> str:
    if not just_now:
        return ""
    text = base64.urlsafe_b64encode(msgspec.json.encode(just_now[-_MOST_JUST:])).decode().rstrip("=")
    # Browsers keep 4 KB of a cookie; what does not fit is only a little late on the page.
    return text if len(text) < 3_600 else _packed(just_now[1:])


def _just_now(text: str) -> tuple[dict[str, Any], ...]:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(plain, type=tuple[dict[str, Any], ...])[-_MOST_JUST:] if plain else ()
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return ()
