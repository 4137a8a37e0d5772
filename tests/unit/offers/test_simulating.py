"""What an offer would do, with numbers worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tailorbird.contracts.offers import DecideQuery, DecisionSlot, Displaced, Simulated
from tailorbird.offers.deciding.adding import added_up
from tailorbird.offers.deciding.asked import asked
from tailorbird.offers.deciding.knowing import Knowing, Learned
from tailorbird.offers.deciding.simulating import simulate
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.learning.beliefs import Cell
from tests.unit.offers.shop import NOW, offer, offerings, question

# Five units of money off appeal as 5 / (5 + 5) = 1/2 do, so 0.75 * 5 % * 1/2 take an offer of five off up; and chance
# keeps every offer from 3 %.
RESPONSE = 0.75 * 0.05 * 0.5
FROM_WHOM_IT_IS_NOT_KEPT = 0.97
AT_WORK = {
    "first": offer(kind="amount_off", value=5, margin=30),
    "second": offer(kind="amount_off", value=5, margin=20),
    "of-yogurt": offer(kind="amount_off", value=5, margin=25, scope={"categories": ["Yogurt"]}),
}
TRIED = {"kind": "amount_off", "value": 5, "margin": 42, "cost": 2}
LOYAL = {"rule": {"field": "history.orders", "operator": ">=", "value": 3}}


def customers(places: int, **fields: Any) -> list[DecideQuery]:
    """Ten: six of at least three orders, four of them gold and two of those fond of yogurt too."""
    groups: list[tuple[int, dict[str, Any]]] = [
        (2, {"history.orders": 5, "segments": ["gold", "yogurt"]}),
        (2, {"history.orders": 3, "segments": ["gold"]}),
        (2, {"history.orders": 4}),
        (4, {"history.orders": 2, "segments": ["gold"]}),
    ]
    slots = (DecisionSlot(slot="offers", count=places),)
    return [question(facts, slots=slots, **fields) for count, facts in groups for _ in range(count)]


def tried(document: Offer, some: Sequence[DecideQuery], knowing: Knowing | None = None) -> Simulated:
    now, then = offerings(AT_WORK).at(NOW), offerings({**AT_WORK, "tried": document}).at(NOW)
    return simulate(now, then, "tried", [asked(one, NOW) for one in some], knowing or Knowing(Learned({})))


def test_eligible_segments_cost_and_whom_it_displaces() -> None:
    found = tried(offer(**TRIED, **LOYAL), customers(places=1))
    assert (found.customers, found.eligible, found.made) == (10, 6, 6)
    assert found.segments == {"gold": 4, "yogurt": 2, "(none)": 2}
    assert found.redemptions == pytest.approx(6 * FROM_WHOM_IT_IS_NOT_KEPT * RESPONSE)
    assert found.cost == pytest.approx(6 * FROM_WHOM_IT_IS_NOT_KEPT * RESPONSE * 2)
    assert found.displaced == (Displaced(offer_id="first", customers=6),)


def test_with_more_places_another_one_has_to_go_or_none() -> None:
    document = offer(**TRIED, **LOYAL)
    assert tried(document, customers(places=2)).displaced == (Displaced(offer_id="second", customers=6),)
    assert tried(document, customers(places=4)).displaced == ()


def test_whom_another_offer_suits_better_is_not_made_it_and_costs_nothing() -> None:
    document = offer(**TRIED | {"margin": 28}, **LOYAL)
    fond, others = customers(places=1, history=["yogurt-1"] * 3)[:6], customers(places=1)[:6]
    found = tried(document, [*fond, *others])
    assert (found.eligible, found.made) == (12, 0)
    assert (found.redemptions, found.cost, found.displaced) == (0.0, 0.0, ())


def test_it_is_not_made_for_what_was_only_just_bought_nor_where_it_is_used_up() -> None:
    document = offer(**TRIED, scope={"categories": ["Cheese"]})
    some = [*customers(places=4, just_bought=["cheese-1"])[:4], *customers(places=4)[:3]]
    assert tried(document, some).eligible == 3
    assert tried(document, some, Knowing(Learned({}), used_up=frozenset({"tried"}))).eligible == 0


def test_an_offer_that_is_over_is_for_nobody() -> None:
    found = tried(offer(**TRIED, ends_at="2026-11-22T12:00:00Z"), customers(places=1))
    assert (found.customers, found.eligible, found.redemptions, found.cost) == (10, 0, 0.0, 0.0)


def test_what_was_seen_of_it_counts_and_what_it_gives_where_it_names_no_cost() -> None:
    # Of 400 made it, 100 of them too lately to tell, 62 took it up: (400 * RESPONSE + 62) / (400 + 300) = 69.5 / 700.
    seen = {"tried": {"gold": Cell(made=300, taken=40, fresh=100.0), "": Cell(made=100, taken=22)}}
    document = offer(kind="amount_off", value=5, margin=42, control_share=0.0)
    found = tried(document, customers(places=4), Knowing(Learned(seen)))
    assert found.made == 10
    assert found.redemptions == pytest.approx(10 * 69.5 / 700)
    assert found.cost == pytest.approx(10 * 69.5 / 700 * 5)


def test_parts_add_up_and_no_more_is_redeemed_than_its_limits_allow() -> None:
    parts = [
        Simulated(
            customers=100, eligible=40, made=30, segments={"gold": 30, "new": 10}, redemptions=0.004, cost=0.012,
            displaced=(Displaced(offer_id="first", customers=20), Displaced(offer_id="second", customers=3)),
        )
    ] * 100  # fmt: skip
    found = added_up(parts, offer())
    assert (found.customers, found.eligible, found.made) == (10_000, 4_000, 3_000)
    assert (found.segments, found.redemptions, found.cost) == ({"gold": 3_000, "new": 1_000}, 0.4, 1.2)
    assert [(one.offer_id, one.customers) for one in found.displaced] == [("first", 2_000), ("second", 300)]
    dear = [Simulated(customers=1, redemptions=10.0, cost=30.0)] * 2
    few = added_up(dear, offer(limit={"total": 5}))
    assert (few.redemptions, few.cost) == (5.0, 15.0)
    spent = added_up(dear, offer(cost=3, limit={"total": 10, "money": 24}))
    assert (spent.redemptions, spent.cost) == (8.0, 24.0)
