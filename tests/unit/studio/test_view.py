from __future__ import annotations

import html as escaping
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw

import tailorbird.studio.shop.routes as shop
from tailorbird.contracts.assembler import (
    DecisionExplained,
    EmailPayload,
    Fallback,
    LayoutChosen,
    PagePayload,
    Provenance,
    ServedCustomer,
)
from tailorbird.contracts.insights import Decision, DecisionChoice
from tailorbird.contracts.offers import Candidate
from tailorbird.studio.shop.reasons import why_view
from tailorbird.studio.shop.rendering import Templates, for_a_look
from tailorbird.studio.shop.theme import classes, readable_on, style
from tailorbird.studio.shop.view import badge, day, last_day, page_view, picture, why_url
from tailorbird.studio.shop.visit import Visit

PAGES = msgspec.json.decode((Path(__file__).parent / "cases" / "slots.json").read_bytes())
TEMPLATES = Templates(Path(shop.__file__).parent / "templates")
THEME: dict[str, Any] = {
    "palette": {
        "page": "#12131a", "surface": "#1d1f2b", "ink": "#f4f4f8", "muted": "#a3a6ba", "accent": "#6d4aff",
        "accent_ink": "#ffffff", "highlight": "#2ee6a6",
    },
    "background": "grid", "imagery": "city_night", "density": "compact", "corners": "soft", "typeface": "condensed",
}  # fmt: skip


def payload_of(*slots: dict[str, Any], fallbacks: tuple[Fallback, ...] = ()) -> PagePayload:
    return PagePayload(
        decision_id="019ab3f27c6e7a1b8d20c3e4f5a60718",
        page="home",
        customer=ServedCustomer(
            customer_id="1228", anonymous_id=None, known=True, persona="young_singles", segments=()
        ),
        layout=LayoutChosen(id="home", variant="young_singles", theme=THEME),
        slots=tuple(Raw(msgspec.json.encode(slot)) for slot in slots),
        fallbacks=fallbacks,
        meta=Provenance(model="m1", rules="r1", layouts="l1", took_ms=3.42),
    )


def html_of(payload: PagePayload, visit: Visit | None = None) -> str:
    view = page_view(payload)
    return TEMPLATES.render("page.html", **view, visit=visit or Visit(), nonce="n", choices=(), back="/shop", said="")


@pytest.mark.parametrize("case", PAGES, ids=[case["slot"]["type"] + "-" + case["slot"]["id"] for case in PAGES])
def test_every_slot_is_shown(case: dict[str, Any]) -> None:
    html = re.sub(r"\s+", " ", escaping.unescape(html_of(payload_of(case["slot"]))))
    assert [text for text in case["shows"] if text not in html] == []
    assert [text for text in case.get("hides", ()) if text in html] == []


def test_what_the_payload_says_is_escaped() -> None:
    bad = "<img src=x onerror=alert(1)>"
    item = {"item_id": bad, "title": bad, "brand": bad, "price": 1.0, "currency": bad, "reasons": [bad]}
    html = html_of(
        payload_of(
            {"id": bad, "type": "recommendations", "title": bad, "items": [item]},
            {
                "id": "hero",
                "type": "hero",
                "content": {"headline": bad, "text": bad, "call_to_action": bad, "url": "/"},
            },
            {
                "id": "offers",
                "type": "offers",
                "offers": [{"offer_id": bad, "headline": bad, "kind": bad, "code": bad}],
            },
        )
    )
    assert "<img src=x" not in html


def test_a_page_says_which_parts_came_from_a_fallback() -> None:
    html = html_of(payload_of(fallbacks=(Fallback(slot="for_you", reason="The recommender did not answer."),)))
    assert "The recommender did not answer." in html


def test_a_department_comes_first_on_every_shelf() -> None:
    items = [{"item_id": "1", "department": "Meat"}, {"item_id": "2", "department": "Dairy & Eggs"}]
    view = page_view(payload_of({"id": "for_you", "type": "recommendations", "items": items}), department="dairy-eggs")
    assert [item["item_id"] for item in view["slots"][0]["items"]] == ["2", "1"]
    assert view["department"] == "Dairy & Eggs"


def test_a_theme_becomes_colours_and_classes_and_nothing_else() -> None:
    assert classes(THEME) == "background-grid density-compact corners-soft typeface-condensed"
    assert "--accent:#6d4aff;" in style(THEME)
    assert style({"palette": {"page": "red;} body{display:none", "accent": "#123456"}}) == "--accent:#123456;"
    assert classes({"density": '" onload="x'}) == ""
    assert style({}) == ""


def test_words_on_a_colour_can_be_read() -> None:
    assert readable_on("#2ee6a6") == "#1d1a17"
    assert readable_on("#8a5d14") == "#ffffff"
    [link] = re.findall(r"--link:(#\w{6})", style(THEME))
    assert link != "#6d4aff", "the accent alone is too dark for small words on this ground"


