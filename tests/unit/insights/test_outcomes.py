"""What events tell of outcomes."""

from __future__ import annotations

from typing import Any

import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.insights.arriving.outcomes import encoded, outcomes_of, read_outcomes

KEY = b"k" * 32


def told(name: str, properties: dict[str, Any] | None = None, **fields: Any) -> Event:
    given: dict[str, Any] = {"customer_id": "1228", "received_at": 1_000.0} | fields
    return Event(message_id="m-1", type="track", at=1_000.0, event=name, properties=properties or {}, **given)


def test_a_click_tells_its_decision_its_thing_and_nobody_by_name() -> None:
    [click] = outcomes_of(told("Product Clicked", {"product_id": "i-1", "decision_id": "d-1"}), KEY)
    assert (click.kind, click.item_id, click.decision_id) == ("click", "i-1", "d-1")
    assert b"1228" not in encoded(click)
    assert click.who == outcomes_of(told("Product Clicked"), KEY)[0].who
    assert click.who != outcomes_of(told("Product Clicked"), b"j" * 32)[0].who
    assert list(read_outcomes([encoded(click), encoded(click)[:20]])) == [click]


def test_an_order_with_a_coupon_is_a_redemption_too_and_once_however_often_told() -> None:
    properties = {"order_id": "o-1", "coupon": "pizza", "discount": 2, "total": 20,
                  "products": [{"product_id": "i-1", "quantity": 2, "price": 11}]}  # fmt: skip
    order, redemption = outcomes_of(told("Order Completed", properties), KEY)
    assert (order.revenue, order.items, order.bought) == (20.0, 2.0, ("i-1",))
    assert (redemption.kind, redemption.offer_id, redemption.cost) == ("redemption", "pizza", 2.0)
    again = outcomes_of(Event(message_id="m-2", type="track", at=2_000.0, event="Order Completed", customer_id="x",
                              properties=properties), KEY)  # fmt: skip
    assert again[1].outcome_id == redemption.outcome_id
    assert again[0].order == order.order


def test_a_refund_takes_back() -> None:
    [refund] = outcomes_of(told("Order Refunded", {"order_id": "o-1", "total": 5}), KEY)
    assert (refund.kind, refund.revenue) == ("refund", -5.0)


@pytest.mark.parametrize(
    "context",
    [
        {"userAgent": "Mozilla/5.0 (Windows NT 5.1) GoogleImageProxy"},
        {"userAgent": "Barracuda Sentinel (EE)"},
    ],
)
def test_what_a_proxy_or_scanner_does_is_nobodys(context: dict[str, Any]) -> None:
    assert outcomes_of(told("Email Opened", context=context), KEY)[0].machine
    assert outcomes_of(told("Email Opened", {"machine": True}), KEY)[0].machine
    person = {"userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}
    assert not outcomes_of(told("Email Opened", context=person), KEY)[0].machine


def test_who_does_not_want_to_be_measured_is_nobody() -> None:
    refused = {"consent": {"categoryPreferences": {"analytics": False}}}
    assert outcomes_of(told("Product Clicked", context=refused), KEY)[0].who == ()
    assert outcomes_of(told("Product Clicked", needs_consent=True), KEY)[0].who == ()


@pytest.mark.parametrize(("given", "found"), [(5, 1.0), (1, 0.0), (3, 0.5), (99, 1.0)])
def test_a_rating_stands_between_none_and_all_stars(given: int, found: float) -> None:
    [rating] = outcomes_of(told("Product Reviewed", {"product_id": "i-1", "rating": given}), KEY)
    assert rating.rating == found


def test_late_and_simulated_are_told() -> None:
    [late] = outcomes_of(told("Product Clicked", received_at=9_000.0, context={"simulated": True}), KEY)
    assert late.late
    assert late.simulated
    assert outcomes_of(told("Product Viewed"), KEY) == ()
