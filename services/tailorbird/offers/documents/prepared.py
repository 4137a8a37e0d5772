"""A document made ready to be decided: everything about it that does not depend on the customer, worked out once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec import Raw, Struct

from tailorbird.offers.documents.gate import gate
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.offers.items import Items
from tailorbird.offers.learning.responses import Responses
from tailorbird.offers.redeeming.limits import zone_of
from tailorbird.rules.attributes import CATALOGUE
from tailorbird.rules.condition import Condition
from tailorbird.rules.normal import AnyOf, Node

__all__ = ["Prepared", "Preparing", "money_of", "prepare", "window"]


class Prepared(Struct, frozen=True, eq=False):
    """One offer or action, ready."""

    id: str
    number: int
    """64 bits of a digest of the id: what chance knows it by."""
    document: Offer | Action
    gate: Node
    starts: float
    """Seconds since 1970 UTC; minus infinity when it always was."""
    item_ids: frozenset[str]
    scoped: bool
    """True for an offer on certain items, false for one on the whole basket and for an action."""
    share: float
    """Part of the catalogue that its scope covers, 0 to 1."""
    appeal: float
    """How attractive it is to a customer whom it suits: 0 to 1, twice that where addressed, times how well it was taken
    so far.
    """
    contents: dict[str, Raw]
    """What the customer sees of it, as JSON, by persona; `""` for all others."""
    silence: bool
    """It stands for doing nothing."""
    asks: tuple[str, ...]
    """Attributes of which an action's questions ask."""
    reasons: tuple[str, ...] | None
    """What may be told of its rule to everybody whom it lets in. None: that depends on what was found."""


class Preparing:
    """Prepares documents, each once: whoever asks again for the same document gets what was made."""

    def __init__(self, items: Items, responses: Mapping[str, Responses]) -> None:
        self.items = items
        self._responses = responses
        self._most_redeemed = max((counts.redeemed for counts in responses.values()), default=0)
        self._made: dict[str, Prepared] = {}

    def prepared(self, identity: str, document: Offer | Action) -> Prepared:
        made = self._made.get(identity)
        if made is None or made.document is not document:
            counts = self._responses.get(identity, Responses(identity))
            made = self._made[identity] = prepare(identity, document, self.items, counts, self._most_redeemed)
        return made


def window(document: Offer | Action) -> tuple[float, float]:
    """From when until when it is open, in seconds since 1970 UTC; the end is the first moment at which it is over."""
    if not document.active:
        return (math.inf, math.inf)
    starts = _moment(document.starts_at, document.zone) if document.starts_at else -math.inf
    return (starts, _moment(document.ends_at, document.zone) if document.ends_at else math.inf)


def _moment(at: datetime, zone: str) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=zone_of(zone))).timestamp()


def prepare(
    identity: str, document: Offer | Action, items: Items, responses: Responses, most_redeemed: int
) -> Prepared:
    """The document ready; `most_redeemed` is how often the most popular offer of all was redeemed."""
    scope = document.scope if isinstance(document, Offer) else None
    rule = gate(document)
    return Prepared(
        id=identity,
        number=int.from_bytes(blake2b(identity.encode(), digest_size=8).digest(), "little"),
        document=document,
        gate=rule,
        starts=window(document)[0],
        item_ids=frozenset(scope.item_ids) if scope else frozenset(),
        scoped=scope is not None and not scope.whole_basket,
        share=_share(document, items) if isinstance(document, Offer) else 0.0,
        appeal=_appeal(document) * _taken(responses, most_redeemed),
        contents=_contents(document, items),
        silence=document.kind == "silence",
        asks=tuple(f"customer.{one.trait}" for one in document.questions) if isinstance(document, Action) else (),
        reasons=_reasons(rule),
    )


USUAL_SPEND = 5.0
"""Money that goes into what one scoped offer is on, in a basket that has some of it."""
USUAL_BASKET = 30.0
ADDRESSED = 2.0
"""What counts more when somebody chose this customer for it: an offer of an audience."""
_MONEY = {"bogo": 2.0, "free_shipping": 5.0, "gift": 3.0, "bundle_price": 3.0}


