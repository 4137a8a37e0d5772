"""What is sent to offers and what comes back where it is no contract's message: bodies over HTTP, read strictly."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from tailorbird.contracts.words import Channel, Id
from tailorbird.rules.attributes import Attribute

__all__ = ["OFFER_EXAMPLE", "Attributes", "NewCodes", "RedeemBody", "RedemptionBody", "Simulation"]

Line = Annotated[str, Meta(max_length=200)]


class RedemptionBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of a redemption; what makes it the same one again stands in the header `Idempotency-Key`."""

    offer_id: Id
    customer_id: Id
    household_id: Line = ""
    channel: Channel | Literal[""] = ""
    order_id: Line = ""
    amount: Annotated[float, Meta(ge=0, le=1_000_000_000)] = 0.0
    """Money that it costs the shop; not told, what the offer's document says."""
    code: Line = ""
    decision_id: Line = ""
    """The decision that made the offer: from it the ranking learns."""


class NewCodes(Struct, frozen=True, forbid_unknown_fields=True):
    """Codes for an offer's pool."""

    codes: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=20_000)]


class RedeemBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a redemption."""

    customer_id: Id
    redemption_id: Id


class Attributes(Struct, frozen=True):
    """What a rule can test."""

    attributes: tuple[Attribute, ...]


OFFER_EXAMPLE = {
    "headline": "15 % off dairy",
    "kind": "percent_off",
    "value": 15,
    "scope": {"departments": ["DAIRY"]},
    "rule": {"field": "history.orders", "operator": ">=", "value": 3},
}


class Simulation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An offer to be tried out on the customers there are."""

    offer_id: Id
    offer: Raw
    segment: Line = ""
    """Only customers of this segment; empty: any."""
    customers: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    """How many to look at, at most."""
    channel: Channel = "web"
    page: Line = "home"
    places: Annotated[int, Meta(ge=1, le=50)] = 4
