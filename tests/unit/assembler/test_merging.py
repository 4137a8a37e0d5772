"""The page out of its parts."""

from __future__ import annotations

import json
from typing import Any

from tailorbird.assembler.gathering.parts import Parts
from tailorbird.assembler.layouts.choosing import Face
from tailorbird.assembler.pages.merging import Shop, merge, served
from tailorbird.assembler.slots.base import Moment
from tests.unit.assembler import shop

SLOTS = [
    {"id": "hero", "type": "hero"},
    {"id": "for_you", "type": "recommendations", "title": "For you", "count": 2},
    {"id": "again", "type": "recommendations", "strategy": "buy_again", "count": 2},
    {"id": "offers", "type": "offers"},
]
VARIANT = {"id": "v", "hero": {"headline": "Hello {first_name}"}, "slots": SLOTS}
MOMENT = Moment(page="home", at=shop.NOW)


def merged(parts: Parts, **who: Any) -> tuple[list[dict[str, Any]], Any]:
    face = Face("home", shop.layout(VARIANT).variants[0])
    made = merge(face, shop.who(**who), MOMENT, parts, Shop(shop.cards(), shop.popular()))
    return [json.loads(bytes(slot)) for slot in made.slots], made


def test_every_slot_stands_in_its_layouts_order_with_the_versions_that_decided() -> None:
    shelves = {"for_you": shop.shelf("for_you", "p1"), "again": shop.shelf("again", "p2")}
    parts = shop.parts(shelves, (shop.choices("offers", "o1"),))
    slots, made = merged(parts)
    assert [slot["id"] for slot in slots] == ["hero", "for_you", "again", "offers"]
    assert slots[0]["content"]["headline"] == "Hello Ana"
    assert (made.model, made.rules, made.fallbacks) == ("m1", "r1", ())
    assert [(one.slot, one.ids, one.reasons) for one in made.decided] == [
        ("for_you", ("p1",), (("You often buy it",),)),
        ("again", ("p2",), (("You often buy it",),)),
        ("offers", ("o1",), (("For you",),)),
    ]  # fmt: skip


def test_a_page_without_any_part_is_still_a_page() -> None:
    slots, made = merged(Parts(shelves_missing="away", decided_missing="away"))
    assert {fallback.slot for fallback in made.fallbacks} == {"for_you", "again", "offers"}
    shown = [item["item_id"] for slot in slots for item in slot.get("items", [])]
    assert len(shown) == 4
    assert len(set(shown)) == 4


def test_what_was_just_bought_stands_on_no_shelf() -> None:
    parts = shop.parts({"for_you": shop.shelf("for_you", "p1", "p2"), "again": shop.shelf("again", "p1", "p3")})
    slots, _ = merged(parts, just_bought=frozenset({"p1"}))
    assert [item["item_id"] for slot in slots for item in slot.get("items", [])] == ["p2", "p3"]


def test_the_payload_says_who_was_served() -> None:
    said = served(shop.who(), "1228", "")
    assert (said.customer_id, said.anonymous_id, said.persona, said.known) == ("1228", None, "families", True)