@pytest.mark.parametrize(
    ("offer", "large", "small"),
    [
        ({"kind": "percent_off", "value": 10}, "10%", "off"),
        ({"kind": "amount_off", "value": 1.5}, "$1.50", "off"),
        ({"kind": "coupon", "value": 2}, "$2", "off"),
        ({"kind": "coupon"}, "Coupon", "for you"),
        ({"kind": "bogo"}, "2 for 1", "today"),
        ({"kind": "free_shipping"}, "Free", "delivery"),
        ({"kind": "points", "value": 200}, "200", "points"),
        ({}, "Offer", "for you"),
    ],
)
def test_an_offer_wears_its_value(offer: dict[str, Any], large: str, small: str) -> None:
    assert badge(offer) == {"large": large, "small": small}


def test_days_are_written_for_people() -> None:
    assert [day("2026-11-29T00:00:00Z"), day(1_763_769_600), day("soon")] == ["29 November", "22 November", ""]


def test_what_ends_at_midnight_holds_until_the_day_before() -> None:
    ends = ["2026-11-30T00:00:00Z", "2026-11-29T18:00:00Z", "soon"]
    assert [last_day(one) for one in ends] == ["29 November", "29 November", ""]


def test_a_picture_is_the_items_own_or_its_tile() -> None:
    assert picture({"item_id": "7", "department": "Meat", "category": "Beef"}) == "/shop/tiles/meat/beef/7.svg"
    assert picture({"item_id": "7", "image_url": "https://cdn.example/7.jpg"}) == "https://cdn.example/7.jpg"
    assert picture({"item_id": "7", "image_url": "javascript:alert(1)"}) == "/shop/tiles/other/other/7.svg"


def test_the_address_of_a_reason_is_quoted() -> None:
    assert why_url("abc", "item", "a/b", "Half & Half") == "/shop/why/abc?kind=item&id=a%2Fb&title=Half+%26+Half"


EXPLAINED = DecisionExplained(
    decision=Decision(
        decision_id="d1", at=1_763_769_600.0, subject="page/home", channel="web", persona="families", layout="home",
        variant="families",
    ),
    choices=(
        DecisionChoice(slot="for_you", kind="item", id="7", position=1, score=0.5, strategy="for_you"),
        DecisionChoice(slot="for_you", kind="item", id="8", position=0, score=0.6, strategy="for_you"),
        DecisionChoice(slot="offers", kind="offer", id="c17", position=0, reasons=("You often buy yogurt",)),
    ),
    inputs={"facts": {"attributes": {"history.orders": 136}}, "decide": {"context": {"cart.total": 12.4}}},
    candidates=(
        Candidate(offer_id="c17", headline="$1 off yogurt", outcome="chosen", sentence="It fits best."),
        Candidate(offer_id="c18", headline="Free coffee", outcome="refused", sentence="The cart must reach $40."),
        Candidate(offer_id="c19", headline="Two pizzas", outcome="outranked", sentence="Others fit better."),
    ),
    recomputed_with="r1",
)  # fmt: skip


def test_why_says_the_reasons_the_place_and_the_refused() -> None:
    offer = why_view(EXPLAINED, "offer", "c17", "$1 off yogurt")
    assert offer["reasons"] == ("You often buy yogurt",)
    assert offer["place"] == "First of 1 in “offers”"
    assert (offer["known"], offer["now"]) == ([("Orders so far", "136")], [("Value of the cart, in dollars", "12.4")])
    html = TEMPLATES.render("why_panel.html", why=offer)
    for told in ("You often buy yogurt", "Free coffee", "The cart must reach $40.", "Two pizzas", "Families"):
        assert told in html
    item = TEMPLATES.render("why_panel.html", why=why_view(EXPLAINED, "item", "7", "Gala Apples"))
    assert "Second of 2 in" in item
    assert "Free coffee" not in item


def test_why_works_for_a_decision_whose_person_was_forgotten() -> None:
    view = why_view(
        DecisionExplained(decision=EXPLAINED.decision, choices=(), inputs=None, candidates=(), recomputed_with=""),
        "page",
        "",
        "",
    )
    assert "cannot be shown any more" in TEMPLATES.render("why_panel.html", why=view)


def test_the_weekly_email_stands_beside_its_text_part() -> None:
    email = EmailPayload(
        decision_id="d1", subject="The salmon is in", preheader="And more", headers={"List-Unsubscribe": "<https://x>"},
        html="<p>", text="THE SALMON IS IN",
    )  # fmt: skip
    html = TEMPLATES.render("email.html", email=email, visit=Visit(), nonce="n", choices=(), name="weekly", names=())
    for told in ("The salmon is in", "THE SALMON IS IN", "List-Unsubscribe", "/shop/email/weekly/body"):
        assert told in html


def test_an_email_that_is_only_looked_at_is_light_or_dark_and_not_opened() -> None:
    html = '<style>@media (prefers-color-scheme: dark){a{}}</style><img src="https://x/v1/mail/open/weekly/1" alt="">'
    assert for_a_look(html, dark=True) == "<style>@media all{a{}}</style>"
    assert for_a_look(html, dark=False) == "<style>@media not all{a{}}</style>"
