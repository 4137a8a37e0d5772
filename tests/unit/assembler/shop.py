"""A counter's worth of items and documents for the assembler's tests, small enough to count on fingers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tailorbird.assembler.gathering.parts import Parts, Who
from tailorbird.assembler.gathering.picks import Picks, Shelves, picks_of
from tailorbird.assembler.gathering.profilecache import HeldProfile
from tailorbird.assembler.items.cards import Card, card_of
from tailorbird.assembler.items.popular import Popular
from tailorbird.assembler.layouts.document import Email, Layout
from tailorbird.assembler.slots.base import Filling, Gathered, Moment
from tailorbird.contracts.offers import Chosen, Decided, SlotChoices
from tailorbird.contracts.profiles import Profile
from tailorbird.contracts.recommender import Item, Recommendation, ShelfItems
from tailorbird.contracts.words import CustomerFacts, CustomerRef

NOW = 1_795_305_600.0
"""Sunday 2026-11-22 00:00 UTC."""

DEMO_DOCUMENTS = Path(__file__).resolve().parents[3] / "services" / "tailorbird" / "suite" / "demo" / "documents"

THEME = {
    "palette": {
        "page": "#ffffff", "surface": "#fafafa", "ink": "#111111", "muted": "#666666", "accent": "#0f6b62",
        "accent_ink": "#ffffff", "highlight": "#b8420f",
    },
    "imagery": "basket",
}  # fmt: skip


def items() -> dict[str, Item]:
    """Ten products in two departments, one out of stock, one without a price, one sensitive, and two articles."""
    products = [
        Item(item_id=f"p{n}", title=f"Product {n}", department="Produce" if n % 2 else "Bakery", price=n + 0.5)
        for n in range(1, 8)
    ]
    special = [
        Item(item_id="sold-out", title="Sold Out", department="Produce", price=1.0, stock=0),
        Item(item_id="no-price", title="No Price", department="Produce"),
        Item(item_id="wine", title="Wine", department="Cellar", price=9.0, attributes={"sensitive": True}),
    ]
    articles = [Item(item_id=f"a{n}", title=f"Article {n}", kind="article", summary="Read me.") for n in (1, 2)]
    return {item.item_id: item for item in (*products, *special, *articles)}


def cards() -> dict[str, Card]:
    return {item_id: card_of(item) for item_id, item in items().items()}


def popular() -> Popular:
    kept = Popular()
    kept.learn_catalogue(cards())
    return kept


def gathered(**changes: Any) -> Gathered:
    """What a page is made of, with nothing asked; `changes` are fields of Gathered."""
    fields: dict[str, Any] = {"moment": Moment(page="home", at=NOW), "cards": cards(), "popular": popular()}
    return Gathered(**(fields | changes))


def filling(**changes: Any) -> Filling:
    return Filling(gathered(**changes))


def shelf_items(slot: str, *item_ids: str, note: str = "") -> ShelfItems:
    chosen = tuple(
        Recommendation(item_id=item_id, score=1.0 - place / 10, reasons=("You often buy it",))
        for place, item_id in enumerate(item_ids)
    )
    return ShelfItems(slot=slot, strategy="for_you", items=chosen, note=note)


def shelf(slot: str, *item_ids: str, note: str = "") -> Picks:
    return picks_of(shelf_items(slot, *item_ids, note=note))


def choices(slot: str, *offer_ids: str, note: str = "") -> SlotChoices:
    chosen = tuple(
        Chosen(offer_id=offer_id, score=0.5, reasons=("For you",), content=msgspec.Raw(b'{"headline":"10 % off"}'))
        for offer_id in offer_ids
    )
    return SlotChoices(slot=slot, chosen=chosen, note=note)


def profile(customer_id: str = "1228", **changes: Any) -> Profile:
    fields: dict[str, Any] = {
        "customer": CustomerRef(customer_id=customer_id),
        "known": True,
        "person": f"person-{customer_id}",
        "version": 3,
        "first_name": "Ana",
        "facts": CustomerFacts(persona="families", segments=("families",)),
        "decision_key": b"k" * 32,
    }
    return Profile(**(fields | changes))


def who(known: Profile | None = None, just_bought: frozenset[str] = frozenset()) -> Who:
    return Who(HeldProfile(known or profile(), NOW), just_bought)


def parts(shelves: dict[str, Picks] | None = None, chosen: tuple[SlotChoices, ...] = ()) -> Parts:
    return Parts(
        shelves=Shelves(shelves or {}, "m1"),
        decided=Decided(slots=chosen, rules="r1"),
    )


def layout(*variants: dict[str, Any], page: str = "home", channel: str = "web") -> Layout:
    """A layout of these variants; each gets the plain theme unless it has its own."""
    body = {"page": page, "channel": channel, "variants": [{"theme": THEME} | variant for variant in variants]}
    return msgspec.convert(body, Layout)


def email(mjml: str, **variant: Any) -> Email:
    """An e-mail of one variant, for everyone."""
    everyone = {"id": "everyone", "theme": THEME, "subject": "Hello", "slots": [{"id": "hero", "type": "hero"}]}
    body = {
        "sender_name": "Shop",
        "postal_address": "1 Street",
        "mjml": mjml,
        "variants": [everyone | {"hero": {"headline": "Hi"}} | variant],
    }
    return msgspec.convert(body, Email)
