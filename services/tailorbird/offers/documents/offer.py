"""What a person writes down of an offer or an action. (`goal.py`: the third kind, what choosing among them aims at.)"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tailorbird.contracts.words import Channel, Id
from tailorbird.rules.document import Rule

__all__ = ["Action", "Creative", "Limit", "Offer", "OfferKind", "Question", "Scope"]

OfferKind = Literal[
    "percent_off", "amount_off", "bogo", "free_shipping", "gift", "points", "bundle_price", "coupon"
]  # fmt: skip

Headline = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=2_000)]
Line = Annotated[str, Meta(max_length=200)]
Address = Annotated[str, Meta(max_length=2_000, pattern=r"^(https?://|/|mailto:|tel:|$)")]
"""A path of the site or an address with a scheme that can't run anything."""
Priority = Annotated[int, Meta(ge=0, le=100)]
Terms = Annotated[tuple[Line, ...], Meta(max_length=1_000)]
Money = Annotated[float, Meta(ge=0, le=1e9)]
"""In the shop's currency; beyond that a mistake is likelier than a fortune, and cents are no longer exact."""


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


Most = Annotated[int, Meta(ge=1)] | None


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How often it may be redeemed, over all channels, counted exactly on the ledger; and how often it may be shown.

    It stands in the ledger's journal: what an entry of long ago may say must be read for ever, so tighter bounds are
    the matter of `checking.py`.
    """

    total: Most = None
    money: Annotated[float, Meta(gt=0)] | None = None
    """What all redemptions together may cost."""
    per_customer: Most = None
    per_household: Most = None
    """Counted by the `household_id` that comes with a redemption."""
    per_channel: dict[Channel, Annotated[int, Meta(ge=0)]] = {}
    per_period: Most = None
    """Redemptions by anybody in one `period` of the offer's own time zone."""
    period: Literal["day", "week", "month"] = "day"
    shown_per_customer: Most = None
    """To how many pages and messages of the last `shown_days` one customer may have had it."""
    shown_days: Annotated[int, Meta(ge=1, le=30)] = 7


class Creative(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How it is said and shown to one persona; what is not given stays as in the document."""

    headline: Line = ""
    text: Text = ""
    call_to_action: Line = ""
    theme: Line = ""
    image: Address = ""


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A promise with value: "20 % off yogurt". Its id stands beside the document."""

    kind: OfferKind
    headline: Headline
    text: Text = ""
    terms: Text = ""
    """The small print, shown with the offer."""
    loaded: bool = False
    """It came with `tailorbird load`, so it is not retired for standing in no folder of documents."""
    code: Line = ""
    """What the customer enters at the till or the checkout: one for all. See also `unique_codes`."""
    unique_codes: bool = False
    """Each customer gets a code of their own, out of a pool (`POST /v1/offers/{id}/codes`)."""
    value: Money | None = None
    """Of `percent_off` percent, of `amount_off` and `coupon` money, of `points` points, of `bundle_price` the price."""
    quantity: Annotated[int, Meta(ge=1, le=100)] = 1
    """Of `bogo`: how many are bought for one free. Of `bundle_price`: how many items of the scope make the bundle."""
    gift_item_id: Line = ""
    """Of `gift`: which item."""
    cost: Money | None = None
    """Money that one redemption costs the shop."""
    margin: Money | None = None
    """Money that one redemption brings before that cost; not given, the goal's usual margin is taken."""
    minimum_spend: Money | None = None
    """Money a basket must reach; told with the offer."""
    scope: Scope = Scope()
    goes_with: Scope | None = None
    """What it complements: who has just bought of this, or has it in the cart, is made this offer first."""
    channels: tuple[Channel, ...] = ()
    """Where it may be made; empty: everywhere."""
    pages: tuple[Line, ...] = ()
    """On which pages (`home`, `product`, `cart`) or e-mails (`weekly`); empty: on all."""
    starts_at: datetime | None = None
    """ISO 8601, with its own offset (`2026-11-22T00:00:00Z`) or as the clocks of `zone` show it."""
    ends_at: datetime | None = None
    """First moment at which it is over."""
    zone: Line = ""
    """Time zone of a window without offset, and of the limit's periods: `Europe/Berlin`. Not given: UTC."""
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
    """What it is for, in the marketer's words: `loyalty`, `win back`, `clear stock`. The goal may weigh it."""
    reason: Line = ""
    """Why a customer gets it, for the customer to read; empty: found from the scope, the audience or the rule."""
    limit: Limit | None = None
    exclusion_group: Line = ""
    """Of all offers and actions of one group a decision holds one at most, and an order redeems one at most."""
    stacking: Literal["any", "alone"] = "any"
    """`alone`: not redeemed in one order with any other offer."""
    reserve_minutes: Annotated[int, Meta(ge=1, le=43_200)] | None = None
    """A unit of the limit (and a code) is held this long for an identified customer to whom it is made."""
    commit: Literal["redemption", "impression"] = "redemption"
    """When a unit counts as used: redeemed, or shown already."""
    control_share: Annotated[float, Meta(ge=0, le=0.5)] | None = None
    """Part of the customers, chosen by chance, who never get it, so that its effect shows; not given: the goal's."""
    creatives: dict[Line, Creative] = {}
    """By persona: how it is said and shown to them."""
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
    """A next best action that is not an offer: open a chat, invite to register, give advice, remind, alert. Or none:
    `silence` stands for doing nothing where that is worth more than the rest.
    """

    kind: Literal[
        "live_chat", "escalate", "register", "advice", "reminder", "alert", "status_update", "scarcity", "article",
        "insight", "message", "welcome", "silence",
    ]  # fmt: skip
    headline: Headline
    text: Text = ""
    call_to_action: Line = ""
    """What stands on its button."""
    url: Address = ""
    channels: tuple[Channel, ...] = ()
    pages: tuple[Line, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: Line = ""
    audience_id: Line = ""
    rule: Rule | None = None
    priority: Priority = 50
    weight: Annotated[float, Meta(ge=0, le=100)] = 1.0
    objective: Line = ""
    margin: Money | None = None
    """Money that it brings when a customer takes it up; of `silence`, what doing nothing is worth, for certain."""
    cost: Money | None = None
    """Money that it costs when a customer takes it up: the minutes of a chat."""
    limit: Limit | None = None
    """Of an action only how often it may be shown."""
    exclusion_group: Line = ""
    control_share: Annotated[float, Meta(ge=0, le=0.5)] | None = None
    creatives: dict[Line, Creative] = {}
    reason: Line = ""
    questions: Annotated[tuple[Question, ...], Meta(max_length=20)] = ()
    offer_id: Annotated[str, Meta(max_length=200)] = ""
    """The offer that it promises in return, by id: free shipping for registering."""
    attributes: dict[Line, Any] = {}
    """Whatever the site needs to carry it out: the queue of a chat, the number of an article."""
    theme: Line = ""
    image: Address = ""
    active: bool = True
