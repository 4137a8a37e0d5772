"""Profiles answer: who is this, and what have they done?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw

from tailorbird.contracts.documents import (
    Applied,
    ApplyQuery,
    Imported,
    ImportQuery,
    ListDocumentsQuery,
    ListedDocuments,
    Schemas,
    SchemasQuery,
)
from tailorbird.contracts.experiments import Exposure
from tailorbird.contracts.moments import MomentFired, MomentNote, Webhooks, WebhooksQuery, WebhookTold
from tailorbird.contracts.segments import CountQuery, SegmentCount, Values, ValuesQuery
from tailorbird.contracts.standing import LoyaltyNote, TicketNote
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Bought, CartLine, Consent, CustomerFacts, CustomerRef, Seconds

__all__ = [
    "APPLY", "BEGINNING", "COLLECTED", "COUNT", "GATHER", "IMPORT", "LIST_DOCUMENTS", "MOMENT_FIRED", "PROFILE",
    "PROFILES_STORED",
    "PROFILE_CHANGED", "PROFILE_PAGE", "PURCHASED", "REFUSED", "SCHEMAS", "SEGMENTS_CHANGED", "SHOPPERS", "VALUES",
    "VIEW", "WEBHOOKS", "Event", "EventBatch", "GatherQuery", "Gathered", "LoyaltyNote", "MomentFired", "MomentNote",
    "Profile",
    "ProfilePage", "ProfilePageQuery", "ProfileQuery", "ProfilesStored", "Purchased", "PurchasedLine",
    "RefusedEvent", "SegmentsChanged", "Shopper", "Shoppers", "ShoppersQuery", "TicketNote", "View", "ViewPart",
    "ViewQuery", "WebhookTold", "Webhooks", "WebhooksQuery",
]  # fmt: skip

BEGINNING = 60
"""Purchases that stand in a profile's facts: all that offers read."""

EventType = Literal["track", "identify", "page", "screen", "group", "alias"]


class Event(Message):
    """Something a customer did, in Segment's terms, after the collector has read and timed it."""

    message_id: str
    type: EventType
    at: Seconds
    """When it happened, clock skew corrected by `sentAt`."""
    received_at: Seconds = 0.0
    absurd_time: str = ""
    """The time as given, where it cannot be (before 2000, or more than a day ahead): `at` is the receipt then."""
    customer_id: str = ""
    """Segment's userId (of an alias: the id merged into)."""
    anonymous_id: str = ""
    previous_id: str = ""
    event: str = ""
    """Name of a track event: Segment's e-commerce names (Product Viewed, Order Completed ...)."""
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    needs_consent: bool = False
    """True where the region's default allows no personalization: without the person's yes nothing of it is kept."""
    trusted: bool = False
    """True when a server key vouched for it. Untrusted events link ids without revealing anything of the customer."""
    mistake: str = ""
    """Why what was sent cannot be read as an event: then it is kept as `properties.sent`, to be mended, and tells
    nothing."""


class EventBatch(Message):
    """Events that travel and rest together in the stream."""

    events: tuple[Event, ...]


class RefusedEvent(Message):
    """An event that was accepted and could not be folded: kept apart, so that it stops no other and can be mended."""

    event: Event
    reason: str
    """A sentence, with the place of the mistake."""
    at: Seconds = 0.0


class PurchasedLine(Message):
    """One item of an order."""

    item_id: str
    quantity: float = 1.0
    value: float = 0.0
    """What was paid for the whole line; 0: not told."""
    discounted: bool = False


class Purchased(Message):
    """An order that a profile has just taken in, for what training reads; only the pseudonym leads to the person."""

    message: str
    """A digest of the event's message id: the same order told again is the same row."""
    order: str
    """A digest of the order's id."""
    person: str
    at: Seconds
    lines: tuple[PurchasedLine, ...] = ()


class GatherQuery(Message):
    """Bring what was bought since into the snapshot that training reads."""


class Gathered(Message):
    orders: int = 0
    """New ones."""


class ProfileQuery(Message):
    """Who is this? With `events`, as if these had been folded already (nothing is stored by asking)."""

    customer: CustomerRef
    events: tuple[Event, ...] = ()
    person: str = ""
    """Instead of `customer`, the pseudonym: for opening what was sealed for this person, a decision's inputs."""


class Profile(Message):
    """What is known of one person, ready for a decision."""

    customer: CustomerRef
    known: bool = False
    """False when nothing is stored under these ids: the visitor is served as anonymous."""
    person: str = ""
    """A pseudonym that means nothing outside the suite; the key of everything stored of this person."""
    version: int = 0
    """Rises with every change; a cache keeps the higher one."""
    first_name: str = ""
    address_mark: str = ""
    """Stands for the e-mail address (see `contracts.mail`); empty: none is known."""
    facts: CustomerFacts = CustomerFacts()
    cart: tuple[CartLine, ...] = ()
    """The cart as events told it; a call that brings its own cart overrules it."""
    moments: tuple[MomentNote, ...] = ()
    """What came lately and was not seen yet, latest first."""
    loyalty: LoyaltyNote | None = None
    """None: no card of theirs is known."""
    tickets: tuple[TicketNote, ...] = ()
    """Requests for help that are open or were resolved lately, the one opened last first."""
    decision_key: bytes = b""
    """Key that seals what is stored of this person's decisions; derived from the person's own key, never written."""
    consent: dict[str, Consent] = {}
    """Purpose -> the person's word. Of somebody who refused personalization nothing else is told."""
    exposures: tuple[Exposure, ...] = ()
    """The experiments that they were exposed to, each with the variant that they had first."""
    dismissed: tuple[str, ...] = ()
    """Items that they said are not for them."""
    expires_at: Seconds = 0.0
    """Until then a cache may serve this copy (a visit ends, days pass); one announced as expired already replaces
    nothing: drop what is held of this person, whose ids now lead to another profile or to none."""
    history: Raw = Raw(b"[]")
    """All that was bought, as JSON of `tuple[Bought, ...]`, latest first, where it is more than stands in the facts:
    hundreds of lines that whoever passes them on need not read."""

    def purchases(self) -> tuple[Bought, ...]:
        """All that was bought, latest first."""
        return _decode_purchases(self.history) or self.facts.history


