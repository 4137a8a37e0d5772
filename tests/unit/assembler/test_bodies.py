"""A query string asks for the same as a body, as strictly."""

from __future__ import annotations

import pytest

from tailorbird.assembler.calls.bodies import email_from_parameters, page_from_parameters
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CartLine


def test_a_page_is_asked_for_by_parameters() -> None:
    given = {"customer_id": "1228", "channel": "app", "item_id": "p1", "cart": "p1:2,p2,a:b:3", "explain": "true"}
    query = page_from_parameters(given.items()).query("home", ())
    assert query.customer.customer_id == "1228"
    assert (query.context.channel, query.context.item_id, query.explain, query.preview) == ("app", "p1", True, False)
    assert query.context.cart == (
        CartLine(item_id="p1", quantity=2), CartLine(item_id="p2"), CartLine(item_id="a:b", quantity=3),
    )  # fmt: skip


def test_without_a_cart_the_one_known_from_events_counts() -> None:
    assert page_from_parameters([]).query("home", ()).context.cart is None
    assert page_from_parameters([("cart", "")]).query("home", ()).context.cart == ()
    assert page_from_parameters([("write_key", "w"), ("item_id", "7")]).query("home", ()).context.item_id == "7"


def test_an_email_is_asked_for_by_parameters() -> None:
    query = email_from_parameters([("customer_id", "1228"), ("message_id", "week-47")]).query("weekly")
    assert (query.email, query.customer.customer_id, query.message_id) == ("weekly", "1228", "week-47")


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("customer", "1228", "?customer"),
        ("channel", "fax", "?channel"),
        ("cart", "p1:many", "?cart[0].quantity"),
        ("cart", "p1:0", "?cart[0].quantity"),
        ("explain", "maybe", "?explain"),
        ("customer_id", "x" * 201, "?customer_id"),
    ],
)
def test_a_mistake_is_told_with_the_parameters_name(name: str, value: str, path: str) -> None:
    with pytest.raises(Fault) as caught:
        page_from_parameters([(name, value)])
    assert caught.value.code == 422
    assert caught.value.problems[0].path == path


def test_a_parameter_stands_once() -> None:
    with pytest.raises(Fault, match="twice"):
        page_from_parameters([("item_id", "a"), ("item_id", "b")])
