"""The assembler answers: what does this customer see?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Raw

from tailorbird.contracts.documents import (
    Applied,
    ApplyQuery,
    Document,
    ListDocumentsQuery,
    ListedDocuments,
    Schemas,
    SchemasQuery,
)
from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.insights import Decision, DecisionChoice
from tailorbird.contracts.offers import Candidate, DecisionSlot
from tailorbird.contracts.profiles import Event
from tailorbird.contracts.reports import DataQuality, DataQualityQuery
from tailorbird.contracts.wire import Endpoint, Message
from tailorbird.contracts.words import CartLine, Channel, CustomerRef, Id, Seconds

__all__ = [
    "APPLY",
    "DATA_QUALITY",
    "EMAIL",
    "LIST_DOCUMENTS",
    "PAGE",
    "SCHEMAS",
    "SHOWN_SLOT",
    "WHY",
    "DecisionExplained",
    "EmailPayload",
    "EmailQuery",
    "Fallback",
    "LayoutChosen",
    "Provenance",
    "PageContext",
    "PagePayload",
    "PageQuery",
    "ServedCustomer",
    "WhyQuery",
]


_TEXT: dict[str, Any] = {"type": "string"}
_CHOSEN: dict[str, Any] = {"score": {"type": "number"}, "reasons": {"type": "array", "items": _TEXT}}
_THING: dict[str, Any] = {"type": "object", "properties": _CHOSEN}
_ITEM_TEXTS = ("item_id", "title", "url", "image_url", "currency", "brand", "category", "department")
_ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["item_id", "title", "url", "image_url"],
    "properties": {**dict.fromkeys(_ITEM_TEXTS, _TEXT), "price": {"type": "number"}, **_CHOSEN},
}
SHOWN_SLOT = Annotated[
    Raw,
    Meta(
        extra_json_schema={
            "title": "Slot",
            "type": "object",
            "required": ["id", "type"],
            "properties": {
                "id": _TEXT,
                "type": _TEXT | {"description": "`recommendations`, `offers`, `hero` ...: says what else it holds."},
                "title": _TEXT,
                "text": _TEXT,
                "items": {"type": "array", "items": _ITEM},
                "offers": {"type": "array", "items": _THING},
                "actions": {"type": "array", "items": _THING},
            },
        }
    ),
]
"""A slot as JSON: {id, type, ...what its type holds}; items are encoded once per item, not per page."""


class PageContext(Message):
    """The moment of the call."""

    channel: Channel = "web"
    referrer: Annotated[str, Meta(max_length=2_000)] = ""
    device: Annotated[str, Meta(max_length=40)] = ""
    item_id: Annotated[str, Meta(max_length=200)] = ""
    """The item a product page is about."""
    cart: Annotated[tuple[CartLine, ...], Meta(max_length=500)] | None = None
    """None: the cart known from events. An empty list: the cart is empty."""
    store_id: Annotated[str, Meta(max_length=200)] = ""
    locale: Annotated[str, Meta(max_length=35)] = ""
    campaign: Annotated[str, Meta(max_length=200)] = ""
    """utm_campaign of the visit."""
    query: Annotated[str, Meta(max_length=200)] = ""
    """What was searched for."""
    results: Annotated[tuple[Id, ...], Meta(max_length=1_000)] = ()
    """Ids of the items that the shop's own search found, best first; a slot of type search puts them into order."""
    screen: Annotated[str, Meta(max_length=12)] = ""
    """Of an app: its screen in points, `390x844`; no more is chosen than fits."""
    barcode: Annotated[str, Meta(max_length=60)] = ""
    """The code that the customer scanned: of the item that has it in `gtin`, `ean`, `upc` or `barcode`."""
    region: Annotated[str, Meta(max_length=10)] = ""
    """Where the customer is, as a country and perhaps its part (`DE`, `US-CA`): decides what needs their consent."""
    gpc: bool = False
    """The browser sends Global Privacy Control."""


