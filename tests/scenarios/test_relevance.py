"""Relevance: it grows with the visit, differs by who clicks, follows new facts, and is worth something at the till."""

from __future__ import annotations

import itertools
import statistics

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import home, items_of, order, page, shown_items, viewed
from tests.tinyshop import CUSTOMERS, GOES_WITH, NEWCOMERS, TinyShop
from tests.waiting import eventually

REGULAR = CUSTOMERS[0]
CLICKS = ["i-21", "i-24", "i-28"]


def recommended(server: httpx.Client, **asked: object) -> list[str]:
    response = server.post("/v1/recommend", json=asked)
    assert response.status_code == 200, response.text
    return [item["item_id"] for item in response.json()["items"]]


@pytest.mark.row(106)
def test_a_basket_shown_item_by_item_makes_the_list_hold_more_of_what_is_still_to_come(
    server: httpx.Client, tiny_shop: TinyShop
) -> None:
    # Real baskets are pairs bought together; in which order they were taken is not known, so both are tried.
    known: list[float] = []
    unknown: list[float] = []
    for pair in list(GOES_WITH.items())[:5]:
        for first, second in itertools.permutations(pair):
            unknown.append(second in recommended(server, strategy="complements", count=6))
            known.append(second in recommended(server, strategy="complements", count=6, cart=[first]))
    assert statistics.mean(known) > statistics.mean(unknown)


@pytest.mark.row(107, 102)
def test_the_same_clicks_give_a_newcomer_and_a_regular_customer_different_lists(server: httpx.Client) -> None:
    events = [viewed(item) for item in CLICKS]
    regular = shown_items(home(server, REGULAR, events=events, preview=True))
    newcomer = shown_items(home(server, NEWCOMERS[0], events=events, preview=True))
    stranger = shown_items(page(server, "home", {"anonymous_id": "same-clicks"}, events=events, preview=True))
    for one, other in itertools.combinations((regular, newcomer, stranger), 2):
        assert one != other


@pytest.mark.row(102)
def test_a_regular_and_a_stranger_from_an_advertisement_see_different_pages(server: httpx.Client) -> None:
    regular = home(server, REGULAR)
    stranger = home(server, context={"referrer": "https://gadgets.example/"})
    assert regular["layout"]["variant"] != stranger["layout"]["variant"]
    assert regular["customer"]["persona"] != stranger["customer"].get("persona", "")
    assert shown_items(regular) != shown_items(stranger)
    assert items_of(regular, "buy_again")
    assert not items_of(stranger, "buy_again")


@pytest.mark.row(73)
def test_the_results_of_a_search_stand_in_the_order_of_who_searches(server: httpx.Client, tiny_shop: TinyShop) -> None:
    found = [f"i-{number:02}" for number in range(2, 42)]
    own = tiny_shop.bought[REGULAR] & set(found)
    asked = {"strategy": "search", "among": found, "count": 40}
    ranked = recommended(server, customer={"customer_id": REGULAR}, **asked)
    anybody = recommended(server, **asked)
    assert sorted(ranked) == sorted(anybody)
    places = {name: statistics.mean(ranks.index(item) for item in own) for name, ranks in
              (("own", ranked), ("anybody", anybody))}  # fmt: skip
    assert places["own"] < places["anybody"]


@pytest.mark.row(118)
def test_what_a_customer_does_changes_what_they_are_shown_without_anybody_training(server: httpx.Client) -> None:
    customer = {"anonymous_id": "learning"}
    before = shown_items(page(server, "home", customer))
    page(server, "home", customer, events=[order("i-49", "i-50", "i-51")])
    eventually(lambda: shown_items(page(server, "home", customer)) != before, "the page knows of the order")


@pytest.mark.row(120)
def test_beside_a_cart_stands_what_makes_it_worth_more(server: httpx.Client) -> None:
    hits = 0
    for first, second in GOES_WITH.items():
        cart = [{"item_id": first, "quantity": 1}]
        payload = page(server, "cart", {}, context={"cart": cart})
        hits += second in items_of(payload, "complements")
        assert all(item["price"] > 0 for one in payload["slots"] for item in one.get("items", []) if "price" in item)
    assert hits >= len(GOES_WITH) - 1


@pytest.mark.row(127)
def test_what_was_trained_is_listed_and_the_page_says_which_model_served(
    suite: RunningSuite, server: httpx.Client
) -> None:
    in_use = [line for line in suite.command("models").splitlines() if "in use" in line]
    assert len(in_use) == 1
    assert home(server, REGULAR)["meta"]["model"] in in_use[0]
