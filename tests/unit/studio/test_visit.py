from __future__ import annotations

import pytest

from tailorbird.contracts.words import CartLine
from tailorbird.studio.shop.visit import Visit, added, cookies_of, removed, visit_of

VISIT = Visit(
    customer_id="1228",
    anonymous_id="shop-1a2b",
    cart=(CartLine(item_id="1082185", quantity=2), CartLine(item_id="981760")),
    referrer="https://gadgets.example/",
    just_now=({"type": "track", "event": "Product Added", "properties": {"product_id": "981760"}},),
)


def test_a_visit_comes_back_out_of_its_cookies() -> None:
    assert visit_of(cookies_of(VISIT)) == VISIT
    assert visit_of({}) == Visit()


@pytest.mark.parametrize(
    "cookies",
    [
        {"shop_cart": "1*x,2*-1,3*1000,<b>*1,*,*1,,"},
        {"shop_customer": "<script>", "shop_visitor": "a b"},
        {"shop_from": "javascript:alert(1)"},
        {"shop_just": "%%%not-base64"},
        {"shop_just": "e30"},
        {"shop_just": "/////w=="},
        {"shop_cart": "\x00*1"},
    ],
)
def test_a_cookie_that_makes_no_sense_is_ignored(cookies: dict[str, str]) -> None:
    assert visit_of(cookies) == Visit()


def test_a_cart_counts_adds_and_forgets() -> None:
    cart = added(added((), "a"), "a", 2)
    assert cart == (CartLine(item_id="a", quantity=3),)
    assert added(cart, "b")[-1] == CartLine(item_id="b")
    assert removed(added(cart, "b"), "a") == (CartLine(item_id="b"),)
    assert added(cart, "a", 1_000)[0].quantity == 99


def test_what_was_just_done_fits_a_cookie_the_oldest_is_left_out() -> None:
    many = tuple({"event": "Product Added", "number": number, "text": "x" * 300} for number in range(40))
    kept = visit_of(cookies_of(Visit(just_now=many))).just_now
    assert len(cookies_of(Visit(just_now=many))["shop_just"]) < 3_600
    assert kept[-1]["number"] == 39
    assert 1 < len(kept) <= 12
