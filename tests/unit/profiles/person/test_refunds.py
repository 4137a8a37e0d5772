"""Orders that were taken back count less, or no more, whichever was heard of first."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.merging import absorbed
from tailorbird.profiles.person.profile import StoredProfile, pack, unpack
from tailorbird.profiles.traits.attributes import attributes
from tailorbird.profiles.traits.tastes import Tastes
from tests.unit.profiles.events import START, event

DAY = 86_400


def ordered(number: int, order_id: str, total: float, at: int = 0) -> Event:
    told = {"order_id": order_id, "total": total, "products": [{"product_id": "milk", "price": total}]}
    return event(number, "Order Completed", at=at, properties=told)


def refunded(number: int, order_id: str, total: float = 0.0, at: int = DAY) -> Event:
    return event(number, "Order Refunded", at=at, properties={"order_id": order_id, "total": total})


def cancelled(number: int, order_id: str, at: int = DAY) -> Event:
    return event(number, "Order Cancelled", at=at, properties={"order_id": order_id, "total": 99})


TWO = [ordered(1, "a", 50.0), ordered(2, "b", 20.0, 60)]


def of(events: list[Event]) -> StoredProfile:
    found = StoredProfile()
    for one in events:
        found = unpack(pack(fold(found, one)))
    return found


@pytest.mark.parametrize(
    ("after", "orders", "spend"),
    [
        ([], 2, 70.0),
        ([refunded(3, "a", 10.0)], 2, 60.0),
        ([refunded(3, "a", 10.0), refunded(4, "a", 15.5)], 2, 44.5),
        ([refunded(3, "a", 30.0), refunded(4, "a", 30.0)], 1, 20.0),
        ([refunded(3, "a")], 1, 20.0),
        ([cancelled(3, "a"), cancelled(4, "b"), refunded(5, "a", 5.0)], 0, 0.0),
        ([cancelled(3, "unknown"), refunded(4, "unknown", 5.0)], 2, 70.0),
        ([cancelled(3, "b"), ordered(4, "b", 20.0, 60)], 1, 50.0),
    ],
)
def test_orders_and_spend_are_without_what_was_taken_back(after: list[Event], orders: int, spend: float) -> None:
    for some in itertools.permutations([*TWO, *after]):
        found = of(list(some))
        assert (found.orders, found.spend) == (orders, spend)
        told: dict[str, Any] = attributes(found, Tastes(), START + 2 * DAY)
        assert told.get("history.orders_last_90_days", 0) == orders
        assert told.get("history.spend_last_90_days", 0.0) == spend


def test_two_who_turn_out_to_be_one_know_of_both_their_refunds() -> None:
    events = [*TWO, refunded(3, "a", 10.0), cancelled(4, "b"), ordered(5, "c", 7.0, 90)]
    for mine in itertools.product([True, False], repeat=len(events)):
        one = of([told for told, is_mine in zip(events, mine, strict=True) if is_mine])
        other = of([told for told, is_mine in zip(events, mine, strict=True) if not is_mine])
        both = absorbed(one, other, "p-2")
        assert (both.orders, both.spend) == (2, 47.0)


def test_what_the_shop_tells_of_somebody_is_no_visit() -> None:
    told = ["Order Refunded", "Contact Made", "Ticket Opened", "Loyalty Changed", "Email Opened"]
    events = [event(n, name, properties={"ticket_id": "t", "order_id": "o"}) for n, name in enumerate(told)]
    assert of(events).session is None
