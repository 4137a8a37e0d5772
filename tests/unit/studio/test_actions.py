from __future__ import annotations

from typing import Any

import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CartLine
from tailorbird.host.segment_events import events_from_segment
from tailorbird.studio.shop.actions import Done, act, seen
from tailorbird.studio.shop.visit import Visit

AT = "2026-11-20T10:00:00+00:00"
ANONYMOUS = Visit(anonymous_id="shop-1")
CUSTOMER = Visit(
    customer_id="1228", anonymous_id="shop-1", cart=(CartLine(item_id="7", quantity=2), CartLine(item_id="8"))
)


def press(visit: Visit, **form: Any) -> Done:
    return act({name: value if isinstance(value, list) else [value] for name, value in form.items()}, visit, AT, "n1")


def test_not_for_me_is_an_event_and_leaves_the_cart_alone() -> None:
    dismissed = press(CUSTOMER, action="dismiss", item_id="7", title="Gala Apples")
    refused = press(CUSTOMER, action="refuse", offer_id="o-1")
    told = [(one.events[0]["event"], one.events[0]["properties"]) for one in (dismissed, refused)]
    assert told == [("Item Dismissed", {"product_id": "7"}), ("Offer Refused", {"promotion_id": "o-1"})]
    assert dismissed.visit.cart == refused.visit.cart == CUSTOMER.cart
    assert dismissed.visit.just_now == dismissed.events


def test_adding_puts_it_in_the_cart_and_tells_of_it() -> None:
    done = press(ANONYMOUS, action="add", item_id="7", title="Gala Apples", price="3.99")
    assert done.visit.cart == (CartLine(item_id="7"),)
    assert done.sentence == "Gala Apples is in your cart."
    assert done.events == (
        {
            "type": "track",
            "event": "Product Added",
            "properties": {"product_id": "7", "quantity": 1, "price": 3.99},
            "anonymousId": "shop-1",
            "timestamp": AT,
            "messageId": "n1-0",
        },
    )
    assert done.visit.just_now == done.events


def test_an_order_is_of_all_that_is_in_the_cart_and_empties_it() -> None:
    done = press(CUSTOMER, action="order", price=["7=1.50", "8=4"])
    assert done.visit.cart == ()
    order = done.events[0]["properties"]
    assert order["total"] == 7.0
    assert order["products"] == [
        {"product_id": "7", "quantity": 2, "price": 1.5},
        {"product_id": "8", "quantity": 1, "price": 4.0},
    ]


def test_buying_now_is_an_order_of_one_and_leaves_the_rest_in_the_cart() -> None:
    done = press(CUSTOMER, action="buy", item_id="7", title="Gala Apples", price="7=3.99")
    assert done.visit.cart == (CartLine(item_id="8"),)
    assert done.events[0]["event"] == "Order Completed"
    assert done.events[0]["properties"]["products"] == [{"product_id": "7", "quantity": 1, "price": 3.99}]


def test_registering_makes_a_customer_of_a_visitor_with_the_answers_as_traits() -> None:
    done = press(ANONYMOUS, action="register", first_name="Ada", trait_diet=["Vegetarian", "Quick"], trait_size="Two")
    assert done.visit.customer_id == "shop-n1"
    identify = done.events[0]
    assert (identify["type"], identify["userId"], identify["anonymousId"]) == ("identify", "shop-n1", "shop-1")
    assert identify["traits"] == {"first_name": "Ada", "diet": ["Vegetarian", "Quick"], "size": "Two"}
    assert done.sentence == "Welcome, Ada! This page is yours now."


@pytest.mark.parametrize(
    "form", [{}, {"action": "add"}, {"action": "order"}, {"action": "drop tables", "item_id": "7"}]
)
def test_a_button_that_says_nothing_is_told_so(form: dict[str, str]) -> None:
    with pytest.raises(Fault, match="says nothing the shop can do") as refused:
        press(ANONYMOUS, **form)
    assert refused.value.code == 422


@pytest.mark.parametrize("page", ["home", "product", "cart"])
def test_the_collector_takes_what_the_shop_says_was_looked_at(page: str) -> None:
    event = events_from_segment([seen(page, CUSTOMER, "7", AT, "m1")], 1_800_000_000.0, trusted=True)[0]
    assert (event.customer_id, event.message_id) == ("1228", "m1")
    assert event.event in ("Home", "Product Viewed", "Cart Viewed")