class PageQuery(Message):
    """Assemble this page for this customer, now."""

    page: Id
    customer: CustomerRef = CustomerRef()
    context: PageContext = PageContext()
    events: tuple[Event, ...] = ()
    """What happened just now; the caller's route has stored them already."""
    explain: bool = False
    explain_at_most: Annotated[int, Meta(ge=0)] = 0
    """Of the offers and actions that were not chosen so many are explained; 0: all, which may be thousands."""
    explain_about: Annotated[str, Meta(max_length=200)] = ""
    """Id of an offer or action that is explained in any case."""
    preview: bool = False
    """Decide without storing anything."""
    at: Seconds = 0.0
    """Of a preview: as if it were then; 0: now."""
    trial: tuple[Document, ...] = ()
    """Of a preview: as if these documents (offers, actions, layouts) were at work."""
    slots: Annotated[tuple[DecisionSlot, ...], Meta(max_length=20)] = ()
    """Instead of a layout's slots these: offers and actions only, for who lays out by itself (`POST /v1/decide`)."""
    slot: Annotated[str, Meta(max_length=200)] = ""
    """Only this slot of the page, as it stands there: for who puts pages together from fragments."""
    shared_variant: Annotated[str, Meta(max_length=200)] = ""
    """With `slot`: as everybody sees it who gets this variant. Fault(422) for what is made for a person."""
    form: Literal["", "page", "app", "push", "brief", "lines"] = ""
    """Answered in this form too: HTML, compact for an app, a push message, an agent's brief, lines to print."""
    width: int = 42
    """Of lines to print: characters in one."""
    variants: dict[str, str] = {}
    """Of a preview, or of a shared slot: experiment -> the variant to be shown, whoever it is, running or not."""


class ServedCustomer(Message, omit_defaults=False):
    customer_id: str | None
    anonymous_id: str | None
    known: bool
    persona: str
    segments: tuple[str, ...]
    note: str = ""
    """Said when the customer asked for is not known and was served as anonymous."""


class LayoutChosen(Message, omit_defaults=False):
    id: str
    variant: str
    theme: dict[str, Any]


class Fallback(Message, omit_defaults=False):
    slot: str
    reason: str


class Provenance(Message, omit_defaults=False):
    """Versions of what decided, and how long it took."""

    model: str
    rules: str
    layouts: str
    took_ms: float


class PagePayload(Message, omit_defaults=False):
    """The finished page."""

    decision_id: str
    page: str
    customer: ServedCustomer
    layout: LayoutChosen
    slots: tuple[SHOWN_SLOT, ...]
    fallbacks: tuple[Fallback, ...]
    meta: Provenance
    experiments: tuple[Assignment, ...] = ()
    """The variants that this page was made of."""
    held_out: bool = False
    """The person is kept out of personalization, as part of what its effect is measured against."""
    shared: tuple[str, ...] = ()
    """Slots that are the same for everybody who gets this variant in this language: they may be cached for all."""
    locale: str = ""
    """In which language it was asked for, or the customer is known to read."""
    formed: Any = None
    """The page in the form that was asked for."""
    trace: dict[str, Any] | None = None


class EmailQuery(Message):
    email: Id
    customer: CustomerRef = CustomerRef()
    message_id: Annotated[str, Meta(max_length=200)] = ""
    """One (message, recipient) gets one decision however often it is fetched."""
    preview: bool = False
    trial: tuple[Document, ...] = ()
    """Of a preview: as if these documents (e-mails, offers, actions) were at work."""


class EmailPayload(Message, omit_defaults=False):
    decision_id: str
    subject: str
    preheader: str
    headers: dict[str, str]
    html: str
    text: str
    sender: str = ""
    """Name and address from whom it comes: `Wren & Barley <hello@example.com>`."""
    reply_to: str = ""
    topic: str = ""


class WhyQuery(Message):
    decision_id: str
    why_not: str = ""
    """An offer or action of which a sentence is wanted."""


class DecisionExplained(Message, omit_defaults=False):
    """A decision with its inputs opened and every refused candidate's reason, recomputed from those inputs."""

    decision: Decision
    choices: tuple[DecisionChoice, ...]
    """What was chosen, line by line."""
    inputs: Any
    """None when the person's key is gone: the decision stays countable, what was known of the person does not."""
    candidates: tuple[Candidate, ...]
    recomputed_with: str
    note: str = ""
    replayed: bool | None = None
    """Decided again from these inputs, the same came out to the last bit. None: there was nothing to decide again."""
    why_not: str = ""


PAGE = Endpoint("tailorbird.assembler.v1.page", PageQuery, PagePayload, budget_ms=140)
EMAIL = Endpoint("tailorbird.assembler.v1.email", EmailQuery, EmailPayload, budget_ms=1_000)
DATA_QUALITY = Endpoint("tailorbird.assembler.v1.data_quality", DataQualityQuery, DataQuality, budget_ms=60_000)
"""What insights say of events and decisions, with what is wrong with items, and offers near their budgets."""
WHY = Endpoint("tailorbird.assembler.v1.why", WhyQuery, DecisionExplained, budget_ms=4_000)
APPLY = Endpoint("tailorbird.assembler.v1.apply", ApplyQuery, Applied, budget_ms=10_000)
LIST_DOCUMENTS = Endpoint("tailorbird.assembler.v1.documents", ListDocumentsQuery, ListedDocuments, budget_ms=2_000)
SCHEMAS = Endpoint("tailorbird.assembler.v1.schemas", SchemasQuery, Schemas, budget_ms=2_000)
