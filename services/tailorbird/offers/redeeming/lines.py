"""What stands in the journal of redemptions: entries of what was asked, with all that the answers depend on."""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct

from tailorbird.contracts.offers import RedeemQuery
from tailorbird.offers.documents.offer import Limit, Offer
from tailorbird.offers.redeeming.limits import MOST_MONEY

__all__ = [
    "Entry", "Free", "Keep", "Line", "Pool", "Redeem", "Refuse", "Terms", "digest", "redeeming", "refusing", "terms_of",
]  # fmt: skip


class Terms(Struct, frozen=True, array_like=True, gc=False):
    """What an offer's document said of redeeming when it was asked."""

    limit: Limit | None = None
    zone: str = ""
    group: str = ""
    alone: bool = False
    code: str = ""
    unique_codes: bool = False


class Redeem(Struct, frozen=True, tag="redeem", array_like=True, gc=False):
    """A redemption is asked for. Key, body, customer, household and order are digests."""

    offer_id: str
    key: str
    body: str
    customer: str
    terms: Terms
    household: str = ""
    channel: str = ""
    order: str = ""
    cents: int = 0
    code: str = ""
    decision_id: str = ""


class Refuse(Struct, frozen=True, tag="refuse", array_like=True, gc=False):
    """A redemption was asked for that no limit need be looked at for: the offer is off, not begun, or over."""

    offer_id: str
    key: str
    body: str
    sentence: str


class Keep(Struct, frozen=True, tag="keep", array_like=True, gc=False):
    """A unit of an offer is to be held for a customer, or held longer."""

    offer_id: str
    customer: str
    until: float
    terms: Terms


class Free(Struct, frozen=True, tag="free", array_like=True, gc=False):
    """It is not to be held for them any more."""

    offer_id: str
    customer: str


class Pool(Struct, frozen=True, tag="pool", array_like=True, gc=False):
    """Codes for an offer's pool."""

    offer_id: str
    codes: tuple[str, ...]


Line = Redeem | Refuse | Keep | Free | Pool


class Entry(Struct, frozen=True, array_like=True):
    """What one process asks in one go."""

    at: float
    lines: tuple[Line, ...]


def redeeming(query: RedeemQuery, offer: Offer) -> Redeem:
    """The line that asks for this redemption."""
    return Redeem(
        offer_id=query.offer_id,
        key=digest("key", query.redemption_id),
        body=_body_of(query),
        customer=digest("customer", query.customer),
        terms=terms_of(offer),
        household=digest("household", query.household) if query.household else "",
        channel=query.channel,
        order=digest("order", query.order_id) if query.order_id else "",
        cents=round(100 * min(query.amount or offer.cost or 0.0, MOST_MONEY)),
        code=query.code,
        decision_id=query.decision_id,
    )  # fmt: skip


def refusing(query: RedeemQuery, sentence: str) -> Refuse:
    """The line that has this redemption refused, unless it was answered before."""
    return Refuse(query.offer_id, digest("key", query.redemption_id), _body_of(query), sentence)


def _body_of(query: RedeemQuery) -> str:
    return digest(
        query.offer_id, query.customer, query.household, query.channel, query.order_id, f"{query.amount:.2f}",
        query.code,
    )  # fmt: skip


def terms_of(offer: Offer) -> Terms:
    """What the document says of redeeming."""
    alone = offer.stacking == "alone"
    return Terms(offer.limit, offer.zone, offer.exclusion_group, alone, offer.code, offer.unique_codes)


def digest(*parts: str) -> str:
    """Sixteen bytes that tell two things apart and tell nothing else, as text."""
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
