"""Which documents are written in the studio: a row for each kind. A new kind is one row, once its owner keeps it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from tailorbird.contracts import assembler, offers, profiles, recommender
from tailorbird.contracts.documents import Applied, ApplyQuery, Schemas, SchemasQuery
from tailorbird.contracts.wire import Endpoint, Fault

__all__ = ["BUCKETS", "KINDS", "Kind", "Owner", "kind_at"]


class Owner(Struct, frozen=True):
    """The service that keeps documents of a kind: how it takes them, tells how they are written, where they rest."""

    apply: Endpoint[ApplyQuery, Applied]
    schemas: Endpoint[SchemasQuery, Schemas]
    bucket: str


OFFERS = Owner(offers.APPLY, offers.SCHEMAS, "offers")
PROFILES = Owner(profiles.APPLY, profiles.SCHEMAS, "segments")
ASSEMBLER = Owner(assembler.APPLY, assembler.SCHEMAS, "layouts")
RECOMMENDER = Owner(recommender.APPLY, recommender.SCHEMAS, "curations")

Group = tuple[str, tuple[str, ...]]


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of document."""

    kind: str
    plural: str
    """Its address: /studio/<plural>."""
    title: str
    one: str
    """`an offer`."""
    says: str
    owner: Owner
    named_by: tuple[str, ...] = ("name",)
    """Fields of which the first that says something is the document's title."""
    groups: tuple[Group, ...] = ()
    """Fields that stand together in its form, in that order, under a heading; the rest stands under "More"."""
    hidden: tuple[str, ...] = ()
    """Fields that a person has no use for; they are kept as they are."""
    first: dict[str, Any] = {}
    """What a new one starts from."""
    counted: bool = False
    """Whether its rule is about what is known of customers, so that they can be counted."""
    previewed: str = ""
    """`page` or `email`: where one sees what it does."""
    single: str = ""
    """The id of the only one there can be."""


WHO: Group = ("Who gets it", ("rule", "audience_id"))
WHEN: Group = ("When and where", ("starts_at", "ends_at", "zone", "channels", "pages", "active"))
WEIGHT: Group = (
    "How it ranks",
    ("priority", "weight", "objective", "margin", "cost", "exclusion_group", "control_share"),
)

