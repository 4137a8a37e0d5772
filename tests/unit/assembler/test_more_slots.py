"""Slots about the customer and the place: status, requests, events nearby, patterns, aisles, comparisons, searches."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tailorbird.assembler.gathering.patterns import Pattern, chance_of, pattern_in
from tailorbird.assembler.items.cards import barcode_of, card_of
from tailorbird.assembler.slots.base import Filling, Moment, Openings, Slot
from tailorbird.assembler.slots.family import AnySlot
from tailorbird.contracts.recommender import Item
from tailorbird.contracts.standing import LoyaltyNote, TicketNote
from tailorbird.contracts.words import Bought, Signal
from tests.unit.assembler import shop

DAY = 86_400.0
LEVELS = [{"level": "silver", "points": 0, "privileges": ["Returns"]}, {"level": "gold", "name": "Gold", "points": 500}]


def filled(filling: Filling, **body: Any) -> dict[str, Any]:
    slot: Slot = msgspec.convert({"id": "s", **body}, AnySlot)
    assert slot.problems("$") == []
    shown: dict[str, Any] = json.loads(slot.fill(Openings(slot), filling))
    return shown


def moment(**fields: Any) -> Moment:
    return Moment(page="home", at=shop.NOW, **fields)


def test_a_status_comes_with_its_privileges_and_what_the_next_level_takes() -> None:
    filling = shop.filling(loyalty=LoyaltyNote(level="Silver", points=380.0, since=shop.NOW - DAY))
    loyalty = filled(filling, type="loyalty", levels=LEVELS)["loyalty"]
    assert loyalty == {
        "level": "silver", "points": 380.0, "privileges": ["Returns"], "member_since": "Saturday, November 21",
        "next": {"level": "Gold", "points_missing": 120, "privileges": []},
    }  # fmt: skip


def test_who_has_no_card_is_told_how_to_get_one() -> None:
    slot = filled(shop.filling(), type="loyalty", join_text="Join us", join_url="/join")
    assert (slot["loyalty"], slot["text"], slot["url"]) == (None, "Join us", "/join")


@pytest.mark.parametrize(
    ("ticket", "text", "tone"),
    [
        ({}, "We are working on your request.", "info"),
        ({"promised_at": shop.NOW + 2 * DAY}, "You will have an answer by Tuesday, November 24.", "info"),
        ({"promised_at": shop.NOW - DAY}, "longer than promised", "warning"),
        ({"resolved_at": shop.NOW - DAY}, "Your request is resolved.", "success"),
    ],
)
def test_a_notice_tells_how_a_request_stands(ticket: dict[str, Any], text: str, tone: str) -> None:
    note = TicketNote(ticket_id="t-1", opened_at=shop.NOW - 3 * DAY, **ticket)
    content = filled(shop.filling(tickets=(note,)), type="notice", about="ticket")["content"]
    assert text in content["text"]
    assert content["tone"] == tone


def test_a_request_resolved_long_ago_is_no_news() -> None:
    old = TicketNote(ticket_id="t-1", opened_at=1.0, resolved_at=shop.NOW - 9 * DAY)
    assert filled(shop.filling(tickets=(old,)), type="notice", about="ticket")["content"] is None


def test_an_event_is_told_ahead_of_time_to_those_nearby() -> None:
    events = [
        {"title": "Far", "starts_at": "2026-11-23T09:00:00Z", "places": ["Dayton"]},
        {"title": "Near", "starts_at": "2026-11-24T09:00:00Z", "store_ids": ["S-7"]},
        {"title": "Late", "starts_at": "2026-12-24T09:00:00Z"},
    ]

    def told(**fields: Any) -> Any:
        return filled(shop.filling(moment=moment(**fields)), type="notice", about="event", events=events)["content"]

    assert told(store_id="s-7")["headline"] == "Near"
    assert told() is None


def test_a_message_has_its_time() -> None:
    late = {"type": "notice", "text": "Sale!", "starts_at": "2026-12-01T00:00:00Z"}
    assert filled(shop.filling(), **late)["content"] is None
    assert filled(shop.filling(), **(late | {"starts_at": "2026-11-01T00:00:00"}))["content"]["text"] == "Sale!"


def test_results_of_a_search_come_in_the_customers_order_and_else_in_their_own() -> None:
    searched = moment(query="rye", results=("p1", "p2", "p3"))
    filling = shop.filling(moment=searched, shelves={"s": shop.shelf("s", "p3", "p1")})
    assert [one["item_id"] for one in filled(filling, type="search")["items"]] == ["p3", "p1"]
    alone = shop.filling(moment=searched, shelves_missing="late")
    assert [one["item_id"] for one in filled(alone, type="search", count=2)["items"]] == ["p1", "p2"]
    assert alone.fallbacks[0].slot == "s"
    nothing = filled(shop.filling(moment=moment(query="xyz")), type="search", nothing="No luck")
    assert (nothing["items"], nothing["text"]) == ([], "No luck")


def test_where_somebody_left_off_is_known_without_the_recommender() -> None:
    recent = (Signal("viewed", "p4", 3), Signal("bought", "p5", 2), Signal("added", "p2", 1), Signal("viewed", "p4", 0))
    filling = shop.filling(recent=recent, shelves_missing="late")
    assert [one["item_id"] for one in filled(filling, type="resume")["items"]] == ["p4", "p2"]


def test_a_map_leads_aisle_by_aisle() -> None:
    cards = shop.cards()
    item = Item(item_id="p9", title="P9", department="Bakery", price=1.0, attributes={"aisle": "10", "aisle@s-1": "2"})
    cards["p9"] = card_of(item)
    shelves = {"s": shop.shelf("s", "p9", "p2", "p1")}
    plan = {"type": "store_map", "aisles": {"Bakery": "9"}, "stores": {"s-1": {"Produce": "1"}}}
    anywhere = filled(shop.filling(cards=cards, shelves=shelves), **plan)
    assert [stop["aisle"] for stop in anywhere["route"]] == ["9", "10"]
    assert [one["aisle"] for one in anywhere["items"]] == ["9", "10", ""]
    here = filled(shop.filling(cards=cards, shelves=shelves, moment=moment(store_id="s-1")), **plan)
    route = [(stop["aisle"], stop["item_ids"]) for stop in here["route"]]
    assert route == [("1", ["p1"]), ("2", ["p9"]), ("9", ["p2"])]


def test_what_was_scanned_stands_beside_others_with_prices_and_ratings() -> None:
    cards = shop.cards()
    for name, rating in (("p1", 3.5), ("p3", 4.5)):
        attributes: dict[str, Any] = {"rating": rating, "ratings": 12, "gtin": f"00{name}"}
        cards[name] = card_of(Item(item_id=name, title=name, price=2.0, attributes=attributes))
    filling = shop.filling(cards=cards, moment=moment(item_id="p1"), shelves={"s": shop.shelf("s", "p3", "p2")})
    slot = filled(filling, type="comparison")
    assert [one["item_id"] for one in slot["items"]] == ["p1", "p3", "p2"]
    assert slot["best"] == {"price": "p1", "rating": "p3"}
    assert slot["items"][1]["rating"] == 4.5
    assert barcode_of(cards["p1"]) == "p1"
    unknown = shop.filling(moment=moment(barcode="4006381333931"))
    assert filled(unknown, type="comparison")["items"] == []
    assert "4006381333931" in unknown.fallbacks[0].reason


def test_no_more_stands_in_a_slot_than_the_screen_shows() -> None:
    filling = shop.filling(moment=moment(most_items=2), shelves={"s": shop.shelf("s", "p1", "p2", "p3")})
    assert len(filled(filling, type="recommendations", count=3)["items"]) == 2
    assert filling.decided[0].ids == ("p1", "p2")


def test_html_of_a_marketer_loses_what_could_run() -> None:
    html = '<h2>Hi</h2><script>x</script><a href="javascript:x" onclick="x">y</a><img src="https://e.example/a.png">'
    slot = filled(shop.filling(), type="content", html=html)
    assert slot["content"]["html"].startswith("<h2>Hi</h2><a")
    assert not any(part in slot["content"]["html"] for part in ("script", "onclick", "javascript"))


def bought(*days: tuple[int, str]) -> list[Bought]:
    """(days ago, item): one purchase each, latest first."""
    lines = [Bought(f"{item}-{day}", 1, int(shop.NOW - day * DAY)) for day, item in days]
    return sorted(lines, key=lambda line: -line.last_at)


def habit(lines: list[Bought]) -> Pattern | None:
    cards = {
        line.item_id: card_of(
            Item(item_id=line.item_id, title="x", price=1.0, category=line.item_id.partition("-")[0].title())
        )
        for line in lines
    }
    return pattern_in(lines, cards)


def test_what_is_bought_together_again_and_again_is_a_pattern() -> None:
    coffee = [(day, name) for day in range(1, 60, 7) for name in ("coffee", "rolls")]
    other = [(day, "milk") for day in range(2, 60, 4)]
    found = habit(bought(*coffee, *other))
    assert found is not None
    assert {found.on, found.usually} == {"Coffee", "Rolls"} or found.weekday
    assert found.days >= 4
    sentence = filled(shop.filling(pattern=lambda: found), type="insight")["insight"]["sentence"]
    assert sentence.startswith("On ")
    assert "you usually buy" in sentence


def test_what_chance_explains_is_told_to_nobody() -> None:
    assert habit(bought(*((day, ("milk", "rolls", "tea")[day % 3]) for day in range(1, 40)))) is None
    assert filled(shop.filling(), type="insight")["insight"] is None


def test_the_chance_of_meeting_is_the_hypergeometric_tail() -> None:
    # Drawing 5 of 20 of which 5 are marked: at least 4 marked, 76 ways of 15,504.
    assert chance_of(4, 5, 5, 20) == pytest.approx(76 / 15_504)
