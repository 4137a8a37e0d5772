"""Filters never starve a list; lists vary, explore, and go back to what was looked at."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from tailorbird.contracts.recommender import RecommendQuery, Shelf
from tailorbird.recommender.shelves.varying import diversity
from tailorbird.recommender.strategies import STRATEGIES
from tests.unit.recommender.smallshop import COOK, SNACKER, facts, ids, items, query, ranker, shelves

SHOP = {item.item_id: item for item in items()}
RANKER = ranker()


def asked(strategy: str, count: int = 4, **filters: object) -> RecommendQuery:
    one = query((strategy, count), customer=filters.pop("customer", COOK))  # type: ignore[arg-type]
    return replace(one, shelves=(replace(one.shelves[0], **filters),))


@pytest.mark.parametrize("strategy", ["for_you", "trending", "popular"])
def test_a_filter_leaves_as_many_items_as_there_are(strategy: str) -> None:
    shelf = shelves(RANKER, asked(strategy, 6, categories=("Snack Extras",)))[0]
    assert len(shelf.items) == 6
    assert {SHOP[item].category for item in ids(shelf)} == {"Snack Extras"}


def test_a_department_is_a_filter_as_a_category_is() -> None:
    found = ids(shelves(RANKER, asked("for_you", 8, categories=("Party",)))[0])
    assert {SHOP[item].department for item in found} == {"Party"}


def test_a_list_that_cannot_be_filled_says_how_many_there_were() -> None:
    shelf = shelves(RANKER, asked("popular", 30, categories=("Snack Extras",)))[0]
    assert len(shelf.items) == 10
    assert shelf.note == "10 items fit what was asked for."


def test_a_price_is_a_filter() -> None:
    shelf = shelves(RANKER, asked("popular", 3, price_from=2.6))[0]
    assert ids(shelf) == ["newest"]
    assert not shelves(RANKER, asked("popular", 3, price_to=1.0))[0].items


def test_nothing_counted_in_stock_is_told_so() -> None:
    assert shelves(RANKER, asked("popular", 3, in_stock=True))[0].note == "No items fit what was asked for."


def test_what_was_bought_or_seen_can_be_left_out() -> None:
    viewer = facts([("cook-1", 3, 40)], [("viewed", "cook-2", 1)])
    found = ids(shelves(RANKER, asked("popular", 60, unseen=True, unbought=True, customer=viewer))[0])
    assert not {"cook-1", "cook-2"} & set(found)


def test_a_filtered_shelf_leaves_the_next_one_its_items() -> None:
    snacks = Shelf(slot="a", strategy="popular", count=3, categories=("Party",))
    all_of = Shelf(slot="b", strategy="popular", count=60)
    first, second = shelves(RANKER, RecommendQuery(shelves=(snacks, all_of), at=query(("popular", 1)).at))
    assert len(first.items) == 3
    assert not set(ids(first)) & set(ids(second))
    assert "cook-1" in ids(second)


def test_search_puts_a_given_list_into_the_order_of_the_customer() -> None:
    given = ("snack-5", "cook-5", "snack-1", "cook-1")
    of_cook = ids(shelves(RANKER, asked("search", 4, among=given))[0])
    of_snacker = ids(shelves(RANKER, asked("search", 4, among=given, customer=SNACKER))[0])
    assert sorted(of_cook) == sorted(of_snacker) == sorted(given)
    assert of_cook[0] == "cook-1"
    assert of_snacker[0].startswith("snack")


def test_search_finds_what_rests_and_what_is_told_to_nobody_unasked() -> None:
    lately = facts([("cook-1", 3, 1)])
    found = ids(shelves(RANKER, asked("search", 4, among=("cook-1", "wine-1"), customer=lately))[0])
    assert sorted(found) == ["cook-1", "wine-1"]


def test_resume_goes_back_to_what_was_looked_at_most_and_not_bought() -> None:
    signals = [("viewed", "cook-1", 0), ("viewed", "cook-2", 1), ("added", "cook-2", 1), ("viewed", "cook-3", 1)]
    shelf = shelves(RANKER, asked("resume", 4, customer=facts(recent=[*signals, ("bought", "cook-3", 0)])))[0]
    assert ids(shelf) == ["cook-2", "cook-1"]
    assert shelf.note


def test_a_new_item_is_found_by_what_is_said_of_it() -> None:
    shelf = shelves(RANKER, asked("new_in_your_categories", 2))[0]
    assert ids(shelf) == ["newest"]
    assert shelf.items[0].reasons == ("New in Cook Basics",)
    assert not ids(shelves(RANKER, asked("new_in_your_categories", 2, customer=SNACKER))[0])
    liked = ids(shelves(RANKER, asked("for_you", 40))[0])
    assert "newest" in liked


def test_a_diverse_list_takes_turns() -> None:
    plain = ids(shelves(RANKER, asked("similar", 6, item_id="cook-1"))[0])
    mixed = ids(shelves(RANKER, asked("similar", 6, item_id="cook-1", diverse=0.9))[0])
    assert {SHOP[item].category for item in plain} == {"Cook Basics"}
    assert len({SHOP[item].category for item in mixed}) > 1
    assert mixed[0] == plain[0]


def test_diversity_is_the_mean_distance_of_pairs() -> None:
    assert diversity(np.array([[1, 0], [1, 0]], np.float32)) == pytest.approx(0.0)
    assert diversity(np.array([[1, 0], [0, 1], [-1, 0]], np.float32)) == pytest.approx((1 + 1 + 2) / 3)


def test_a_share_of_places_goes_to_what_is_little_known_with_its_probability() -> None:
    shelf = shelves(RANKER, asked("for_you", 8, explore=0.25))[0]
    chances = [item.propensity for item in shelf.items]
    assert len(shelf.items) == 8
    assert sum(chance < 1.0 for chance in chances) <= 2
    assert all(0.0 < chance <= 1.0 for chance in chances)
    assert shelves(RANKER, asked("for_you", 8, explore=0.25))[0] == shelf


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_every_strategy_keeps_to_its_filters(strategy: str) -> None:
    found = ids(shelves(RANKER, asked(strategy, 8, categories=("Cook Extras",), item_id="cook-1"))[0])
    assert {SHOP[item].category for item in found if item in SHOP and SHOP[item].kind == "product"} <= {"Cook Extras"}
