"""What an event makes of a profile; most of it as tables: cases/folding.json."""

from __future__ import annotations

import itertools
import json
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.profiles import Event
from tailorbird.profiles.person.carts import contents
from tailorbird.profiles.person.folding import fold
from tailorbird.profiles.person.profile import HISTORY_KEPT, RECENT_KEPT, StoredProfile, pack, unpack
from tests.unit.profiles.events import START, event

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "folding.json").read_text())

DAY = 86_400


def order(order_id: str, item_id: str) -> dict[str, Any]:
    return {"order_id": order_id, "total": 5, "products": [{"product_id": item_id}]}


WEEK_OF_A_CUSTOMER = [
    event(1, "Product Viewed", at=0, properties={"product_id": "milk"}),
    event(2, "Product Added", at=60, properties={"product_id": "milk", "quantity": 2}),
    event(3, "Cart Viewed", at=90, properties={"products": [{"product_id": "milk", "quantity": 2}]}),
    event(4, "Order Completed", at=120, properties=order("o-1", "milk")),
    event(5, kind="identify", at=130, traits={"firstName": "Ada"}, trusted=True),
    event(6, kind="identify", at=140, traits={"firstName": "Eda"}, trusted=True),
    event(7, "Product Added", at=2 * DAY, properties={"product_id": "rye"}),
    event(8, "Promotion Clicked", at=2 * DAY + 5, properties={"promotion_id": "p-1"}),
    event(9, "Products Searched", at=2 * DAY + 9, properties={"query": "Tea"}),
    event(10, "Product Removed", at=2 * DAY + 20, properties={"product_id": "rye"}),
    event(11, "Order Completed", at=4 * DAY, properties=order("o-2", "tea")),
    event(12, kind="page", at=4 * DAY + 100),
]


def folded(events: list[Event] | tuple[Event, ...], profile: StoredProfile | None = None) -> StoredProfile:
    found = profile or StoredProfile()
    for one in events:
        found = fold(found, one)
    return found


def without_order_of_arrival(profile: StoredProfile) -> StoredProfile:
    return msgspec.structs.replace(profile, marks=b"")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_table_of_folding(case: dict[str, Any]) -> None:
    told = enumerate(case["events"])
    events = [event(n, one["event"], at=one["at"], properties=one["properties"]) for n, one in told]
    profile = folded(events)
    assert [[s.kind, s.item_id, s.at - START] for s in profile.recent.entries()] == case["recent"]
    assert {line.item_id: line.quantity for line in contents(profile.cart)} == case["cart"]
    assert profile.orders == case["orders"]
    assert profile.spend == case.get("spend", 0.0)
    assert (profile.session.views if profile.session else 0) == case["views"]
    assert [[b.item_id, b.times, b.last_at - START] for b in profile.history.entries()] == case.get("history", [])


def test_an_event_folded_twice_counts_once() -> None:
    once = folded(WEEK_OF_A_CUSTOMER)
    assert folded(WEEK_OF_A_CUSTOMER, once) is once
    assert folded([*WEEK_OF_A_CUSTOMER, *WEEK_OF_A_CUSTOMER]) == once


def test_an_event_is_remembered_when_the_profile_was_stored_in_between() -> None:
    stored = unpack(pack(folded(WEEK_OF_A_CUSTOMER)))
    assert folded(WEEK_OF_A_CUSTOMER, stored) is stored


@pytest.mark.parametrize("pair", list(itertools.combinations(range(12), 2)))
def test_any_two_events_may_change_places(pair: tuple[int, int]) -> None:
    events = list(WEEK_OF_A_CUSTOMER)
    events[pair[0]], events[pair[1]] = events[pair[1]], events[pair[0]]
    assert without_order_of_arrival(folded(events)) == without_order_of_arrival(folded(WEEK_OF_A_CUSTOMER))


def test_the_whole_week_backwards_gives_the_same_profile() -> None:
    backwards = folded(WEEK_OF_A_CUSTOMER[::-1])
    assert without_order_of_arrival(backwards) == without_order_of_arrival(folded(WEEK_OF_A_CUSTOMER))


