"""Offers answer: which offers and actions may we make to this customer, and why (not)?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Raw

from tailorbird.contracts.documents import (
    Applied,
    ApplyQuery,
    Document,
    Imported,
    ImportQuery,
    ListDocumentsQuery,
    ListedDocuments,
    Schemas,
    SchemasQuery,
)
from tailorbird.contracts.wire import Endpoint, Message, Problem, Topic
from tailorbird.contracts.words import AttributeValue, Id, Seconds

__all__ = [
    "APPLY", "BUDGETS", "Budget", "Budgets", "BudgetsQuery", "AHEAD", "Ahead", "AheadQuery", "CHANGED", "CODES",
    "DECIDE", "EXPLAIN", "IMPORT", "LIST_DOCUMENTS", "Candidate", "Chosen", "Codes", "CodesQuery", "DecideQuery",
    "Decided", "DecidedFrom", "DecisionSlot", "ExplainQuery", "OffersChanged", "Explained", "REDEEM", "RedeemQuery",
    "Redemption", "SCHEMAS", "SIMULATE", "Displaced", "SimulateQuery", "Simulated", "SlotChoices",
]  # fmt: skip


class DecisionSlot(Message):
    """A place for offers or actions: how many, and of which kind."""

    slot: Id
    wants: Literal["offers", "actions"] = "offers"
    count: Annotated[int, Meta(ge=1, le=50)] = 4


class DecideQuery(Message):
    """Choose for all these slots at once: nothing twice across them."""

    slots: Annotated[tuple[DecisionSlot, ...], Meta(min_length=1, max_length=20)]
    customer: Raw = Raw(b"{}")
    """A `CustomerFacts` as JSON, encoded once per profile by the asker."""
    facts_name: str = ""
    """A name for these facts. Sent along once, the name alone does; Fault(428) asks for them again."""
    context: dict[str, AttributeValue] = {}
    """Attributes of this moment: `context.channel`, `cart.total`, `time.hour` ... (see rules.attributes)."""
    cart: tuple[str, ...] = ()
    just_bought: tuple[str, ...] = ()
    """Items bought within the last seven days, those of this very call included: never discounted."""
    at: Seconds = 0.0
    decision_id: str = ""
    """The decision that this becomes part of; responses come back under it."""
    person: str = ""
    """The customer's pseudonym: what was made to them before is kept to, and chance treats them alike each time."""
    customer_id: str = ""
    anonymous_id: str = ""
    """The ids under which their responses will come."""
    preview: bool = False
    """Nothing is remembered of it and nothing reserved."""
    goal: Annotated[str, Meta(max_length=200)] = ""
    """Ranked by this goal document instead of `default`, for an experiment. One that is gone: by `default`."""
    trial: tuple[Document, ...] = ()
    """Of a preview: offers and actions as they would be, were these at work."""


class DecidedFrom(Message):
    """What deciding knew beside the query: with both, the same comes out again, whatever has changed since."""

    epoch: str = ""
    """Documents, learned beliefs and spent budgets, as they were; kept under this name."""
    promised: tuple[str, ...] = ()
    """Made to this customer before and still kept to, the latest first."""
    excluded: dict[str, str] = {}
    """Not for this customer now -> why: `refused`, `shown`, `limit`, `reserve`; `*`: contact pressure."""
    held: tuple[str, ...] = ()
    """Used up for others, but a unit of each was held for this customer."""
    kept_back: tuple[str, ...] = ()
    """Would have been made, but for the chance that keeps them from some customers so that their effect shows."""
    codes: dict[str, str] = {}
    """Codes of their own that are held for the customer, by offer."""


class Chosen(Message):
    """An offer or action chosen, with what the customer sees of it as JSON (`headline`, `text`, `code` ...)."""

    offer_id: str
    score: float
    reasons: tuple[str, ...] = ()
    content: Raw = Raw(b"{}")
    propensity: float = 1.0
    """Probability with which chance would have put it here, for this customer in this state of knowledge."""
    basis: str = ""
    """What ranked it: `increment` or `propensity`; empty: promised before."""


class SlotChoices(Message):
    slot: str
    chosen: tuple[Chosen, ...] = ()
    note: str = ""


class Decided(Message):
    slots: tuple[SlotChoices, ...]
    rules: str
    """Version of the set of offer documents that decided."""
    considered: int = 0
    made_from: DecidedFrom = DecidedFrom()
    stands_for: float = 0.0
    """Seconds for which the same question gets this answer, unless `CHANGED` is announced meanwhile; 0: ask again."""


class OffersChanged(Message):
    """The same question may be answered otherwise from now on."""

    person: str = ""
    """About this customer, by pseudonym; empty: about everybody."""


class ExplainQuery(Message):
    """Recompute this decision and say of every candidate why (not)."""

    query: DecideQuery
    made_from: DecidedFrom = DecidedFrom()
    """What was known then, as it came with the answer; not given: what is known now."""
    others_at_most: Annotated[int, Meta(ge=0)] = 0
    """So many of those that were not chosen are told, best first; 0: all, which may be thousands."""
    about: Annotated[str, Meta(max_length=200)] = ""
    """Id of an offer or action that is told of in any case."""


class Candidate(Message, kw_only=True):
    """One offer or action and its fate. When refused: the first condition that excluded it."""

    offer_id: str
    headline: str = ""
    outcome: Literal["chosen", "outranked", "refused"]
    sentence: str
    score: float = 0.0
    field: str = ""
    wanted: Any = None
    found: Any = None
    parts: dict[str, float] = {}
    """Of what was ranked: `worth` (money expected of an average customer), `fit` (factor for this one), `newness`."""
    basis: str = ""
    """What its worth rests on: `increment`, or `propensity` until that is known."""


