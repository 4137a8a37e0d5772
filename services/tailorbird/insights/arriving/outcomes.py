"""What came of decisions, read out of events: impressions, clicks, orders, redemptions, and what people said of it.

An event tells it in Segment's words. Whose it was is kept as keyed digests of the ids until it is known which person
that is; nothing that names anybody rests here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b, sha256
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.contracts.profiles import Event, Purchased, RefusedEvent

__all__ = [
    "Outcome", "OutcomeKind", "encoded", "link_of", "outcomes_of", "redemption_id", "read_outcomes", "refused", "who",
]  # fmt: skip

OutcomeKind = Literal[
    "impression", "click", "order", "refund", "redemption", "not_for_me", "rating", "complaint", "opt_out", "open",
    "link", "refused",
]  # fmt: skip

_KINDS: Mapping[str, OutcomeKind] = {
    "promotion viewed": "impression",
    "product list viewed": "impression",
    "article viewed": "impression",
    "email opened": "open",
    "promotion clicked": "click",
    "product clicked": "click",
    "email link clicked": "click",
    "order completed": "order",
    "order refunded": "refund",
    "order cancelled": "refund",
    "offer redeemed": "redemption",
    "item dismissed": "not_for_me",
    "promotion dismissed": "not_for_me",
    "promotion refused": "not_for_me",
    "offer refused": "not_for_me",
    "product reviewed": "rating",
    "experience rated": "rating",
    "complaint made": "complaint",
    "email marked as spam": "complaint",
    "unsubscribed": "opt_out",
    "email unsubscribed": "opt_out",
}
"""By lower-case name."""
LATE = 3_600.0
"""Seconds from which on an event counts as late."""
DIGITS = 16
_PROXIES = (
    "googleimageproxy", "ggpht.com", "yahoomailproxy", "applebot", "mozilla/5.0 (macintosh; intel mac os x) apple",
    "barracuda", "mimecast", "proofpoint", "safelinks", "symantec", "cloudmark", "trendmicro", "headlesschrome", "bot",
    "spider", "crawler", "python-requests", "curl/", "scanner",
)  # fmt: skip
"""Parts of what fetches e-mails and links for people: privacy proxies, scanners of companies, robots."""
LINES_AT_MOST = 500


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that came of a decision, or of none."""

    outcome_id: str
    """A digest of the event's message id: told twice it counts once."""
    at: float
    kind: OutcomeKind
    decision_id: str = ""
    person: str = ""
    who: tuple[str, ...] = ()
    """Keyed digests of the ids it came under, until the person is known."""
    order: str = ""
    """A digest of the order's id."""
    offer_id: str = ""
    item_id: str = ""
    slot: str = ""
    channel: str = ""
    items: float = 0.0
    """Units of an order."""
    revenue: float = 0.0
    margin: float | None = None
    cost: float = 0.0
    """Of a redemption or an order: what was taken off."""
    rating: float = 0.0
    """From 0 to 1."""
    bought: tuple[str, ...] = ()
    late: bool = False
    machine: bool = False
    """Done by a proxy or scanner, for nobody."""
    simulated: bool = False


_outcomes = msgspec.json.Decoder(Outcome)
encoded = msgspec.json.Encoder().encode


def who(kind: str, name: str, key: bytes) -> str:
    """What stands for an id here: nobody who has not the key can tell it from a list of ids."""
    return blake2b(f"{kind}:{name}".encode("utf-8", "surrogatepass"), key=key, digest_size=12).hexdigest()


def outcomes_of(event: Event, key: bytes) -> tuple[Outcome, ...]:
    """What the event tells: nothing, one thing, or of an order with a coupon also that the offer was redeemed."""
    kind = _KINDS.get(event.event.lower()) if event.type == "track" else None
    if kind is None:
        return ()
    told, context = event.properties, event.context
    outcome = Outcome(
        outcome_id=_digest("message", event.message_id),
        at=event.at,
        kind=kind,
        decision_id=_text(told.get("decision_id") or context.get("decision_id")),
        who=() if event.needs_consent or _refused(context) else _ids(event, key),
        offer_id=_text(told.get("promotion_id") or told.get("offer_id") or told.get("promotionId")),
        item_id=_text(told.get("product_id") or told.get("item_id") or told.get("productId")),
        slot=_text(told.get("slot") or told.get("list_id")),
        channel=_text(context.get("channel"))[:40],
        cost=_amount(told.get("amount")) or 0.0,
        rating=_rating(told) if kind == "rating" else 0.0,
        late=event.received_at - event.at > LATE if event.received_at else False,
        machine=_is_machine(told, context),
        simulated=bool(context.get("simulated") or told.get("simulated")),
    )
    if kind in ("order", "refund"):
        return _ordered(outcome, event)
    order_id = _text(told.get("order_id"))
    if kind == "redemption" and order_id:
        order = _digest("order", order_id)
        return (replace(outcome, outcome_id=redemption_id(outcome.offer_id, order), order=order),)
    return (outcome,)


