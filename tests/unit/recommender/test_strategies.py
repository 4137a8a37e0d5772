"""One suite over every strategy, then what each of them alone promises."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from tailorbird.contracts.wire import Fault
from tailorbird.recommender.catalogue.promotions import promotions_of
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.repurchase import Habits
from tailorbird.recommender.strategies import STRATEGIES
from tests.unit.recommender.smallshop import COOK, DAY, NOW, SNACKER, facts, ids, items, model, query, ranker, shelves

EVERY = sorted(STRATEGIES)
SHOP = {item.item_id: item for item in items()}
RANKER = ranker()


@pytest.mark.parametrize("strategy", EVERY)
def test_a_strategy_gives_items_of_the_shop_each_once_each_with_a_reason_and_a_score(strategy: str) -> None:
    cook = facts([(f"cook-{n}", 5 - n, 22 + n) for n in range(5)], [("viewed", "cook-9", 1)])
    shelf = shelves(RANKER, query((strategy, 4), customer=cook, around="cook-1", among=("snack-3", "cook-7")))[0]
    found = ids(shelf)
    assert found
    assert len(set(found)) == len(found)
    assert set(found) <= SHOP.keys()
    assert all(item.reasons and all(item.reasons) for item in shelf.items)
    assert all(np.isfinite(item.score) for item in shelf.items)


@pytest.mark.parametrize("strategy", EVERY)
def test_a_strategy_fills_the_shelf_or_says_why_not(strategy: str) -> None:
    shelf = shelves(RANKER, query((strategy, 100), customer=COOK, around="cook-1"))[0]
    assert len(shelf.items) < 100
    assert shelf.note


@pytest.mark.parametrize("strategy", EVERY)
def test_a_strategy_shows_nothing_without_price_out_of_stock_or_sensitive(strategy: str) -> None:
    found = ids(shelves(RANKER, query((strategy, 60), customer=COOK, around="cook-1"))[0])
    assert not {"priceless", "gone"} & set(found)
    assert not [item for item in found if item.startswith("wine")]


@pytest.mark.parametrize("strategy", EVERY)
def test_a_strategy_shows_nothing_that_was_excluded_is_in_the_cart_or_was_bought_this_week(strategy: str) -> None:
    history = [("cook-0", 9, 3), ("cook-7", 9, 30), ("cook-8", 4, 20)]
    customer = facts(history, [("bought", "cook-2", 1), ("dismissed", "cook-5", 2)])
    asked = query((strategy, 60), customer=customer, cart=("cook-3",), exclude=("cook-4", "read-0"))
    found = set(ids(shelves(RANKER, asked)[0]))
    assert not found & {"cook-0", "cook-2", "cook-3", "cook-4", "cook-5", "read-0"}


@pytest.mark.parametrize("strategy", EVERY)
def test_a_strategy_answers_about_somebody_of_whom_nothing_is_known(strategy: str) -> None:
    shelf = shelves(RANKER, query((strategy, 5)))[0]
    assert len(shelf.items) == 5 or shelf.note


@pytest.mark.parametrize("strategy", EVERY)
def test_a_strategy_answers_alike_alone_and_in_a_batch(strategy: str) -> None:
    queries = [query((strategy, 5), customer=customer, around="cook-1") for customer in (COOK, SNACKER, COOK)]
    together = RANKER.rank(queries)
    assert together == [ranker().rank([one])[0] for one in queries]


def test_no_item_stands_twice_across_the_shelves_of_a_page() -> None:
    page = shelves(RANKER, query(*((strategy, 6) for strategy in EVERY), customer=COOK, cart=("cook-6",)))
    found = [item for shelf in page for item in ids(shelf)]
    assert len(set(found)) == len(found)


def test_for_you_shows_what_similar_customers_buy_and_this_one_has_not() -> None:
    found = ids(shelves(RANKER, query(("for_you", 6), customer=COOK))[0])
    assert all(item.startswith("cook-") for item in found)
    assert not set(found) & {f"cook-{n}" for n in range(5)}


def test_customers_with_different_histories_share_less_than_half_of_for_you() -> None:
    cook, snacker = (set(ids(shelves(RANKER, query(("for_you", 8), customer=who))[0])) for who in (COOK, SNACKER))
    assert len(cook & snacker) < 4


def test_a_history_that_comes_by_itself_counts_like_one_within_the_facts() -> None:
    within = shelves(RANKER, query(("for_you", 4), ("buy_again", 4), customer=COOK))
    whole = msgspec.Raw(msgspec.json.encode(msgspec.json.decode(COOK)["history"]))
    beginning = facts([("cook-0", 5, 22)])
    besides = query(("for_you", 4), ("buy_again", 4), customer=beginning, facts_name="f", history=whole)
    for named in ("", "h"):
        assert shelves(RANKER, replace(besides, facts_name="f" + named, history_name=named)) == within


def test_looking_at_something_is_enough_to_be_known() -> None:
    viewer = facts(recent=[("viewed", "snack-1", 0), ("viewed", "snack-2", 0)])
    shelf = shelves(RANKER, query(("for_you", 4), customer=viewer))[0]
    assert [item for item in ids(shelf) if item.startswith("snack-")] == ids(shelf)
    assert any("looked at Snack" in reason for item in shelf.items for reason in item.reasons)


def test_buy_again_puts_first_what_is_bought_often_and_lately() -> None:
    customer = facts([("cook-1", 9, 25), ("cook-2", 2, 300), ("cook-3", 1, 60), ("cook-4", 5, 25)])
    unlearned = replace(model(), habits=Habits.unlearned(len(model().item_ids)))
    shelf = shelves(ranker(unlearned), query(("buy_again", 4), customer=customer))[0]
    assert ids(shelf)[:2] == ["cook-1", "cook-4"]
    assert shelf.items[0].reasons == ("You bought this 9 times",)


def test_complements_go_with_the_cart_and_name_what_they_go_with() -> None:
    shelf = shelves(RANKER, query(("complements", 5), cart=("snack-0", "snack-1")))[0]
    assert all(item.startswith("snack-") for item in ids(shelf))
    assert all(item.reasons[0].startswith("Often bought with Snack ") for item in shelf.items)


def test_similar_starts_with_the_same_category() -> None:
    found = ids(shelves(RANKER, query(("similar", 5), around="snack-1"))[0])
    assert {SHOP[item].category for item in found} == {"Snack Basics"}


def test_articles_are_about_what_the_customer_buys() -> None:
    shelf = shelves(RANKER, query(("articles", 3), customer=SNACKER))[0]
    assert sorted(ids(shelf)) == ["read-3", "read-4", "read-5"]
    assert shelf.items[0].reasons == ("Because you like Snack Basics",)


def test_a_sensitive_item_is_recommended_to_who_bought_in_its_category() -> None:
    drinker = facts([("wine-1", 4, 30), ("cook-1", 2, 20)])
    found = ids(shelves(RANKER, query(("similar", 8), customer=drinker, around="wine-1"))[0])
    assert [item for item in found if item.startswith("wine-")]


def test_trending_says_what_stands_out_in_the_store_this_week() -> None:
    columns = RANKER.knowledge.columns
    promoted = columns.positions(["snack-9", "cook-9"])
    week = promotions_of(["s1"], np.zeros(2, np.int32), promoted, np.array([True, False]), float(NOW + DAY))
    with_promotions = ranker(promotions=week)
    plain = ids(shelves(with_promotions, query(("trending", 40), store_id="elsewhere"))[0])
    shelf = shelves(with_promotions, query(("trending", 40), store_id="s1"))[0]
    reasons = {item.item_id: item.reasons[0] for item in shelf.items}
    assert reasons["snack-9"] == "In this week's leaflet"
    assert reasons["cook-9"] == "On display in your store this week"
    assert set(plain) == set(ids(shelf))


def test_a_visitor_from_a_known_site_sees_what_such_visitors_come_for() -> None:
    parties = ranker(referrers={"parties.example": ("Party",)})
    shelf = shelves(parties, query(("for_you", 5), referrer_host="www.parties.example"))[0]
    assert {SHOP[item].department for item in ids(shelf)} == {"Party"}


def test_a_shop_without_a_model_still_shows_what_it_has() -> None:
    shelf = shelves(ranker(Model.empty()), query(("for_you", 4), customer=COOK))[0]
    assert len(shelf.items) == 4


def test_what_goes_out_of_stock_is_gone_from_the_next_answer() -> None:
    live = ranker()
    first = ids(shelves(live, query(("popular", 1)))[0])[0]
    sold_out = msgspec.structs.replace(SHOP[first], stock=0)
    live.knowledge.columns.put(sold_out, b"")
    assert first not in ids(shelves(live, query(("popular", 40)))[0])


def test_an_unknown_strategy_is_a_fault_of_its_query_alone() -> None:
    outcomes = RANKER.rank([query(("nonsense", 3)), query(("popular", 3))])
    assert isinstance(outcomes[0], Fault)
    assert outcomes[0].code == 422
    assert not isinstance(outcomes[1], Fault)


def test_facts_that_cannot_be_read_are_a_fault_of_their_query_alone() -> None:
    outcomes = RANKER.rank([query(("for_you", 3), customer=msgspec.Raw(b'{"history": 7}')), query(("popular", 3))])
    assert isinstance(outcomes[0], Fault)
    assert not isinstance(outcomes[1], Fault)


FUELS = {f"cook-{number}" for number in range(1, 5)}
"""Most of what COOK bought."""


def test_what_is_no_merchandise_is_no_reason() -> None:
    shop = [
        msgspec.structs.replace(item, attributes={"recommendable": False}) if item.item_id in FUELS else item
        for item in items()
    ]
    (shelf,) = shelves(ranker(shop=shop), query(("for_you", 5), customer=COOK))
    assert len(shelf.items) == 5
    said = " ".join(reason for item in shelf.items for reason in item.reasons)
    assert [title for title in ("Cook 1", "Cook 2", "Cook 3", "Cook 4") if title in said] == []
