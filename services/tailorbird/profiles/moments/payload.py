"""What a webhook says: a moment, for whom it came, and what the other system needs to act on it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from tailorbird.contracts.audiences import MailWanted
from tailorbird.contracts.profiles import Profile
from tailorbird.profiles.moments.document import Prepared
from tailorbird.profiles.moments.signing import delivery_id
from tailorbird.profiles.person.noted import Fired
from tailorbird.profiles.person.profile import StoredProfile

__all__ = ["Delivery", "mail_wanted", "payload"]


class Delivery(Struct, frozen=True, kw_only=True):
    """One system to be told of one moment. Nothing of the person rests in it: what is sent is read when it is sent."""

    id: str
    webhook: str
    moment: str
    person: str
    at: int
    raised_at: int
    attempt: int = 0


def payload(delivery: Delivery, prepared: Prepared, profile: Profile, stored: StoredProfile) -> bytes:
    """The body, as JSON: `type`, `timestamp`, `data`."""
    moment, last = prepared.moment, stored.recent_orders[0] if stored.recent_orders else None
    data = {
        "moment": delivery.moment,
        "name": moment.name,
        "raised_at": _said(delivery.raised_at),
        "customer_id": stored.customer_id or None,
        "anonymous_id": stored.anonymous_ids[-1] if stored.anonymous_ids else None,
        "persona": profile.facts.persona,
        "segments": profile.facts.segments,
        "cart": [{"item_id": line.item_id, "quantity": line.quantity} for line in profile.cart],
        "last_order": {"at": _said(last.at), "value": last.value} if last else None,
        "headline": moment.headline,
        "text": moment.text,
        "url": moment.url,
    }
    return msgspec.json.encode({"type": "moment.fired", "timestamp": _said(delivery.at), "data": data})


def mail_wanted(person: str, prepared: Prepared, fired: Fired) -> MailWanted:
    """What the assembler is asked to send for this coming of the moment; told again it is the same."""
    moment = prepared.moment
    return MailWanted(
        id=delivery_id(person, fired.moment, fired.occasion, "mail"),
        moment=fired.moment,
        person=person,
        at=float(fired.at),
        email=moment.email,
        push=moment.push,
        headline=moment.headline,
        text=moment.text,
        url=moment.url,
    )


def _said(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
