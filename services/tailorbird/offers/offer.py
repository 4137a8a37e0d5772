"""What a person writes down of an offer or an action: the two kinds of document that this service owns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tailorbird.contracts.words import Channel, Id
from tailorbird.rules.document import Rule

__all__ = ["Action", "Limit", "Offer", "OfferKind", "Question", "Scope", "Zoned"]

OfferKind = Literal["percent_off", "amount_off", "bogo", "free_shipping", "gift", "points", "coupon"]

Zoned = Annotated[datetime, Meta(tz=True)]
"""A moment in ISO 8601 with its time zone: `2026-11-22T00:00:00Z`."""

Headline = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=2_000)]
Line = Annotated[str, Meta(max_length=200)]
Address = Annotated[str, Meta(max_length=2_000, pattern=r"^(https?://|/|mailto:|tel:|$)")]
"""A path of the site or an address with a scheme that can't run anything."""
Priority = Annotated[int, Meta(ge=0, le=100)]
Terms = Annotated[tuple[Line, ...], Meta(max_length=1_000)]


class Scope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an offer is on. With `item_ids` these items and no others: the other lists then only describe them. Without,
    every item that one of the other lists names. Empty: the whole basket.
    """

    item_ids: Annotated[tuple[Id, ...], Meta(max_length=50_000)] = ()
    categories: Terms = ()
    departments: Terms = ()
    brands: Terms = ()

    @property
    def whole_basket(self) -> bool:
        return not (self.item_ids or self.categories or self.departments or self.brands)


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How often it may be redeemed, counted exactly on the ledger. None: as often as anybody likes."""

    total: Annotated[int, Meta(ge=1)] | None = None
    per_customer: Annotated[int, Meta(ge=1)] | None = None


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A promise with value: "20 % off yogurt". Its id stands beside the document."""

    kind: OfferKind
    headline: Headline
    text: Text = ""
    terms: Text = ""
    """The small print, shown with the offer."""
    code: Line = ""
    """What the customer enters at the till or the checkout."""
    value: Annotated[float, Meta(ge=0)] | None = None
    """Of `percent_off` percent, of `amount_off` and `coupon` money, of `points` points."""
    minimum_spend: Annotated[float, Meta(ge=0)] | None = None
    """Money a basket must reach; told with the offer."""
    scope: Scope = Scope()
    channels: tuple[Channel, ...] = ()
    """Where it may be made; empty: everywhere."""
    pages: tuple[Line, ...] = ()
    """On which pages (`home`, `product`, `cart`) or e-mails (`weekly`); empty: on all."""
    starts_at: Zoned | None = None
    ends_at: Zoned | None = None
    """First moment at which it is over."""
    audience_id: Line = ""
    """Only customers of this audience (attribute `customer.audiences`); empty: whoever the rule lets in."""
    campaign_id: Line = ""
    rule: Rule | None = None
    """Whom it is for; none: everybody."""
    priority: Priority = 50
    """Tier: a higher one always stands before a lower one. Within a tier, relevance to the customer decides."""
    weight: Annotated[float, Meta(ge=0, le=100)] = 1.0
    """Within its tier: how much it counts beside others; 2 counts double."""
    objective: Line = ""
    """What it is for, in the marketer's words: `loyalty`, `win back`, `clear stock`."""
    reason: Line = ""
    """Why a customer gets it, for the customer to read; empty: found from the scope, the audience or the rule."""
    limit: Limit | None = None
    theme: Line = ""
    image: Address = ""
    active: bool = True
    """False keeps the document and makes no offer."""


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A question that an action asks; the answer becomes the trait of that name."""

    trait: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    label: Headline
    choices: Terms = ()
    """Empty: free text."""
    several: bool = False
    """Whether more than one choice may be taken."""


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A next best action that is not an offer: open a chat, invite to register, give advice, remind, alert."""

    kind: Literal["live_chat", "register", "advice", "reminder", "alert", "escalate", "article", "message", "welcome"]
    headline: Headline
    text: Text = ""
    call_to_action: Line = ""
    """What stands on its button."""
    url: Address = ""
    channels: tuple[Channel, ...] = ()
    pages: tuple[Line, ...] = ()
    starts_at: Zoned | None = None
    ends_at: Zoned | None = None
    audience_id: Line = ""
    rule: Rule | None = None
    priority: Priority = 50
    weight: Annotated[float, Meta(ge=0, le=100)] = 1.0
    objective: Line = ""
    reason: Line = ""
    questions: Annotated[tuple[Question, ...], Meta(max_length=20)] = ()
    offer_id: Annotated[str, Meta(max_length=200)] = ""
    """The offer that it promises in return, by id: free shipping for registering."""
    attributes: dict[Line, Any] = {}
    """Whatever the site needs to carry it out: the queue of a chat, the number of an article."""
    theme: Line = ""
    image: Address = ""
    active: bool = True
