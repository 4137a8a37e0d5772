"""Which items: different for everybody, changed by what just happened, never what must not be shown."""

from __future__ import annotations

import httpx
import pytest

from tests.scenarios.calls import email, home, items_of, offers_of, order, page, shown_items, viewed
from tests.tinyshop import CUSTOMERS, GOES_WITH, OUT_OF_STOCK, TinyShop
from tests.waiting import eventually


@pytest.mark.row(69, 107)
def test_two_households_get_different_recommendations(server: httpx.Client) -> None:
    first, second = (set(shown_items(home(server, customer))) for customer in ("c-01", "c-02"))
    assert first != second
    assert len(first & second) < 0.75 * len(first)


@pytest.mark.row(6, 37)
def test_for_you_holds_what_the_household_has_not_bought_yet(server: httpx.Client, tiny_shop: TinyShop) -> None:
    for customer in CUSTOMERS[:10]:
        new = items_of(home(server, customer), "for_you")
        assert not set(new) & tiny_shop.bought[customer]


def test_buy_again_holds_what_the_household_has_bought(server: httpx.Client, tiny_shop: TinyShop) -> None:
    seen = 0
    for customer in CUSTOMERS[:20]:
        again = items_of(home(server, customer), "buy_again")
        seen += len(again)
        assert set(again) <= tiny_shop.bought[customer] | set(shown_items(home(server)))
    assert seen > 0


def test_nobody_sees_an_item_twice_on_a_page(server: httpx.Client) -> None:
    for customer in ("", *CUSTOMERS):
        shown = shown_items(home(server, customer))
        assert len(shown) == len(set(shown))


def test_what_is_out_of_stock_is_shown_to_nobody(server: httpx.Client) -> None:
    for customer in ("", *CUSTOMERS):
        assert OUT_OF_STOCK not in shown_items(home(server, customer))


@pytest.mark.row(1, 18, 19, 46, 67)
def test_what_was_bought_just_now_is_neither_recommended_nor_discounted_on_any_channel(server: httpx.Client) -> None:
    customer = "c-11"
    before = home(server, customer)
    bought = shown_items(before)[0]
    with_event = home(server, customer, events=[order(bought)])
    assert bought not in shown_items(with_event)

    def folded() -> bool:
        return bought in str(server.get(f"/v1/profiles/{customer}").json()["facts"]["recent"])

    eventually(folded, "the order in the profile", within=10)
    assert bought not in shown_items(home(server, customer))
    assert bought not in shown_items(page(server, "cart", {"customer_id": customer}))
    mail = email(server, customer, "after-the-order")
    assert f"/{bought}" not in mail["text"]
    for offer_id in offers_of(home(server, customer)):
        offer = server.get("/v1/offers").json()
        assert bought not in str([one for one in offer["documents"] if one["id"] == offer_id])


@pytest.mark.row(20, 43)
def test_what_goes_with_the_cart_is_offered_beside_it(server: httpx.Client) -> None:
    hits = 0
    for first, second in GOES_WITH.items():
        context = {"cart": [{"item_id": first, "quantity": 1}]}
        hits += second in items_of(page(server, "cart", {}, context=context), "complements")
    assert hits >= len(GOES_WITH) // 2


@pytest.mark.row(51)
def test_what_many_buy_now_is_shown_to_a_visitor_nobody_knows(server: httpx.Client) -> None:
    assert "i-01" in shown_items(home(server))


@pytest.mark.row(106)
def test_the_page_follows_the_visit_view_by_view(server: httpx.Client) -> None:
    visitor = {"anonymous_id": "browsing"}
    pages = [tuple(shown_items(page(server, "home", visitor, preview=True, events=events))) for events in (
        [], [viewed("i-25")], [viewed("i-25"), viewed("i-26"), viewed("i-27")])]  # fmt: skip
    assert len(set(pages)) == 3


@pytest.mark.row(72)
def test_articles_are_about_what_the_household_buys(server: httpx.Client) -> None:
    articles = [slot for slot in home(server, "c-02")["slots"] if slot["type"] == "articles"]
    assert articles
    assert articles[0]["items"]
    assert all(item["reasons"] for item in articles[0]["items"])


@pytest.mark.row(110)
def test_a_changed_price_and_an_empty_stock_act_on_the_next_page(server: httpx.Client) -> None:
    chosen = home(server, "c-03")["slots"]
    item = next(one for slot in chosen if slot["type"] == "recommendations" for one in slot["items"])
    known = {key: item[key] for key in ("title", "department", "category", "brand", "size") if key in item}
    body = {**known, "price": 123.45}
    assert server.put(f"/v1/items/{item['item_id']}", json=body).status_code == 200

    def price() -> bool:
        found = {one["item_id"]: one for slot in home(server, "c-03")["slots"] for one in slot.get("items", [])}
        return bool(found.get(item["item_id"], {}).get("price") == 123.45)

    eventually(price, "the new price on the page", within=5)
    assert server.put(f"/v1/items/{item['item_id']}", json={**body, "stock": 0}).status_code == 200
    eventually(lambda: item["item_id"] not in shown_items(home(server, "c-03")), "the item gone", within=5)
    # Other tests look at the same shop: it is as before when this one ends. A stock that is null is not counted.
    before = {**body, "price": item["price"], "stock": None}
    assert server.put(f"/v1/items/{item['item_id']}", json=before).status_code == 200
    looked_for = {"strategy": "search", "among": [item["item_id"]], "count": 1}
    eventually(lambda: server.post("/v1/recommend", json=looked_for).json()["items"], "the item to be found again")


def test_the_recommender_answers_alone_too(server: httpx.Client) -> None:
    similar = server.post("/v1/similar", json={"item_id": "i-13", "count": 5})
    assert similar.status_code == 200, similar.text
    assert 0 < len(similar.json()["items"]) <= 5
    assert "i-13" not in [item["item_id"] for item in similar.json()["items"]]
    wanted = server.post("/v1/recommend", json={"strategy": "trending", "count": 4})
    assert wanted.status_code == 200, wanted.text
    assert len(wanted.json()["items"]) == 4