_decode_purchases = msgspec.json.Decoder(tuple[Bought, ...]).decode


class SegmentsChanged(Message):
    """Segment or persona rules were changed: cached profiles are out of date."""

    version: str


class ProfilesStored(Message):
    """Among instances of profiles, and to caches: these were stored anew, so that nobody serves a copy from before."""

    by: str
    """The instance that stored them; it ignores its own."""
    revisions: dict[str, int] = {}
    """Person -> revision in the bucket."""
    gone: tuple[str, ...] = ()
    """Persons whose profile became part of another's or was erased."""
    untold: dict[str, int] = {}
    """Person -> version, of those whose profile is not announced, as nobody asked that instance for it lately: a copy
    of a lower version is out of date."""


class ShoppersQuery(Message):
    """Some customers to choose from, for a demonstration or a preview."""

    count: int = 20
    persona: str = ""


class Shopper(Message):
    customer_id: str
    first_name: str = ""
    persona: str = ""
    segments: tuple[str, ...] = ()
    orders: int = 0


class Shoppers(Message):
    shoppers: tuple[Shopper, ...] = ()
    personas: dict[str, int] = {}
    """Persona -> how many customers have it."""


ViewPart = Literal["profile", "timeline", "contact_centre"]


class ViewQuery(Message):
    """One person's profile to be read by people who may see all of it; nothing is decided from it."""

    customer: CustomerRef
    """The first of its ids under which something is stored counts."""
    part: ViewPart = "profile"
    count: Annotated[int, Meta(ge=1, le=100)] = 100
    """Of a timeline: how many events."""
    before: int = 0
    """Of a timeline: `next` of the page before; 0: from the newest."""


class View(Message):
    body: Raw
    """JSON: who reads it is outside."""


class ProfilePageQuery(Message):
    """All profiles, page by page, in the order of their pseudonyms: for an export."""

    after: str = ""
    """The pseudonym with which the page before ended; empty: from the first."""
    count: Annotated[int, Meta(ge=1, le=200)] = 50


class ProfilePage(Message):
    """Profiles without their decision keys."""

    profiles: tuple[Profile, ...] = ()
    after: str = ""
    """Ask on with this; empty: this was the last page."""


PROFILE = Endpoint("tailorbird.profiles.v1.profile", ProfileQuery, Profile, budget_ms=60, hedge=True)
PROFILE_PAGE = Endpoint("tailorbird.profiles.v1.profile_page", ProfilePageQuery, ProfilePage, budget_ms=30_000)
VIEW = Endpoint("tailorbird.profiles.v1.view", ViewQuery, View, budget_ms=2_000)
VALUES = Endpoint("tailorbird.profiles.v1.attribute_values", ValuesQuery, Values, budget_ms=5_000)
COUNT = Endpoint("tailorbird.profiles.v1.count", CountQuery, SegmentCount, budget_ms=30_000)
WEBHOOKS = Endpoint("tailorbird.profiles.v1.webhooks", WebhooksQuery, Webhooks, budget_ms=2_000)
SHOPPERS = Endpoint("tailorbird.profiles.v1.shoppers", ShoppersQuery, Shoppers, budget_ms=2_000)
APPLY = Endpoint("tailorbird.profiles.v1.apply", ApplyQuery, Applied, budget_ms=10_000)
LIST_DOCUMENTS = Endpoint("tailorbird.profiles.v1.documents", ListDocumentsQuery, ListedDocuments, budget_ms=2_000)
SCHEMAS = Endpoint("tailorbird.profiles.v1.schemas", SchemasQuery, Schemas, budget_ms=2_000)
GATHER = Endpoint("tailorbird.profiles.v1.gather", GatherQuery, Gathered, budget_ms=300_000)
IMPORT = Endpoint("tailorbird.profiles.v1.import", ImportQuery, Imported, budget_ms=300_000)

COLLECTED = Topic("tailorbird.profiles.v1.collected", EventBatch, stream="EVENTS")
REFUSED = Topic("tailorbird.profiles.v1.refused", RefusedEvent, stream="REFUSED_EVENTS")
PURCHASED = Topic("tailorbird.profiles.v1.purchased", Purchased, stream="PURCHASES")
PROFILE_CHANGED = Topic("tailorbird.profiles.v1.changed", Profile)
PROFILES_STORED = Topic("tailorbird.profiles.v1.stored", ProfilesStored)
MOMENT_FIRED = Topic("tailorbird.profiles.v1.moment_fired", MomentFired)
SEGMENTS_CHANGED = Topic("tailorbird.profiles.v1.segments_changed", SegmentsChanged)
