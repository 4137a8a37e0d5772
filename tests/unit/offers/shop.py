"""A small shop for tests of deciding: items by department, category and brand, and questions about customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw

from tailorbird.contracts.offers import DecideQuery, DecisionSlot
from tailorbird.contracts.words import Bought, CustomerFacts
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.documents.offering import Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.items import Items
from tailorbird.offers.learning.responses import Responses

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp()

ITEMS = {
    "yogurt-1": ("Dairy", "Yogurt", "Acme"),
    "yogurt-2": ("Dairy", "Yogurt", "Other"),
    "cheese-1": ("Dairy", "Cheese", "Acme"),
    "apple-1": ("Produce", "Apples", "Other"),
    "pear-1": ("Produce", "Pears", "Other"),
    "soap-1": ("Household", "Soap", "Acme"),
}


def items() -> Items:
    made = Items()
    for item_id, (department, category, brand) in ITEMS.items():
        made.put(item_id, department, category, brand)
    return made


def offer(**fields: Any) -> Offer:
    """An offer from what a person writes, the usual headline and kind when not said."""
    written = {"kind": "free_shipping", "headline": "An offer", **fields}
    return msgspec.json.decode(msgspec.json.encode(written), type=Offer)


def action(**fields: Any) -> Action:
    written = {"kind": "advice", "headline": "An action", **fields}
    return msgspec.json.decode(msgspec.json.encode(written), type=Action)


def offerings(documents: Mapping[str, Offer | Action], responses: Mapping[str, Responses] | None = None) -> Offerings:
    return Offerings(documents, Preparing(items(), responses or {}), "v1")


def question(
    facts: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    history: list[str] | None = None,
    just_bought: list[str] | None = None,
    slots: tuple[DecisionSlot, ...] = (DecisionSlot(slot="offers"), DecisionSlot(slot="action", wants="actions")),
    at: float = NOW,
) -> DecideQuery:
    """What a page asks: `facts` are attributes, `segments` among them; each item of the history was bought once."""
    attributes = dict(facts or {})
    known = CustomerFacts(
        segments=tuple(attributes.pop("segments", ())),
        persona=attributes.pop("persona", ""),
        attributes=attributes,
        history=tuple(Bought(item_id, 1, int(NOW) - 90_000) for item_id in history or ()),
    )
    return DecideQuery(
        slots=slots,
        customer=Raw(msgspec.json.encode(known)),
        context={"context.channel": "web", "context.page": "home", **(context or {})},
        just_bought=tuple(just_bought or ()),
        at=at,
    )