def _ordered(outcome: Outcome, event: Event) -> tuple[Outcome, ...]:
    told = event.properties
    products = told.get("products")
    lines = [one for one in products[:LINES_AT_MOST] if isinstance(one, dict)] if isinstance(products, list) else []
    revenue = _revenue(told, lines)
    order = _digest("order", _text(told.get("order_id") or told.get("orderId")) or event.message_id)
    coupon = outcome.offer_id or _text(told.get("coupon"))
    placed = replace(outcome, order=order, item_id="", offer_id="", cost=0.0)
    if outcome.kind == "refund":
        return (replace(placed, revenue=-revenue),)
    placed = replace(
        placed,
        items=sum(map(_quantity, lines)),
        revenue=revenue,
        margin=_amount(told.get("margin")),
        bought=tuple(name for line in lines if (name := _item(line))),
    )
    if not coupon:
        return (placed,)
    redeemed = replace(
        outcome, outcome_id=redemption_id(coupon, order), kind="redemption", order=order, offer_id=coupon,
        cost=_amount(told.get("discount")) or 0.0,
    )  # fmt: skip
    return placed, redeemed


def redemption_id(offer_id: str, order: str) -> str:
    """One offer is redeemed once in an order, whoever tells it."""
    return _digest("redemption", f"{offer_id}:{order}")


def link_of(bought: Purchased) -> Outcome:
    """Who placed an order, as profiles tell it once they know."""
    return Outcome(
        outcome_id=f"l{bought.message}", at=bought.at, kind="link", person=bought.person, order=bought.order,
    )  # fmt: skip


def refused(event: RefusedEvent) -> Outcome:
    """That an event could not be understood."""
    return Outcome(outcome_id=f"r{_digest('message', event.event.message_id)}", at=event.at or event.event.at,
                   kind="refused")  # fmt: skip


def read_outcomes(lines: Iterable[bytes]) -> Iterator[Outcome]:
    """The outcomes among these lines of a journal; one cut short by a crash comes again, and is left out."""
    for line in lines:
        try:
            yield _outcomes.decode(line)
        except msgspec.MsgspecError:
            continue


def _ids(event: Event, key: bytes) -> tuple[str, ...]:
    named = (("customer", event.customer_id), ("anonymous", event.anonymous_id))
    return tuple(who(kind, name, key) for kind, name in named if name)


def _refused(context: Mapping[str, Any]) -> bool:
    """Whether the event itself says that its person is not to be measured."""
    consent = context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    return isinstance(preferences, dict) and preferences.get("analytics") is False


def _is_machine(told: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    if told.get("machine") or told.get("proxy") or told.get("scanner"):
        return True
    agent = context.get("userAgent")
    return isinstance(agent, str) and any(part in agent.lower() for part in _PROXIES)


def _revenue(told: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> float:
    for name in ("revenue", "total", "value", "subtotal"):
        found = _amount(told.get(name))
        if found:
            return found
    return sum((_amount(line.get("price")) or 0.0) * _quantity(line) for line in lines)


def _rating(told: Mapping[str, Any]) -> float:
    """The rating between its least (0, or 1 of five stars) and its most."""
    most = _amount(told.get("rating_max")) or 5.0
    least = 1.0 if most <= 7.0 else 0.0
    given = min(max(_amount(told.get("rating")) or 0.0, least), most)
    return (given - least) / (most - least) if most > least else 0.0


def _item(line: Mapping[str, Any]) -> str:
    return _text(line.get("product_id") or line.get("item_id") or line.get("productId") or line.get("sku"))


def _quantity(line: Mapping[str, Any]) -> float:
    found = _amount(line.get("quantity"))
    return 1.0 if found is None else min(found, 10_000.0)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value).strip()[:200]


def _amount(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0.0 <= number <= 1e9 else None


def _digest(kind: str, name: str) -> str:
    """As profiles make it of the same message, so that what they tell of an order finds it."""
    return sha256(f"{kind}:{name}".encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
