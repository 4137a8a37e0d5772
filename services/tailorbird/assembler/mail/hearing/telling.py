"""What somebody did with a mail as an event of theirs, for profiles: from it is learned when they read."""

from __future__ import annotations

import secrets
from typing import Any

from tailorbird.bus import Asker
from tailorbird.contracts.profiles import PROFILE, Event, ProfileQuery
from tailorbird.contracts.words import CustomerRef

__all__ = ["consent_of", "event_of"]


async def event_of(
    asker: Asker, person: str, name: str, properties: dict[str, Any], agent: str, at: float
) -> Event | None:
    """The event; None for a person who is not known any more. Raises Fault when profiles can't say."""
    customer_id = await _customer(asker, person)
    if not customer_id:
        return None
    return Event(
        message_id=f"mail-{secrets.token_hex(12)}",
        type="track",
        at=at,
        received_at=at,
        customer_id=customer_id,
        event=name,
        properties=properties,
        context={"userAgent": agent} if agent else {},
        trusted=True,
    )


async def consent_of(asker: Asker, person: str, granted: bool, at: float) -> Event | None:
    """The person's word on e-mail as an event, so that every channel knows it."""
    customer_id = await _customer(asker, person)
    if not customer_id:
        return None
    return Event(
        message_id=f"mail-{secrets.token_hex(12)}",
        type="identify",
        at=at,
        received_at=at,
        customer_id=customer_id,
        context={"consent": {"categoryPreferences": {"email": granted}}},
        trusted=True,
    )


async def _customer(asker: Asker, person: str) -> str:
    if not person or person == "-":
        return ""
    profile = await asker.ask(PROFILE, ProfileQuery(customer=CustomerRef(), person=person))
    return profile.customer.customer_id
