"""The moment of a call as attributes, and what was bought just now."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec import Raw

from tailorbird.assembler.gathering.context import (
    attributes_of_moment,
    bought_in_events,
    host_of,
    latest_purchases,
    moment_of,
)
from tailorbird.contracts.assembler import PageContext
from tailorbird.contracts.profiles import Event
from tailorbird.contracts.words import Bought, CartLine, CustomerFacts, Signal
from tailorbird.rules.attributes import CATALOGUE
from tests.unit.assembler import shop

DAY = 86_400


def attributes(context: PageContext, facts: CustomerFacts | None = None, zone: Any = UTC) -> dict[str, Any]:
    moment = moment_of("home", context, (), shop.NOW + 13.5 * 3600)
    return attributes_of_moment(moment, facts or CustomerFacts(), True, shop.cards(), zone)


def test_every_attribute_of_a_moment_is_in_the_catalogue_of_rules() -> None:
    context = PageContext(
        referrer="https://gadgets.example/x", device="mobile", item_id="p1", store_id="s", campaign="c",
        cart=(CartLine(item_id="p2"),),
    )  # fmt: skip
    assert [name for name in attributes(context) if CATALOGUE.find(name) is None] == []


def test_a_cart_is_counted_summed_and_sorted_into_departments() -> None:
    cart = (CartLine(item_id="p1", quantity=2), CartLine(item_id="p3"), CartLine(item_id="gone"))
    found = attributes(PageContext(cart=cart))
    assert found["cart.count"] == 4
    assert found["cart.total"] == 6.5
    assert found["cart.departments"] == ["Produce"]
    assert found["cart.item_ids"] == ["p1", "p3", "gone"]


def test_the_calls_cart_overrules_the_one_known_from_events() -> None:
    known = (CartLine(item_id="p1"),)
    assert moment_of("home", PageContext(), known, 0.0).cart == known
    assert moment_of("home", PageContext(cart=()), known, 0.0).cart == ()


def test_time_is_told_in_the_shops_zone() -> None:
    at_home, in_tokyo = attributes(PageContext()), attributes(PageContext(), zone=ZoneInfo("Asia/Tokyo"))
    assert (at_home["time.hour"], at_home["time.weekday"], at_home["time.date"]) == (13, 7, "2026-11-22")
    assert (in_tokyo["time.hour"], in_tokyo["time.weekday"]) == (22, 7)


def test_what_is_not_said_is_not_known() -> None:
    assert not {"context.referrer", "context.device", "context.item_id"} & attributes(PageContext()).keys()


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://gadgets.example/", "gadgets.example"),
        ("https://www.Gadgets.example:8443/a?b", "gadgets.example"),
        ("gadgets.example/x", "gadgets.example"),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_the_referring_host_is_read_from_any_address(referrer: str, host: str) -> None:
    assert host_of(referrer) == host


def test_a_visit_ends_with_half_an_hour_of_silence() -> None:
    now = int(shop.NOW + 13.5 * 3600)
    recent = tuple(Signal("viewed", "p1", now - minutes * 60) for minutes in (1, 10, 25, 90))
    found = attributes(PageContext(), CustomerFacts(recent=recent))
    assert (found["session.views"], found["session.minutes"]) == (3, 25.0)


def test_what_the_profile_says_of_the_visit_stands() -> None:
    found = attributes(PageContext(), CustomerFacts(attributes={"session.views": 7}))
    assert "session.views" not in found


def test_the_latest_purchases_are_seven_days_of_history_and_signals() -> None:
    now = int(shop.NOW)
    facts = CustomerFacts(
        history=(Bought("p1", 2, now - 2 * DAY), Bought("p2", 1, now - 8 * DAY)),
        recent=(Signal("bought", "p3", now - 60), Signal("viewed", "p4", now), Signal("bought", "p5", now - 9 * DAY)),
    )
    assert latest_purchases(shop.profile(facts=facts), shop.NOW) == {"p1": now - 2 * DAY, "p3": now - 60}


def test_more_purchases_of_seven_days_than_stand_in_the_facts_are_found() -> None:
    lines = tuple(Bought(f"p{number}", 1, int(shop.NOW) - number, 1.0) for number in range(70))
    profile = shop.profile(facts=CustomerFacts(history=lines[:60]), history=Raw(msgspec.json.encode(lines)))
    assert latest_purchases(profile, shop.NOW).keys() == {line.item_id for line in lines}


def order(**properties: Any) -> Event:
    return Event(message_id="m", type="track", at=shop.NOW, event="Order Completed", properties=properties)


@pytest.mark.parametrize(
    ("event", "bought"),
    [
        (order(products=[{"product_id": "p1"}, {"sku": "p2"}, {"product_id": 3}]), ["p1", "p2", "3"]),
        (order(product_id="p1"), ["p1"]),
        (order(products=["p1", None, {"product_id": ["p2"]}, {"product_id": True}]), []),
        (order(), []),
        (Event(message_id="m", type="track", at=0.0, event="Product Viewed", properties={"product_id": "p1"}), []),
    ],
)
def test_items_are_read_from_orders_and_nothing_else(event: Event, bought: list[str]) -> None:
    assert bought_in_events([event]) == bought
