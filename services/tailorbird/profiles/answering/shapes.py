"""What a profile looks like from outside: `showing.py` makes these, the API's documentation lists them."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from tailorbird.contracts.words import AttributeValue

__all__ = [
    "ContactCentreShown", "ContactShown", "LoyaltyShown", "ProfileShown", "TicketShown", "TimelineLine",
    "TimelineShown", "TraitShown", "VisitShown",
]  # fmt: skip

Moment = str | None
"""ISO 8601 in UTC."""


class Ids(TypedDict):
    customer_id: str | None
    anonymous_id: str | None


class Identities(TypedDict):
    customer_id: str | None
    anonymous_ids: tuple[str, ...]


class TraitShown(TypedDict):
    value: AttributeValue
    source: str
    """`given`, `imported`, `observed` or `computed`."""
    at: Moment


class ConsentShown(TypedDict):
    granted: bool
    at: Moment
    source: str


class LineShown(TypedDict):
    item_id: str
    quantity: int


class OrderShown(TypedDict):
    at: Moment
    value: float
    left: float
    """Without what was paid back; 0 of an order that was cancelled."""


class ResponseShown(TypedDict):
    offer_id: str
    kind: str
    times: int
    last_at: Moment


class LoyaltyShown(TypedDict):
    card: str | None
    level: str | None
    points: float
    segment: str | None
    member_since: Moment
    points_lapse_at: Moment
    told_at: Moment


class DismissedShown(TypedDict):
    item_id: str
    at: Moment


class ExposureShown(TypedDict):
    experiment_id: str
    variant_id: str
    at: Moment


class TicketShown(TypedDict):
    ticket_id: str
    reason: str | None
    opened_at: Moment
    promised_at: Moment
    resolved_at: Moment


class ContactShown(TypedDict):
    at: Moment
    channel: str
    reason: str | None
    ticket_id: str | None


class MomentShown(TypedDict):
    moment: str
    at: Moment
    raised_at: Moment


class RecentShown(TypedDict):
    kind: str
    item_id: str
    at: int


class BoughtShown(TypedDict):
    item_id: str
    times: int
    last_at: int


class FactsShown(TypedDict):
    attributes: dict[str, AttributeValue]
    recent: list[RecentShown]
    history: list[BoughtShown]


class TimelineLine(TypedDict):
    at: Moment
    event: str
    about: str
    value: NotRequired[float]


class DwellShown(TypedDict):
    item_id: str
    seconds: int
    hovers: int


class VisitShown(TypedDict):
    started_at: Moment
    last_event_at: Moment
    going_on: bool
    minutes: float
    pages: int
    views: int
    items: list[str]
    dwell: list[DwellShown]
    searches: tuple[str, ...]
    referrer: str | None
    campaign: str | None
    device: str | None
    place: str | None
    geofences: list[str]
    checkout_started_at: Moment
    path: list[TimelineLine]


class ProfileShown(TypedDict):
    """What is known of somebody, with where each thing comes from and since when."""

    customer: Ids
    known: bool
    person: str
    version: int
    first_name: str
    persona: str
    segments: tuple[str, ...]
    identities: Identities
    traits: dict[str, TraitShown]
    consent: dict[str, ConsentShown]
    session: VisitShown | None
    cart: list[LineShown]
    orders: list[OrderShown]
    responses: list[ResponseShown]
    loyalty: LoyaltyShown | None
    not_for_me: list[DismissedShown]
    experiments: list[ExposureShown]
    tickets: list[TicketShown]
    contacts: list[ContactShown]
    moments: list[MomentShown]
    facts: FactsShown


class TimelineShown(TypedDict):
    """What somebody did, latest first."""

    events: list[TimelineLine]
    of: int
    next: NotRequired[int]
    """What to ask on with in `before`; not there: these were the last."""


class Caller(TypedDict):
    customer_id: str | None
    first_name: str | None


class ContactCentreShown(TypedDict):
    """What somebody who takes a call should see."""

    customer: Caller
    persona: str
    segments: tuple[str, ...]
    loyalty: LoyaltyShown | None
    contacts: list[ContactShown]
    open_tickets: list[TicketShown]
    visit: VisitShown | None
    cart: list[LineShown]
    linked_contact: ContactShown | None
    summary: str
