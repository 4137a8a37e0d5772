"""Each slot type fills itself from what was gathered, and says what stood in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import tailorbird.assembler
from tailorbird.assembler.gathering.picks import picks_of
from tailorbird.assembler.slots.base import Filling, Moment, Openings, Slot
from tailorbird.assembler.slots.family import AnySlot
from tailorbird.contracts.recommender import Recommendation, ShelfItems
from tailorbird.contracts.words import CartLine
from tests.unit.assembler import shop

TEMPLATES = Path(tailorbird.assembler.__file__).parent / "templates" / "web"


def slot_of(**body: Any) -> Slot:
    made: Slot = msgspec.convert({"id": "s", **body}, AnySlot)
    return made


def filled(slot: Slot, filling: Filling) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(slot.fill(Openings(slot), filling))
    return shown


def ids(slot: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in slot["items"]]


def test_recommendations_are_items_with_score_and_reasons() -> None:
    filling = shop.filling(shelves={"s": shop.shelf("s", "p1", "p2")})
    slot = filled(slot_of(type="recommendations", title="For {first_name|you}", count=2), filling)
    assert slot["title"] == "For you"
    assert slot["items"][0] == {
        "item_id": "p1", "title": "Product 1", "price": 1.5, "currency": "USD", "department": "Produce", "url": "",
        "image_url": "", "score": 1.0, "reasons": ["You often buy it"],
    }  # fmt: skip
    assert [(one.kind, one.strategy, one.ids) for one in filling.decided] == [("item", "for_you", ("p1", "p2"))]
    assert filling.fallbacks == []


def test_what_was_given_to_chance_is_decided_with_its_propensity() -> None:
    chosen = (Recommendation(item_id="p1", score=1.0), Recommendation(item_id="p2", score=0.5, propensity=0.25))
    shelf = picks_of(ShelfItems(slot="s", strategy="for_you", items=chosen))
    filling = shop.filling(shelves={"s": shelf, "t": shop.shelf("t", "p3")})
    filled(slot_of(type="recommendations"), filling)
    filled(slot_of(type="recommendations", id="t"), filling)
    assert [one.propensities for one in filling.decided] == [(1.0, 0.25), ()]


@pytest.mark.parametrize("hidden", ["sold-out", "no-price", "unknown"])
def test_an_item_that_cannot_be_bought_is_not_shown(hidden: str) -> None:
    filling = shop.filling(shelves={"s": shop.shelf("s", hidden, "p1")})
    assert ids(filled(slot_of(type="recommendations"), filling)) == ["p1"]


def test_nothing_stands_twice_on_a_page() -> None:
    filling = shop.filling(shelves={"s": shop.shelf("s", "p1", "p2"), "t": shop.shelf("t", "p2", "p3")})
    first, second = slot_of(type="recommendations"), slot_of(type="recommendations", id="t")
    assert ids(filled(first, filling)) == ["p1", "p2"]
    assert ids(filled(second, filling)) == ["p3"]


def test_what_was_just_bought_or_lies_in_the_cart_is_not_recommended() -> None:
    moment = Moment(page="home", at=shop.NOW, cart=(CartLine(item_id="p2"),))
    filling = shop.filling(
        moment=moment, never=frozenset({"p1"}), shelves={"s": shop.shelf("s", "p1", "p2", "p3")}
    )
    assert ids(filled(slot_of(type="recommendations"), filling)) == ["p3"]


def test_popular_items_stand_in_for_a_recommender_that_is_away() -> None:
    filling = shop.filling(shelves_missing="Nobody answers.", never=frozenset({"p1"}), departments=("Produce",))
    slot = filled(slot_of(type="recommendations", title="Buy again", count=4), filling)
    assert slot["title"] == "Popular right now"
    assert slot["strategy"] == "popular"
    assert len(slot["items"]) == 4
    assert ids(slot)[0] == "p3", "the customer's own department comes first"
    assert not {"p1", "wine", "sold-out"} & set(ids(slot))
    assert filling.fallbacks[0].slot == "s"
    assert "Nobody answers" in filling.fallbacks[0].reason


def test_an_empty_shelf_is_filled_and_its_note_is_the_reason() -> None:
    filling = shop.filling(shelves={"s": shop.shelf("s", note="Nothing was bought before.")})
    slot = filled(slot_of(type="recommendations", strategy="buy_again", count=2), filling)
    assert len(slot["items"]) == 2
    assert "Nothing was bought before" in filling.fallbacks[0].reason


def test_without_a_cart_another_strategy_is_asked_and_told() -> None:
    slot = slot_of(
        type="recommendations", strategy="complements", title="Goes with it", without_cart="trending",
        title_without_cart="Popular",
    )  # fmt: skip
    empty = Moment(page="home")
    with_cart = Moment(page="home", cart=(CartLine(item_id="p1"),))
    asked = [slot.shelf(moment) for moment in (empty, with_cart)]
    assert [shelf.strategy for shelf in asked if shelf] == ["trending", "complements"]
    filling = shop.filling(moment=empty, shelves={"s": shop.shelf("s", "p1")})
    assert filled(slot, filling)["title"] == "Popular"


def test_offers_are_their_content_with_score_and_reasons() -> None:
    filling = shop.filling(choices={"s": shop.choices("s", "o1")})
    assert filled(slot_of(type="offers"), filling)["offers"] == [
        {"offer_id": "o1", "headline": "10 % off", "score": 0.5, "reasons": ["For you"]}
    ]


def test_an_offer_stands_once_even_if_an_item_has_its_id() -> None:
    filling = shop.filling(shelves={"i": shop.shelf("i", "p1")}, choices={"s": shop.choices("s", "p1", "p1")})
    filled(slot_of(type="recommendations", id="i"), filling)
    assert [offer["offer_id"] for offer in filled(slot_of(type="offers"), filling)["offers"]] == ["p1"]


def test_without_offers_the_slot_is_empty_and_says_why() -> None:
    filling = shop.filling(choices_missing="Nobody answers.")
    assert filled(slot_of(type="offers"), filling)["offers"] == []
    assert "Nobody answers" in filling.fallbacks[0].reason


def test_no_offer_for_a_control_group_is_an_answer_with_its_note() -> None:
    filling = shop.filling(choices={"s": shop.choices("s", note="You are in the control group.")})
    slot = filled(slot_of(type="offers"), filling)
    assert (slot["offers"], slot["note"], filling.fallbacks) == ([], "You are in the control group.", [])


def test_an_action_is_no_offer() -> None:
    filling = shop.filling(choices={"s": shop.choices("s", "chat")})
    action = filled(slot_of(type="action"), filling)["actions"][0]
    assert action["action_id"] == "chat"
    assert filling.decided[0].kind == "action"


def test_articles_of_the_day_stand_in() -> None:
    filling = shop.filling(shelves_missing="Nobody answers.")
    slot = filled(slot_of(type="articles", count=3), filling)
    assert set(ids(slot)) == {"a1", "a2"}
    assert filling.fallbacks[0].reason.startswith("Articles of the day stand in")


def test_a_product_page_shows_its_item_and_never_recommends_it() -> None:
    filling = shop.filling(moment=Moment(page="product", item_id="p1"), shelves={"t": shop.shelf("t", "p1", "p2")})
    assert filled(slot_of(type="item"), filling)["item"]["title"] == "Product 1"
    assert ids(filled(slot_of(type="recommendations", id="t"), filling)) == ["p2"]


def test_a_product_page_of_an_unknown_item_says_so() -> None:
    filling = shop.filling(moment=Moment(page="product", item_id="gone"))
    assert filled(slot_of(type="item"), filling)["item"] is None
    assert "gone" in filling.fallbacks[0].reason


def test_a_cart_is_summed() -> None:
    lines = (CartLine(item_id="p1", quantity=2), CartLine(item_id="p2"), CartLine(item_id="gone"))
    slot = filled(slot_of(type="cart"), shop.filling(moment=Moment(page="cart", cart=lines)))
    assert [(line["item_id"], line["quantity"], line["amount"]) for line in slot["lines"]] == [
        ("p1", 2, 3.0),
        ("p2", 1, 2.5),
    ]
    assert slot["total"] == 5.5


def test_words_of_a_notice_and_of_free_content_are_the_layouts_own() -> None:
    notice = filled(slot_of(type="notice", text="Closed on Monday", tone="warning"), shop.filling())
    content = filled(slot_of(type="content", title="Hi", text="There", url="/x"), shop.filling())
    assert notice["content"] == {"text": "Closed on Monday", "tone": "warning", "url": "", "call_to_action": ""}
    assert (content["title"], content["content"]["url"]) == ("Hi", "/x")


@pytest.mark.parametrize("kind", get_args(AnySlot), ids=lambda kind: kind.__struct_config__.tag)
def test_every_slot_type_has_a_template_for_the_web(kind: type[Slot]) -> None:
    assert (TEMPLATES / f"{kind.__struct_config__.tag}.html").exists()


def test_every_file_of_a_slot_type_is_in_the_family() -> None:
    files = {path.stem for path in (Path(tailorbird.assembler.__file__).parent / "slots").glob("*.py")}
    tags = {str(kind.__struct_config__.tag) for kind in get_args(AnySlot)}
    assert files - {"__init__", "base", "family"} == tags