def money_of(offer: Offer) -> float:
    """What it gives a customer who makes use of it once, in money: a convention that makes kinds comparable."""
    value = offer.value or 0.0
    if offer.kind == "percent_off":
        return value / 100.0 * (USUAL_BASKET if offer.scope.whole_basket else USUAL_SPEND)
    if offer.kind == "points":
        return value / 100.0
    if offer.kind in ("amount_off", "coupon"):
        return value or 1.0
    return _MONEY[offer.kind]


def _appeal(document: Offer | Action) -> float:
    """0 to 1, saturating at some five units of money: the second five count less than the first."""
    if not isinstance(document, Offer):
        return 0.5
    money = money_of(document)
    return money / (money + 5.0) * (ADDRESSED if document.audience_id else 1.0)


def _taken(responses: Responses, most_redeemed: int) -> float:
    """1 for an offer of which nothing is known, to 1.5 for the most redeemed; below 1 where it was mostly refused.

    A propensity of the crowd, until one is learned per customer.
    """
    liked = responses.redeemed / most_redeemed if most_redeemed else 0.0
    shown = responses.redeemed + responses.clicked + responses.refused
    return (1.0 + 0.5 * liked) * (1.0 - 0.5 * responses.refused / (shown + 10.0))


def _share(offer: Offer, items: Items) -> float:
    if not len(items):
        return 0.0
    scope = offer.scope
    if scope.item_ids:
        return min(len(scope.item_ids) / len(items), 1.0)
    departments, categories, brands = set(scope.departments), set(scope.categories), set(scope.brands)
    covered = 0
    for kind, count in zip(items.classes, items.counts, strict=True):
        if kind.department in departments or kind.category in categories or kind.brand in brands:
            covered += count
    return min(covered / len(items), 1.0)


_SEEN_OF_OFFERS = (
    "kind", "headline", "text", "terms", "code", "value", "quantity", "gift_item_id", "minimum_spend", "ends_at",
    "theme", "image",
)  # fmt: skip
_SEEN_OF_ACTIONS = (
    "kind", "headline", "text", "call_to_action", "url", "questions", "offer_id", "attributes", "theme", "image",
)  # fmt: skip


def _contents(document: Offer | Action, items: Items) -> dict[str, Raw]:
    names = _SEEN_OF_OFFERS if isinstance(document, Offer) else _SEEN_OF_ACTIONS
    seen = {name: value for name in names if (value := getattr(document, name)) not in ("", None, (), {})}
    if seen.get("quantity") == 1:
        del seen["quantity"]
    if isinstance(document, Offer) and not document.scope.whole_basket:
        seen["applies_to"] = _applies_to(document, items)
    contents = {"": Raw(msgspec.json.encode(seen))}
    for persona, creative in document.creatives.items():
        said = {name: value for name, value in msgspec.structs.asdict(creative).items() if value}
        contents[persona] = Raw(msgspec.json.encode(seen | said))
    return contents


def _applies_to(offer: Offer, items: Items) -> list[str]:
    """Names of what it is on, at most three: of items that it does not describe, their most frequent categories."""
    scope = offer.scope
    named = [*scope.categories, *scope.departments, *scope.brands]
    if not named:
        counted = Counter(category for item_id in scope.item_ids if (category := items.category_of(item_id)))
        # Among equals the name decides, so that the same document always reads the same.
        named = [name for name, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]
    return list(dict.fromkeys(named))[:3]


def _reasons(node: Node) -> tuple[str, ...] | None:
    """The sentences of a rule that is nothing but conditions that must all hold: they are true of all it lets in."""
    if isinstance(node, Condition):
        attribute = CATALOGUE.find(node.field)
        if attribute is None or attribute.sensitive or node.negated or not attribute.because:
            return ()
        return None if "{value}" in attribute.because or attribute.type == "yes_no" else (attribute.because,)
    if isinstance(node, AnyOf):
        return None
    parts = [_reasons(part) for part in node.parts]
    said = [sentence for part in parts if part is not None for sentence in part]
    return None if None in parts else tuple(dict.fromkeys(said))