KINDS: tuple[Kind, ...] = (
    Kind(
        kind="offer",
        plural="offers",
        title="Offers",
        one="an offer",
        says="Promises with value, made to the customers whom their rules let in.",
        owner=OFFERS,
        named_by=("headline",),
        groups=(
            ("What it promises", ("headline", "kind", "value", "text", "reason", "terms", "minimum_spend", "quantity")),
            WHO,
            ("What it is on", ("scope", "goes_with", "gift_item_id")),
            WHEN,
            WEIGHT,
            ("Limits and codes", ("limit", "code", "unique_codes", "stacking", "reserve_minutes", "commit")),
            ("How it looks", ("theme", "image", "creatives")),
        ),
        hidden=("loaded",),
        first={"kind": "percent_off", "value": 10, "headline": "", "priority": 60},
        previewed="page",
    ),
    Kind(
        kind="action",
        plural="actions",
        title="Actions",
        one="an action",
        says="Next best actions that are no offers: a chat, advice, an invitation to register.",
        owner=OFFERS,
        named_by=("headline",),
        groups=(
            ("What it does", ("headline", "kind", "text", "call_to_action", "url", "reason", "questions", "offer_id")),
            WHO,
            WHEN,
            WEIGHT,
            ("How it looks", ("theme", "image", "creatives", "limit", "attributes")),
        ),
        first={"kind": "advice", "headline": ""},
        previewed="page",
    ),
    Kind(
        kind="curation",
        plural="curations",
        title="Pins and bans",
        one="a pin, boost or ban",
        says="What you say of items, beside what is learned: these first, more or less of those, never these.",
        owner=RECOMMENDER,
        groups=(
            ("What it does", ("name", "does", "strength", "reason")),
            ("To which items", ("items", "categories", "brands")),
            ("Where and for whom", ("slots", "strategies", "segments", "stores")),
            ("When", ("starts_at", "ends_at", "active")),
        ),
        first={"name": "", "does": "boost", "strength": 2.0},
        previewed="page",
    ),
    Kind(
        kind="segment",
        plural="segments",
        title="Segments",
        one="a segment",
        says="Sets of customers by rule. Offers, layouts and moments may name them.",
        owner=PROFILES,
        groups=(("What it is called", ("name", "description")), ("Who is in it", ("rule",))),
        first={"name": "", "rule": {"combinator": "and", "rules": []}},
        counted=True,
    ),
    Kind(
        kind="persona",
        plural="personas",
        title="Personas",
        one="a persona",
        says="The named kinds of customer that pages are made for: everybody has one, the first whose rule holds.",
        owner=PROFILES,
        groups=(("What it is called", ("name", "description", "order")), ("Who it is", ("rule",))),
        first={"name": "", "rule": {"combinator": "and", "rules": []}},
        counted=True,
    ),
    Kind(
        kind="layout",
        plural="layouts",
        title="Layouts",
        one="a layout",
        says="What stands on a page, in which order and look, for each kind of customer.",
        owner=ASSEMBLER,
        named_by=("page",),
        groups=(("Which page", ("page", "channel")), ("Its variants", ("variants",))),
        first={
            "page": "",
            "variants": [
                {
                    "id": "everyone",
                    "theme": {
                        "palette": {
                            "page": "#fbfaf7",
                            "surface": "#ffffff",
                            "ink": "#1d1a17",
                            "muted": "#6b645c",
                            "accent": "#1f6f54",
                            "accent_ink": "#ffffff",
                            "highlight": "#d9480f",
                        },
                        "imagery": "basket",
                    },
                    "slots": [{"type": "recommendations", "id": "for-you", "title": "For you"}],
                }
            ],
        },
        previewed="page",
    ),
    Kind(
        kind="email",
        plural="emails",
        title="E-mails",
        one="an e-mail",
        says="What a letter says and looks like, in variants, decided for each recipient.",
        owner=ASSEMBLER,
        named_by=("subject", "name"),
        groups=(
            ("Who writes", ("sender_name", "postal_address")),
            ("Its variants", ("variants",)),
            ("Its build", ("mjml",)),
        ),
        previewed="email",
    ),
    Kind(
        kind="campaign",
        plural="campaigns",
        title="Campaigns",
        one="a campaign",
        says="One e-mail to everybody of an audience, once. `tailorbird campaign run` sends it.",
        owner=ASSEMBLER,
        groups=(("What goes out", ("name", "email", "send", "hour")), ("To whom", ("segments", "rule"))),
        first={"name": "", "email": "weekly"},
    ),
    Kind(
        kind="mailing",
        plural="mailings",
        title="How we write",
        one="how we write",
        says="Who signs, how often one recipient is written to at most, and what they may choose to hear of.",
        owner=ASSEMBLER,
        named_by=(),
        single="default",
    ),
    Kind(
        kind="moment",
        plural="moments",
        title="Moments",
        one="a moment",
        says="Situations worth reacting to: an event, perhaps a wait, and what is said then.",
        owner=PROFILES,
        groups=(
            ("What it is called", ("name", "description", "active")),
            ("When it comes", ("on", "rule", "wait_seconds", "unless", "once", "pause_seconds")),
            ("What it says", ("headline", "text", "call_to_action", "url", "tone")),
            ("Where it says it", ("page", "browser", "shown_seconds", "webhooks")),
        ),
        first={"name": "", "on": ["Exit Intent"], "headline": ""},
    ),
    Kind(
        kind="webhook",
        plural="webhooks",
        title="Webhooks",
        one="a webhook",
        says="Other systems that are told when a moment comes, or who is in a segment. What is sent is signed.",
        owner=PROFILES,
        named_by=("name", "url"),
        groups=(("Who is told", ("name", "url", "active")),),
        hidden=("secret", "secret_before_until"),
        first={"name": "", "url": "https://"},
    ),
    Kind(
        kind="experiment",
        plural="experiments",
        title="Experiments",
        one="an experiment",
        says="Two or more ways of doing something, each for its part of the customers, to see which is better.",
        owner=ASSEMBLER,
        groups=(
            ("What is tried", ("name", "hypothesis", "status")),
            ("The ways", ("factors",)),
            ("Who takes part", ("share", "audience", "layer", "layer_from")),
            ("When", ("starts_at", "ends_at")),
        ),
        first={
            "name": "",
            "factors": [{"id": "way", "levels": [{"id": "control"}, {"id": "new"}]}],
        },
    ),
    Kind(
        kind="holdout",
        plural="holdouts",
        title="Holdout",
        one="the holdout",
        says="The customers who are kept out of personalization, so that one sees what it brings.",
        owner=ASSEMBLER,
        named_by=(),
        first={"share": 0.05},
        single="default",
    ),
    Kind(
        kind="goal",
        plural="goals",
        title="Goal",
        one="the goal",
        says="What choosing among offers aims at: how much margin, fit and newness count, how much is left to chance.",
        owner=OFFERS,
        named_by=(),
        single="default",
    ),
)

BUCKETS = tuple(dict.fromkeys(kind.owner.bucket for kind in KINDS))

_BY_PLURAL = {kind.plural: kind for kind in KINDS}


def kind_at(plural: str) -> Kind:
    """The kind with this address. Raises Fault(404)."""
    found = _BY_PLURAL.get(plural)
    if found is None:
        raise Fault(404, f"The studio keeps no '{plural}'; it keeps {', '.join(_BY_PLURAL)}.")
    return found
