"""One page in the form of each channel; its languages; and which part of it everybody shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tailorbird.assembler
from tailorbird.assembler.channels.app import app_form, most_on
from tailorbird.assembler.channels.brief import brief_form, brief_lines
from tailorbird.assembler.channels.lines import lines_form
from tailorbird.assembler.channels.push import LONGEST_BODY, LONGEST_TITLE, push_form, shortened
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.assembler.layouts.choosing import Book, Face
from tailorbird.assembler.layouts.document import check_documents
from tailorbird.assembler.pages.merging import Shop, merge, shared_slot
from tailorbird.assembler.slots.base import Moment
from tailorbird.assembler.wording.saying import said
from tailorbird.contracts.assembler import LayoutChosen, PagePayload, Provenance, ServedCustomer
from tailorbird.contracts.wire import Fault
from tailorbird.wording.locales import money, weekday
from tests.unit.assembler import shop

TEMPLATES = Path(tailorbird.assembler.__file__).parent / "templates" / "web"
MOMENT = Moment(page="home", at=shop.NOW)
VARIANT = {
    "id": "everyone",
    "hero": {"headline": "Hello {first_name|there}", "text": "Look what came in."},
    "navigation": [{"label": "Bread", "url": "/bread"}],
    "slots": [
        {"id": "hero", "type": "hero"},
        {"id": "navigation", "type": "navigation"},
        {"id": "offers", "type": "offers", "title": "Yours"},
        {"id": "for_you", "type": "recommendations", "count": 3},
    ],
    "translations": {
        "de": {"hero.headline": "Hallo {first_name|du}", "slots.offers.title": "Deins", "navigation.0.label": "Brot"}
    },
}


def face() -> Face:
    return Book({"layout": {"home": shop.layout(VARIANT)}}).page("home", "web")[0]


def payload(locale: str = "") -> PagePayload:
    said = face().said_in(locale)
    parts = shop.parts({"for_you": shop.shelf("for_you", "p1", "p2", "p3")}, (shop.choices("offers", "o1"),))
    made = merge(said, shop.who(), MOMENT, parts, Shop(shop.cards(), shop.popular()))
    return PagePayload(
        decision_id="d-1",
        page="home",
        customer=ServedCustomer(customer_id="1", anonymous_id=None, known=True, persona="p", segments=("s",)),
        layout=LayoutChosen(id="home", variant="everyone", theme=said.theme),
        slots=made.slots,
        fallbacks=(),
        meta=Provenance(model="", rules="", layouts="v1", took_ms=1.0),
        shared=said.shared,
        locale=locale,
    )


def test_an_app_gets_what_its_screen_shows_and_nothing_empty() -> None:
    form = app_form(payload(), 390)
    assert (form["columns"], form["image_width"], most_on(390)) == (2, 195, 4)
    slots = {slot["id"]: slot for slot in form["slots"]}
    assert slots["for_you"]["items"][0] == {
        "id": "p1", "title": "Product 1", "price": 1.5, "currency": "USD", "why": "You often buy it"
    }  # fmt: skip
    assert len(json.dumps(form)) < len(b"".join(bytes(slot) for slot in payload().slots)) + 600


def test_a_push_message_keeps_its_limits() -> None:
    form = push_form(payload())
    assert form["title"] == "Hello Ana"
    assert form["body"] == "Look what came in."
    assert form["data"] == {"decision_id": "d-1", "offer_id": "o1", "item_id": "p1"}
    long = shortened("word " * 100, LONGEST_BODY)
    assert len(long) <= LONGEST_BODY
    assert long.endswith("word…")
    assert len(shortened("x" * 300, LONGEST_TITLE)) == LONGEST_TITLE


def test_lines_fit_the_paper_with_prices_at_its_edge() -> None:
    lines = lines_form(payload(), 32)
    assert max(len(line) for line in lines) <= 32
    assert "Hello Ana" in lines
    assert "YOURS" in lines
    assert next(line for line in lines if line.startswith("Product 1")) == "Product 1" + " " * 18 + "$1.50"


def test_an_agents_brief_says_who_why_and_what_to_offer() -> None:
    known: dict[str, Any] = {
        "customer": {"first_name": "Ana"},
        "summary": "Was on the web an hour ago and looked at p1, p2.",
        "visit": {"searches": ["rye"]},
        "cart": [{"item_id": "p2", "quantity": 1}],
    }
    brief = brief_form(payload(), known, {"p1": "Product 1", "p2": "Product 2"})
    assert brief["who"]["name"] == "Ana"
    assert brief["why"] == [
        "Was on the web an hour ago and looked at Product 1, Product 2.", "Searched for rye.",
        "In the cart and not ordered: Product 2.",
    ]  # fmt: skip
    assert brief["say"][0] == "Hello Ana"
    assert brief["offer"][0]["offer_id"] == "o1"
    assert "OFFER" in brief_lines(brief)


def test_a_page_is_said_in_the_customers_language_as_far_as_it_was_translated() -> None:
    slots = [json.loads(bytes(slot)) for slot in payload("de-AT").slots]
    assert slots[0]["content"] == {"headline": "Hallo Ana", "text": "Look what came in."}
    assert (slots[1]["links"][0]["label"], slots[2]["title"]) == ("Brot", "Deins")
    assert face().said_in("fr").variant is face().said_in("").variant or face().said_in("fr").variant.id == "everyone"


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [({"hero.headlin": "x"}, "unknown field"), ({"slots.x.title": "x"}, "no slot 'x'"), ({"hero.text": "{x}"}, "{x}")],
)
def test_a_translation_of_nothing_is_told_with_its_place(texts: dict[str, str], sentence: str) -> None:
    wrong = shop.layout(VARIANT | {"translations": {"de": texts}})
    problems = check_documents({"layout": {"home": wrong}})
    assert sentence in problems[0].sentence
    assert problems[0].path.startswith("layout/home $.variants[0].translations.de.")


def test_prices_and_days_are_written_as_the_language_writes_them() -> None:
    assert (money(1234.5, "EUR", "de"), money(2.49, "USD"), money(3, "")) == ("1.234,50\xa0€", "$2.49", "$3.00")
    assert money(None) == ""
    assert (said("Not for me", "fr-CA"), said("Not for me", "it")) == ("Pas pour moi", "Not for me")
    assert (weekday(6), weekday(6, "de")) == ("Saturdays", "Samstag")


def test_what_is_the_same_for_everybody_is_told_and_served_without_a_person() -> None:
    assert face().shared == ("navigation",)
    shop_of = Shop(shop.cards(), shop.popular())
    assert b"Bread" in bytes(shared_slot(face(), "navigation", MOMENT, shop_of))
    for slot, code in (("hero", 422), ("for_you", 422), ("nothing", 404)):
        with pytest.raises(Fault) as caught:
            shared_slot(face(), slot, MOMENT, shop_of)
        assert caught.value.code == code


def test_a_page_with_includes_leaves_to_the_edge_what_everybody_shares() -> None:
    html = PageRenderer(TEMPLATES).with_includes(payload(), "channel=app")
    include = 'src="/v1/pages/home/fragments/navigation?variant=everyone&amp;v=v1&amp;channel=app"'
    assert include.replace("&amp;", "&") in html.replace("&amp;", "&").replace("&#x2f;", "/")
    assert "Product 1" in html
    assert ">Bread<" not in html


def test_a_fragment_brings_its_style_and_touches_nothing_around_it() -> None:
    html = PageRenderer(TEMPLATES).fragment(payload())
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert style.startswith(".tailorbird{")
    assert ":root" not in style
    assert "body" not in style.replace(".body", "")
    assert style.count("{") == style.count("}")


def test_deadlines_of_slots_bound_what_the_page_waits_for() -> None:
    slots = [{"id": "a", "type": "offers", "deadline_ms": 40}, {"id": "b", "type": "action", "deadline_ms": 60}]
    some = shop.layout(VARIANT | {"slots": [*slots, {"id": "c", "type": "recommendations"}], "translations": {}})
    made = Book({"layout": {"home": some}}).page("home", "web")[0]
    assert (made.recommender_ms, made.offers_ms) == (None, 60.0)
