"""The moment of a call as attributes that rules can test, and what the customer has bought just now."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from tailorbird.assembler.channels.app import most_on
from tailorbird.assembler.items.cards import Cards
from tailorbird.assembler.slots.base import Moment
from tailorbird.contracts.assembler import PageContext
from tailorbird.contracts.profiles import Event, Profile
from tailorbird.contracts.words import AttributeValue, CartLine, CustomerFacts

__all__ = ["JUST_BOUGHT", "attributes_of_moment", "bought_in_events", "latest_purchases", "moment_of"]

_NONE: Mapping[str, str] = {}
JUST_BOUGHT = 7 * 86_400
"""Seconds for which an item bought is neither recommended nor discounted."""
VISIT_GAP = 1_800
"""Seconds of silence after which a new visit begins."""


def moment_of(
    page: str,
    context: PageContext,
    cart: tuple[CartLine, ...],
    at: float,
    barcodes: Mapping[str, str] = _NONE,
    locale: str = "",
) -> Moment:
    """The call as slots see it. `cart` is the one known from events; the call's own overrules it. `barcodes`: the items
    that a scanned code may be of; `locale`: the customer's own, for calls that name none.
    """
    barcode = context.barcode
    return Moment(
        page=page,
        channel=context.channel,
        at=at,
        item_id=context.item_id or (barcodes.get(barcode.strip().lstrip("0"), "") if barcode else ""),
        cart=context.cart if context.cart is not None else cart,
        device=context.device,
        store_id=context.store_id,
        referrer=context.referrer,
        referrer_host=host_of(context.referrer),
        campaign=context.campaign,
        query=context.query,
        results=context.results,
        barcode=barcode,
        locale=context.locale or locale,
        most_items=most_on(int(context.screen.partition("x")[0])) if context.screen else 0,
    )


def host_of(referrer: str) -> str:
    """The host of an address, lower case, without `www.`; empty where there is none."""
    if not referrer:
        return ""
    try:
        host = urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def attributes_of_moment(
    moment: Moment, facts: CustomerFacts, known: bool, cards: Cards, zone: tzinfo
) -> dict[str, AttributeValue]:
    """`context.*`, `cart.*`, `time.*` and what of `session.*` the profile did not say; empty texts are left out."""
    hour, weekday, date = _local_time(int(moment.at // 60), zone)
    attributes: dict[str, AttributeValue] = {
        "context.channel": moment.channel,
        "context.page": moment.page,
        "context.known": known,
        "time.at": moment.at,
        "time.hour": hour,
        "time.weekday": weekday,
        "time.date": date,
    }
    if moment.device:
        attributes["context.device"] = moment.device
    if moment.referrer:
        attributes["context.referrer"] = moment.referrer
        attributes["context.referrer_host"] = moment.referrer_host
    if moment.campaign:
        attributes["context.campaign"] = moment.campaign
    if moment.store_id:
        attributes["context.store_id"] = moment.store_id
    if moment.item_id:
        attributes["context.item_id"] = moment.item_id
        card = cards.get(moment.item_id)
        if card is not None:
            attributes["context.item_department"] = card.department
            attributes["context.item_category"] = card.category
            if card.stock is not None:
                attributes["context.item_stock"] = card.stock
                if card.stock_at:
                    attributes["context.item_stock_minutes"] = round(abs(moment.at - card.stock_at) / 60.0, 1)
    _add_cart(attributes, moment.cart, cards)
    if "session.views" not in facts.attributes:
        _add_session(attributes, facts, moment.at)
    return attributes


@functools.lru_cache(maxsize=16)
def _local_time(minute: int, zone: tzinfo) -> tuple[int, int, str]:
    """(hour, day of the week from Monday 1, date) there in that minute since 1970."""
    local = datetime.fromtimestamp(minute * 60, zone)
    return local.hour, local.isoweekday(), local.date().isoformat()


def _add_cart(attributes: dict[str, AttributeValue], cart: tuple[CartLine, ...], cards: Cards) -> None:
    total = 0.0
    departments: dict[str, None] = {}
    categories: dict[str, None] = {}
    for line in cart:
        card = cards.get(line.item_id)
        if card is not None:
            total += (card.price or 0.0) * line.quantity
            departments[card.department] = None
            categories[card.category] = None
    attributes["cart.count"] = sum(line.quantity for line in cart)
    attributes["cart.total"] = round(total, 2)
    attributes["cart.departments"] = list(departments)
    attributes["cart.categories"] = list(categories)
    attributes["cart.item_ids"] = [line.item_id for line in cart]


def _add_session(attributes: dict[str, AttributeValue], facts: CustomerFacts, at: float) -> None:
    """Views and minutes of this visit: recent signals, newest first, back to the first silence."""
    views, began, last = 0, at, at
    for signal in facts.recent:
        if last - signal.at > VISIT_GAP:
            break
        last = began = float(signal.at)
        views += signal.kind == "viewed"
    attributes["session.views"] = views
    attributes["session.minutes"] = round(max(0.0, at - began) / 60.0, 1)


def latest_purchases(profile: Profile, at: float) -> dict[str, int]:
    """Items bought within the seven days before `at`, as the profile tells, and when (seconds since 1970)."""
    since = at - JUST_BOUGHT
    facts = profile.facts
    lines = facts.history
    if lines and lines[-1].last_at >= since:
        lines = profile.purchases()  # More than stand in the facts.
    bought: dict[str, int] = {}
    for line in lines:
        if line.last_at < since:
            break  # Most recently bought come first.
        bought[line.item_id] = line.last_at
    for signal in facts.recent:
        if signal.kind == "bought" and signal.at >= since:
            bought[signal.item_id] = max(signal.at, bought.get(signal.item_id, 0))
    return bought


def bought_in_events(events: Iterable[Event]) -> list[str]:
    """Items bought in orders among these events, read here so that they count even when profiles is away."""
    bought: list[str] = []
    for event in events:
        if event.type == "track" and event.event == "Order Completed":
            products = event.properties.get("products")
            lines = products if isinstance(products, list) else [event.properties]
            bought += [item_id for item_id in map(_item_id, lines) if item_id]
    return bought


def _item_id(line: Any) -> str:
    if not isinstance(line, Mapping):
        return ""
    for name in ("product_id", "productId", "item_id", "sku", "id"):
        value = line.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
            return str(value)
    return ""