def test_any_order_of_the_week_gives_a_profile_of_the_same_hash() -> None:
    chance = random.Random(11)
    hashes = set()
    for _ in range(300):
        events = [*WEEK_OF_A_CUSTOMER, *chance.sample(WEEK_OF_A_CUSTOMER, 4)]
        chance.shuffle(events)
        hashes.add(sha256(pack(without_order_of_arrival(folded(events)))).hexdigest())
    assert len(hashes) == 1


def test_three_years_of_orders_in_any_order_and_read_anew_in_between_give_the_same_hash() -> None:
    chance = random.Random(12)
    orders = [
        event(n, "Order Completed", at=chance.randrange(1_100 * DAY), properties=order(f"o-{n}", f"i-{n % 5}"))
        for n in range(40)
    ]
    hashes = set()
    for _ in range(40):
        chance.shuffle(orders)
        profile = StoredProfile()
        for one in orders:
            profile = fold(unpack(pack(profile)) if chance.random() < 0.3 else profile, one)
        hashes.add(sha256(pack(without_order_of_arrival(profile))).hexdigest())
    assert len(hashes) == 1


def test_an_order_ninety_days_before_the_latest_counts_half() -> None:
    told = [
        event(n, "Order Completed", at=days * DAY, properties=order(f"o-{n}", "milk"))
        for n, days in enumerate((0, 90, 180))
    ]
    assert folded(told).history.entries()[0].fading == pytest.approx(1.75, abs=0.01)


def test_folding_leaves_the_profile_before_as_it_was() -> None:
    before = folded(WEEK_OF_A_CUSTOMER[:6])
    packed = pack(before)
    folded(WEEK_OF_A_CUSTOMER[6:], before)
    assert pack(before) == packed


def test_purchases_of_the_last_week_stay_among_fifty_newer_views() -> None:
    bought = event(1, "Order Completed", at=0, properties={"order_id": "o", "products": [{"product_id": "shirt"}]})
    views = [event(n, "Product Viewed", at=60 * n, properties={"product_id": f"i-{n}"}) for n in range(2, 102)]
    recent = folded([bought, *views]).recent.entries()
    assert len(recent) == RECENT_KEPT + 1
    assert recent[-1].item_id == "shirt"
    later = event(200, "Product Viewed", at=8 * DAY, properties={"product_id": "i-1"})
    assert "shirt" not in [signal.item_id for signal in folded([bought, *views, later]).recent.entries()]


def test_the_history_keeps_the_latest_items_and_counts_the_others() -> None:
    products = [[{"product_id": f"i-{order}-{n}"} for n in range(130)] for order in range(10)]
    orders = [
        event(n, "Order Completed", at=n * DAY, properties={"order_id": f"o-{n}", "products": lines})
        for n, lines in enumerate(products)
    ]
    profile = folded(orders)
    assert len(profile.history.entries()) == HISTORY_KEPT
    assert profile.forgotten_items == 100
    assert profile.history.entries()[0].item_id == "i-9-0"


def test_a_server_states_traits_and_the_write_key_only_claims_them() -> None:
    server = fold(StoredProfile(), event(1, kind="identify", traits={"age": "25-34"}, trusted=True))
    assert server.traits["age"].value == "25-34"
    browser = fold(server, event(2, kind="identify", traits={"age": "65+"}))
    assert browser.traits["age"].value == "25-34"
    claim = event(3, kind="identify", customer_id="", anonymous_id="a-1", traits={"age": "65+"})
    visitor = fold(StoredProfile(), claim)
    assert not visitor.traits
    assert visitor.claims["age"].value == "65+"


def test_a_browser_speaks_of_consent_for_its_own_anonymous_id_only() -> None:
    refusal = {"consent": {"categoryPreferences": {"personalization": False}}}
    own = fold(StoredProfile(), event(1, kind="page", customer_id="", anonymous_id="a-1", context=refusal))
    assert own.consent["personalization"].granted is False
    customers = fold(StoredProfile(customer_id="c-1"), event(2, kind="page", context=refusal))
    assert not customers.consent
