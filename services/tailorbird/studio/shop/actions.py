"""What a press of a button means: the visit after it, and the events that tell of it in Segment's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CartLine
from tailorbird.studio.shop.visit import Visit, added, removed

__all__ = ["Done", "act", "event_body", "seen"]

Form = Mapping[str, Sequence[str]]


class Done(Struct, frozen=True):
    """What came of it."""

    visit: Visit
    events: tuple[dict[str, Any], ...]
    sentence: str
    """Said to the customer."""


def act(form: Form, visit: Visit, at: str, new_id: str) -> Done:
    """Carry out `action` of this form. `at`: ISO 8601; `new_id`: fresh, for the event. Raises Fault(422)."""
    action = _one(form, "action")
    item_id = _one(form, "item_id")
    title = _one(form, "title") or "It"
    if action == "add" and item_id:
        after = replace(visit, cart=added(visit.cart, item_id))
        done = Done(after, (_track("Product Added", _product(form, item_id)),), f"{title} is in your cart.")
    elif action == "remove" and item_id:
        after = replace(visit, cart=removed(visit.cart, item_id))
        done = Done(after, (_track("Product Removed", _product(form, item_id)),), f"{title} is no longer in your cart.")
    elif action == "buy" and item_id:
        after = replace(visit, cart=removed(visit.cart, item_id))
        done = Done(after, (_order(form, (CartLine(item_id=item_id),), new_id),), f"Thank you! {title} is on its way.")
    elif action == "order" and visit.cart:
        after = replace(visit, cart=())
        done = Done(after, (_order(form, visit.cart, new_id),), "Thank you! Your order is on its way.")
    elif action == "dismiss" and item_id:
        said = f"{title} will not be shown to you again."
        done = Done(visit, (_track("Item Dismissed", {"product_id": item_id}),), said)
    elif action == "refuse" and (offer_id := _one(form, "offer_id")):
        done = Done(visit, (_track("Offer Refused", {"promotion_id": offer_id}),), "That offer will not come back.")
    elif action == "register":
        done = _register(form, visit, new_id)
    else:
        there = "add, remove, buy, order, dismiss, refuse or register"
        raise Fault(422, f"This button says nothing the shop can do: `action` is {there}.")
    events = tuple(event_body(event, done.visit, at, f"{new_id}-{place}") for place, event in enumerate(done.events))
    return Done(replace(done.visit, just_now=(*done.visit.just_now, *events)), events, done.sentence)


def seen(page: str, visit: Visit, item_id: str, at: str, new_id: str) -> dict[str, Any]:
    """The event of looking at this page."""
    if page == "product":
        event = _track("Product Viewed", {"product_id": item_id})
    elif page == "cart":
        lines = [{"product_id": line.item_id, "quantity": line.quantity} for line in visit.cart]
        event = _track("Cart Viewed", {"products": lines})
    else:
        event = {"type": "page", "name": page.capitalize(), "properties": {"path": "/shop"}}
    return event_body(event, visit, at, new_id)


def noticed(form: Form, visit: Visit, at: str, new_id: str) -> dict[str, Any]:
    """The event of what the page's script noticed: a look at an item that went on, or a turn to leave."""
    item_id, seconds = _one(form, "item_id"), _one(form, "seconds")
    if item_id and seconds.isdecimal() and len(seconds) <= 4:
        event = _track("Item Dwelled", {"product_id": item_id[:200], "seconds": int(seconds)})
    else:
        event = _track("Exit Intent", {"path": "/shop"})
    return event_body(event, visit, at, new_id)


def event_body(event: dict[str, Any], visit: Visit, at: str, message_id: str) -> dict[str, Any]:
    """The event with whose it is, when, and its id."""
    whose = {"userId": visit.customer_id, "anonymousId": visit.anonymous_id}
    known = {name: value for name, value in whose.items() if value}
    return event | known | {"timestamp": at, "messageId": message_id}


def _track(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "track", "event": name, "properties": properties}


def _product(form: Form, item_id: str) -> dict[str, Any]:
    price = _price(_one(form, "price"))
    return {"product_id": item_id, "quantity": 1} | ({"price": price} if price is not None else {})


def _order(form: Form, lines: tuple[CartLine, ...], new_id: str) -> dict[str, Any]:
    """`price` stands in the form as `item_id=price`, once for every line that has one."""
    told = (text.rpartition("=") for text in form.get("price", ()))
    prices = {item_id or _one(form, "item_id"): _price(price) for item_id, _, price in told}
    products: list[dict[str, Any]] = []
    total = 0.0
    for line in lines:
        price = prices.get(line.item_id)
        total += (price or 0.0) * line.quantity
        known = {"price": price} if price is not None else {}
        products.append({"product_id": line.item_id, "quantity": line.quantity} | known)
    properties = {"order_id": f"shop-{new_id}", "total": round(total, 2), "currency": "USD", "products": products}
    return _track("Order Completed", properties)


def _register(form: Form, visit: Visit, new_id: str) -> Done:
    """An anonymous visitor becomes a customer; a customer's answers are added to what is known."""
    name = _one(form, "first_name")[:40].strip()
    traits: dict[str, Any] = {"first_name": name} if name else {}
    for key, values in form.items():
        if key.startswith("trait_") and any(values):
            answers = [value[:200] for value in values if value]
            traits[key.removeprefix("trait_")] = answers if len(answers) > 1 else answers[0]
    customer_id = visit.customer_id or f"shop-{new_id[:12]}"
    after = replace(visit, customer_id=customer_id)
    welcome = f"Welcome, {name}!" if name else "Welcome!"
    return Done(after, ({"type": "identify", "traits": traits},), f"{welcome} This page is yours now.")


def _one(form: Form, name: str) -> str:
    values = form.get(name, ())
    return values[0][:300] if values else ""


def _price(text: str) -> float | None:
    try:
        price = float(text)
    except ValueError:
        return None
    return price if 0 <= price < 1e6 else None
