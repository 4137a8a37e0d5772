"""What a marketer writes is checked when it is applied: the path of each mistake, and a sentence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tailorbird.assembler.layouts.choosing import Book, choose
from tailorbird.assembler.layouts.document import Layout, check_documents
from tailorbird.assembler.slots.base import Url
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerFacts
from tests.unit.assembler import shop

HERO = {"id": "hero", "type": "hero"}
EVERYONE = {"id": "everyone", "hero": {"headline": "Hi"}, "slots": [HERO]}

MISTAKES: list[tuple[tuple[dict[str, Any], ...], str, str]] = [
    ((EVERYONE, EVERYONE | {"personas": ["x"], "id": "b"}), "variants[0]", "put it last"),
    ((EVERYONE | {"personas": ["x"]},), "variants[0]", "must be for everyone"),
    ((EVERYONE | {"personas": ["x"]}, EVERYONE), "variants[1].id", "Two variants"),
    ((EVERYONE | {"slots": [HERO, HERO]},), "variants[0].slots[1].id", "Two slots"),
    (({"id": "everyone", "slots": [HERO]},), "variants[0].slots[0]", "no [variants.hero]"),
    ((EVERYONE | {"hero": {"headline": "Hi {name}"}},), "variants[0].hero.headline", "{name} stands for nothing"),
    (
        (EVERYONE | {"slots": [{"id": "o", "type": "offers", "title": "For {nobody}"}]},),
        "variants[0].slots[0].title",
        "{nobody}",
    ),
    (
        (EVERYONE | {"slots": [{"id": "r", "type": "recommendations", "title_without_cart": "X"}]},),
        "variants[0].slots[0].title_without_cart",
        "never said",
    ),
    (
        (EVERYONE | {"id": "r", "rule": {"field": "context.refferer", "operator": "=", "value": "x"}}, EVERYONE),
        "variants[0].rule.field",
        "context.referrer",
    ),
]


@pytest.mark.parametrize(("variants", "path", "sentence"), MISTAKES)
def test_a_mistake_is_told_with_its_place(variants: tuple[dict[str, Any], ...], path: str, sentence: str) -> None:
    problems = check_documents({"layout": {"home": shop.layout(*variants)}})
    assert [problem for problem in problems if problem.path.startswith(f"layout/home $.{path}")], problems
    assert any(sentence in problem.sentence for problem in problems)


def test_a_sound_layout_has_no_mistakes() -> None:
    assert check_documents({"layout": {"home": shop.layout(EVERYONE)}}) == []


def test_a_page_is_laid_out_by_one_document() -> None:
    two = {"home": shop.layout(EVERYONE), "other": shop.layout(EVERYONE)}
    assert check_documents({"layout": two})[0].path == "layout/other $.page"


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"theme": shop.THEME | {"density": "huge"}},
        {"theme": {"palette": {"page": "red"}, "imagery": "basket"}},
        {"slots": []},
        {"slots": [{"id": "x", "type": "carousel"}]},
        {"slots": [{"id": "x", "type": "offers", "count": 0}]},
        {"slots": [{"id": "x", "type": "offers", "coutn": 4}]},
        {"hero": {"headline": "Hi", "url": "javascript:alert(1)"}},
    ],
)
def test_what_the_types_forbid_is_not_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        shop.layout(EVERYONE | wrong)


@pytest.mark.parametrize("url", ["", "/", "/shop", "/shop?x=1", "https://x.example/a", "#offers", "mailto:a@b.example"])
def test_an_address_of_an_allowed_kind_is_read(url: str) -> None:
    assert msgspec.convert(url, Url) == url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.example", "data:text/html,x", "/\\evil", 'https://x.example/"', "x y", " /shop"],
)
def test_an_address_that_could_run_or_lead_astray_is_refused(url: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(url, Url)


def chosen(layout: Layout, facts: CustomerFacts, context: dict[str, Any]) -> str:
    book = Book({"layout": {"home": layout}})
    return choose(book.page("home", "web"), facts, context).variant.id


def test_the_first_variant_that_is_for_the_customer_is_theirs() -> None:
    layout = shop.layout(
        EVERYONE
        | {"id": "gadgets", "rule": {"field": "context.referrer_host", "operator": "=", "value": "gadgets.example"}},
        EVERYONE | {"id": "families", "personas": ["families"]},
        EVERYONE | {"id": "gold", "segments": ["gold", "platinum"]},
        EVERYONE,
    )
    family = CustomerFacts(persona="families", segments=("gold",))
    assert chosen(layout, family, {"context.referrer_host": "gadgets.example"}) == "gadgets"
    assert chosen(layout, family, {}) == "families"
    assert chosen(layout, CustomerFacts(persona="premium", segments=("gold",)), {}) == "gold"
    assert chosen(layout, CustomerFacts(), {}) == "everyone"


def test_an_unknown_page_is_told_with_those_there_are() -> None:
    book = Book({"layout": {"home": shop.layout(EVERYONE), "cart": shop.layout(EVERYONE, page="cart")}})
    with pytest.raises(Fault, match="cart, home") as caught:
        book.page("hoem", "web")
    assert caught.value.code == 404


def test_a_channel_without_a_layout_of_its_own_gets_the_webs() -> None:
    own = shop.layout(EVERYONE | {"id": "short"}, channel="app")
    book = Book({"layout": {"home": shop.layout(EVERYONE), "home-app": own}})
    assert book.page("home", "app")[0].variant.id == "short"
    assert book.page("home", "store")[0].variant.id == "everyone"