class Explained(Message):
    candidates: tuple[Candidate, ...]
    rules: str
    decided: Decided | None = None
    """The decision, made again."""
    left_out: int = 0
    """How many candidates were not told of, as no more were wanted."""
    note: str = ""
    """Said when it could not be recomputed from what was known then."""


class RedeemQuery(Message, kw_only=True):
    """A customer redeems an offer: count it, unless a limit is reached."""

    offer_id: Id
    customer: Id
    """Whoever's own limit it counts on: a customer id or a pseudonym, always the same one. Only a digest is kept."""
    redemption_id: Id
    """The key of this redemption: sent again it counts once and is answered alike; with another body it is refused."""
    household: Annotated[str, Meta(max_length=200)] = ""
    channel: Annotated[str, Meta(max_length=40)] = ""
    order_id: Annotated[str, Meta(max_length=200)] = ""
    """The order in which it is redeemed: exclusion groups and stacking hold within one."""
    amount: Annotated[float, Meta(ge=0, le=1_000_000_000)] = 0.0
    """Money that it cost; not told, what the offer says."""
    code: Annotated[str, Meta(max_length=200)] = ""
    decision_id: Annotated[str, Meta(max_length=200)] = ""
    """The decision that made the offer, for learning."""


class Redemption(Message, omit_defaults=False):
    counted: bool
    """False: a limit is reached, the offer may not be redeemed."""
    sentence: str
    code: str = ""
    """The code that was redeemed; of an offer with a pool, the one that is the customer's now."""


class CodesQuery(Message):
    """Add these codes to an offer's pool; those that it has had before are left out."""

    offer_id: Id
    codes: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=20_000)]


class Codes(Message, omit_defaults=False):
    added: int
    left: int
    """Codes of the pool that nobody has yet."""


class SimulateQuery(Message):
    """What would this offer do to these customers, were it saved?"""

    offer_id: Id
    offer: Raw
    """The document; one that has this id already is replaced for the simulation."""
    customers: Annotated[tuple[Raw, ...], Meta(max_length=20_000)]
    """`CustomerFacts` as JSON."""
    just_bought: tuple[tuple[str, ...], ...] = ()
    """What each of them bought within the last seven days; not given: nothing."""
    channel: str = "web"
    page: str = "home"
    count: Annotated[int, Meta(ge=1, le=50)] = 4
    """Places for offers on that page."""


class Displaced(Message, omit_defaults=False):
    offer_id: str
    customers: int


class Simulated(Message, omit_defaults=False):
    """What it would do; nothing was saved and nobody was made anything."""

    customers: int
    """How many were looked at."""
    eligible: int = 0
    made: int = 0
    """Of those, to how many it would be made."""
    segments: dict[str, int] = {}
    """Segment -> customers in it who may be made it; one customer may be in several."""
    redemptions: float = 0.0
    cost: float = 0.0
    """Money, at the expected redemptions."""
    displaced: tuple[Displaced, ...] = ()
    """Offers that stand there now and would not any more, the most displaced first."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


class AheadQuery(Message):
    """Decide for these customers ahead of time: what is chosen waits for them, and is checked again on contact."""

    queries: Annotated[tuple[DecideQuery, ...], Meta(max_length=500)]


class Ahead(Message, omit_defaults=False):
    chosen: tuple[tuple[str, ...], ...]
    """For each customer, the ids of what waits for them."""


class BudgetsQuery(Message):
    """Which offers that run now have used up how much of what limits them?"""

    at_least: float = 0.0
    """Only those of which this share is used."""
    count: Annotated[int, Meta(ge=1, le=200)] = 20


class Budget(Message, omit_defaults=False):
    """What limits an offer most, and how far it is used."""

    offer_id: str
    headline: str
    limit: Literal["total", "money", "per_period", "codes"]
    used: float
    most: float


class Budgets(Message, omit_defaults=False):
    budgets: tuple[Budget, ...]
    """The fullest first."""
    limited: int
    """How many running offers are limited at all."""
    found: int
    """How many were asked for, shown or not."""


DECIDE = Endpoint("tailorbird.offers.v1.decide", DecideQuery, Decided, budget_ms=90, hedge=True)
EXPLAIN = Endpoint("tailorbird.offers.v1.explain", ExplainQuery, Explained, budget_ms=1_000)
APPLY = Endpoint("tailorbird.offers.v1.apply", ApplyQuery, Applied, budget_ms=10_000)
LIST_DOCUMENTS = Endpoint("tailorbird.offers.v1.documents", ListDocumentsQuery, ListedDocuments, budget_ms=2_000)
SCHEMAS = Endpoint("tailorbird.offers.v1.schemas", SchemasQuery, Schemas, budget_ms=2_000)
IMPORT = Endpoint("tailorbird.offers.v1.import", ImportQuery, Imported, budget_ms=300_000)
REDEEM = Endpoint("tailorbird.offers.v1.redeem", RedeemQuery, Redemption, budget_ms=2_000)
BUDGETS = Endpoint("tailorbird.offers.v1.budgets", BudgetsQuery, Budgets, budget_ms=2_000)
CODES = Endpoint("tailorbird.offers.v1.codes", CodesQuery, Codes, budget_ms=10_000)
SIMULATE = Endpoint("tailorbird.offers.v1.simulate", SimulateQuery, Simulated, budget_ms=60_000)
AHEAD = Endpoint("tailorbird.offers.v1.decide_ahead", AheadQuery, Ahead, budget_ms=30_000)

CHANGED = Topic("tailorbird.offers.v1.changed", OffersChanged)
