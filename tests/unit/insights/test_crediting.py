"""Orders are credited to what was touched before them, within each one's window."""

from __future__ import annotations

from typing import Any

import pytest

from tailorbird.contracts.wire import Fault
from tailorbird.insights.facts.crediting import Order, Touch, credits_of, holds_recommended, read_windows, window_of

DAY = 86_400.0
WEEK = window_of({}, 7.0)


def touched(day: float, decision_id: str, *, clicked: bool = True, **told: str) -> Touch:
    return Touch(day * DAY, decision_id, clicked, **told)


def shares(order: Order, *touches: Touch, window: object = WEEK) -> dict[str, tuple[Any, Any]]:
    return {one.touch.decision_id: (one.last, one.linear) for one in credits_of(order, touches, window)}  # type: ignore[arg-type]


def test_the_last_touch_has_all_of_it_and_linear_shares_alike() -> None:
    order = Order(10 * DAY)
    assert shares(order, touched(4, "a"), touched(8, "c"), touched(6, "b")) == {
        "a": (0.0, pytest.approx(1 / 3)), "b": (0.0, pytest.approx(1 / 3)), "c": (1.0, pytest.approx(1 / 3)),
    }  # fmt: skip


def test_what_came_after_the_order_or_before_its_window_has_nothing() -> None:
    assert shares(Order(10 * DAY), touched(2.9, "early"), touched(10.1, "late")) == {}


def test_a_campaign_has_a_window_of_its_own() -> None:
    window = window_of({"email/weekly": 2.0, "pizza": 30.0}, 7.0)
    order = Order(20 * DAY)
    assert shares(order, touched(17, "mail", subject="email/weekly"), window=window) == {}
    assert shares(order, touched(0, "offer", subject="page/home", offer_id="pizza"), window=window) == {
        "offer": (1.0, 1.0)
    }


def test_who_clicked_is_not_credited_to_what_they_only_saw() -> None:
    order = Order(10 * DAY)
    assert shares(order, touched(9, "seen", clicked=False), touched(5, "clicked")) == {"clicked": (1.0, 1.0)}
    assert shares(order, touched(9, "seen", clicked=False)) == {"seen": (1.0, 1.0)}


def test_a_decision_touched_three_times_counts_once_with_the_latest() -> None:
    order = Order(10 * DAY)
    assert shares(order, touched(5, "a"), touched(6, "b"), touched(7, "a"), touched(8, "a")) == {
        "a": (1.0, 0.5), "b": (0.0, 0.5),
    }  # fmt: skip


def test_a_redemption_is_credited_to_where_its_offer_was_touched() -> None:
    redeemed = Order(10 * DAY, offer_id="pizza")
    assert shares(redeemed, touched(9, "other", offer_id="cake"), touched(8, "right", offer_id="pizza")) == {
        "right": (1.0, 1.0)
    }


def test_an_order_holds_what_was_clicked_where_it_was_recommended() -> None:
    order = Order(10 * DAY, ("i-1", "i-2"))
    assert holds_recommended(order, [touched(9, "a", item_id="i-2")], WEEK)
    assert not holds_recommended(order, [touched(9, "a", item_id="i-3"), touched(1, "b", item_id="i-1")], WEEK)
    assert not holds_recommended(order, [touched(9, "a", clicked=False, item_id="i-2")], WEEK)


def test_windows_are_read_or_the_mistake_is_told() -> None:
    assert read_windows("email/weekly=3 pizza=14") == {"email/weekly": 3.0, "pizza": 14.0}
    with pytest.raises(Fault, match="holds 'pizza=forever'"):
        read_windows("pizza=forever")
