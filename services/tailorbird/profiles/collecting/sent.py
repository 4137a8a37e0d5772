"""What the collector takes and answers, for the API's documentation: Segment's bodies, which `segment_calls.py` reads.

Client libraries add fields of their own, and some write numbers where texts are meant: neither is refused.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

__all__ = ["BATCH_EXAMPLE", "EVENT_EXAMPLE", "BatchSent", "EventSent", "Success"]

Word = Annotated[str, Meta(max_length=200)] | float | None


class EventSent(Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that somebody did. It needs `userId` or `anonymousId`, and a track event its name."""

    type: str | None = None
    """`track`, `identify`, `page`, `screen`, `group` or `alias`; not needed where the address says it."""
    customer_id: Word = field(name="userId", default=None)
    """The customer's id, where they are signed in."""
    anonymous_id: Word = None
    previous_id: Word = None
    """Of `alias`: the id that means the same person."""
    event: Word = None
    """Of `track`: what happened, `Product Viewed`."""
    name: Word = None
    """Of `page` and `screen`."""
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    """Of `identify`: what is known of the person."""
    context: dict[str, Any] | None = None
    message_id: Word = None
    """Counts once, however often it is sent."""
    timestamp: Any = None
    """When it happened: ISO 8601."""
    sent_at: Any = None
    """What the sender's clock said when it was sent: a clock that is off is corrected by it."""
    write_key: str | None = None
    """Where no header can be set."""


class BatchSent(Struct, frozen=True, kw_only=True, rename="camel"):
    """Many events in one call."""

    batch: tuple[EventSent, ...]
    context: dict[str, Any] | None = None
    """Of all of them."""
    sent_at: Any = None
    write_key: str | None = None


class Success(Struct, frozen=True):
    """The events are safe."""

    success: bool


EVENT_EXAMPLE = {"userId": "1228", "event": "Product Viewed", "properties": {"product_id": "995242"}}
BATCH_EXAMPLE = {"batch": [{"type": "track"} | EVENT_EXAMPLE]}
