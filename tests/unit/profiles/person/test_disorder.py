"""Whatever somebody does, told in whatever order, gives one profile: drawn by chance, every kind of event among it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import asdict

from tailorbird.contracts.experiments import EXPOSED_EVENT
from tailorbird.contracts.profiles import Event
from tailorbird.profiles.identity.graph import noted
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.profile import ANONYMOUS_IDS_KEPT, StoredProfile
from tests.unit.profiles.events import event

NAMES = (
    "Product Viewed", "Product Added", "Product Removed", "Item Dismissed", "Product Reviewed", "Cart Viewed",
    "Checkout Started", "Order Completed", "Promotion Viewed", "Promotion Clicked", "Offer Refused", "Item Dwelled",
    "Item Hovered", "Geofence Entered", "Geofence Exited", "Ticket Opened", "Ticket Updated", "Ticket Resolved",
    "Contact Made", "Loyalty Changed", "Email Opened", "Products Searched", "Order Refunded", "Order Cancelled",
    EXPOSED_EVENT,
)  # fmt: skip
NOT_COMPARED = ("marks", "earlier_sessions")
"""The order in which ids came, and how much of what lies days back was kept for events that never came."""


def by_chance(chance: random.Random, number: int) -> Event:
    at = chance.choice([chance.randrange(40), chance.randrange(8_000), chance.randrange(9 * 86_400)])
    context: dict[str, Any] = {
        "device": {"type": chance.choice(["", "mobile", "desktop"])},
        "timezone": chance.choice([None, "Europe/Berlin", "Asia/Tokyo"]),
        "location": {"city": chance.choice(["", "Bonn", "Ulm"])},
        "page": {"referrer": chance.choice(["", "https://x.example", "https://y.example"])},
        "consent": {"categoryPreferences": {"email": chance.choice([True, False, None])}},
    }
    rest: dict[str, Any] = {"at": at, "context": context, "trusted": True}
    rest["anonymous_id"] = chance.choice(["", "a-1", "a-2", "a-3"])
    kind = chance.choice(["identify", "page", *["track"] * 8])
    if kind != "track":
        traits = {"first_name": chance.choice("AB"), "age": chance.randrange(3)} if kind == "identify" else {}
        return event(number, kind=kind, traits=traits, **rest)
    item = f"i-{chance.randrange(4)}"
    properties = {
        "product_id": item, "quantity": chance.randrange(1, 3), "products": [{"product_id": item, "price": 1}],
        "promotion_id": chance.choice("pq"), "offer_id": chance.choice("pq"), "coupon": chance.choice(["", "p"]),
        "seconds": chance.randrange(60), "geofence": chance.choice("st"), "ticket_id": chance.choice("uv"),
        "reason": chance.choice("lm"), "level": chance.choice("gs"), "points": chance.randrange(9), "total": 5,
        "query": chance.choice("xyz"), "rating": chance.choice([1, 5]), "order_id": f"o-{number}",
        "experiment_id": "e", "variation_id": chance.choice("AB"),
    }  # fmt: skip
    name = chance.choice(NAMES)
    if name in ("Order Refunded", "Order Cancelled"):
        properties |= {"order_id": f"o-{chance.randrange(number + 3)}", "total": chance.choice([0, 1, 2.5, 5])}
    return event(number, name, properties=properties, **rest)


def of(events: list[Event]) -> dict[str, Any]:
    found = StoredProfile()
    for one in events:
        found = noted(found, fold(found, one), one)
    return {name: value for name, value in asdict(found).items() if name not in NOT_COMPARED}


@pytest.mark.parametrize("count", [4, 8, 30])
def test_any_events_in_any_order_give_one_profile(count: int) -> None:
    chance = random.Random(count)
    for _ in range(40):
        events = sorted((by_chance(chance, number) for number in range(count)), key=lambda one: one.at)
        right = of(events)
        for _ in range(4):
            chance.shuffle(events)
            assert of(events) == right


def test_of_many_ids_of_a_visitor_those_heard_of_last_stay() -> None:
    events = [event(n, "Product Viewed", at=n * 60, anonymous_id=f"a-{n % 30:02}") for n in range(60)]
    stay = tuple(f"a-{n:02}" for n in range(30 - ANONYMOUS_IDS_KEPT, 30))
    assert of(events)["anonymous_ids"] == of(events[:30])["anonymous_ids"] == stay


@pytest.mark.parametrize("steps", [4, 1_000])
def test_words_on_one_item_within_a_second_count_in_the_order_of_their_fractions(steps: int) -> None:
    chance = random.Random(steps)
    for _ in range(60):
        events = [
            event(n, chance.choice(("Product Added", "Item Dismissed", "Product Removed")),
                  at=5 + chance.randrange(steps) / steps,
                  properties={"product_id": chance.choice("ab")})
            for n in range(8)
        ]  # fmt: skip
        right = of(sorted(events, key=lambda one: one.at))
        for _ in range(4):
            chance.shuffle(events)
            assert of(events) == right


def test_the_last_word_within_a_second_counts() -> None:
    refused = event(1, "Item Dismissed", at=5.2, properties={"product_id": "a"})
    wanted = event(2, "Product Added", at=5.7, properties={"product_id": "a"})
    again = event(3, "Item Dismissed", at=5.9, properties={"product_id": "a"})
    assert of([wanted, refused])["dismissed"] == (("a", -wanted.at),)
    assert of([again, refused, wanted])["dismissed"] == (("a", again.at),)
