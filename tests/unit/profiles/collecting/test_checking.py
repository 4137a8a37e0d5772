"""Which e-commerce events are wrong, and where: cases/checking.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.contracts.words import Consent
from tailorbird.profiles.collecting.batches import Fold
from tailorbird.profiles.collecting.checking import KNOWN_EVENTS, mistake_in
from tailorbird.profiles.person.profile import StoredProfile
from tests.unit.profiles.events import event

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "checking.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[f"{case['event']} {case['properties']}" for case in CASES])
def test_the_table_of_mistakes(case: dict[str, Any]) -> None:
    assert mistake_in(event(1, case["event"], properties=case["properties"])) == case["mistake"]


@pytest.mark.parametrize("name", KNOWN_EVENTS)
@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [None], [[]], float("inf"), "nan", True])
def test_nothing_odd_breaks_the_check(name: str, value: Any) -> None:
    fields = ("product_id", "products", "quantity", "price", "order_id", "promotion_id", "query", "total")
    for field in fields:
        assert isinstance(mistake_in(event(1, name, properties={field: value})), str)


def test_an_event_of_another_kind_is_never_wrong() -> None:
    assert mistake_in(event(1, "Product Viewed", kind="page")) == ""


def folded(events: list[Event]) -> Fold:
    fold = Fold({"customer:c-1": "p-1"}, {"p-1": StoredProfile()}, {}, at=5.0)
    fold.take(events)
    return fold


def test_a_wrong_event_is_set_apart_and_the_others_are_folded() -> None:
    wrong = event(2, "Product Viewed", properties={})
    changes = folded([
        event(1, "Product Viewed", properties={"product_id": "milk"}),
        wrong,
        event(3, "Product Viewed", properties={"product_id": "rye"}),
    ]).changes
    assert [(one.event, one.at) for one in changes.refused] == [(wrong, 5.0)]
    assert {signal.item_id for signal in changes.profiles["p-1"].recent.entries()} == {"milk", "rye"}


def test_a_wrong_event_without_a_yes_where_one_is_needed_is_set_apart_as_nobodys() -> None:
    wrong = event(2, "Product Viewed", context={"ip": "192.0.2.1"}, needs_consent=True)
    unreadable = event(3, properties={"sent": {"userId": "c-1"}}, needs_consent=True, mistake="No event.")
    (one, other) = (refused.event for refused in folded([wrong, unreadable]).changes.refused)
    assert (one.event, one.customer_id, one.context) == ("Product Viewed", "", {})
    assert (other.customer_id, other.properties) == ("", {})
    agreed = StoredProfile(consent={"personalization": Consent(True, 1, "server")})
    fold = Fold({"customer:c-1": "p-1"}, {"p-1": agreed}, {})
    assert [refused.event for refused in fold.take([wrong]).refused] == [wrong]


def test_an_order_is_passed_on_once_under_the_pseudonym_alone() -> None:
    products = [{"product_id": "milk", "price": 1.5, "quantity": 2}, {"product_id": "rye", "coupon": "c"}]
    order = event(1, "Order Completed", at=7, properties={"order_id": "o-1", "products": products})
    again = event(2, "Order Completed", at=9, properties={"order_id": "o-1", "products": products})
    (passed_on,) = folded([order, again, order]).changes.purchased
    assert passed_on.person == "p-1"
    assert [(one.item_id, one.quantity, one.value, one.discounted) for one in passed_on.lines] == [
        ("milk", 2, 3.0, False),
        ("rye", 1, 0.0, True),
    ]
    assert "o-1" not in passed_on.order + passed_on.message
