"""How telling each webhook went: counted, and the latest of each kind, kept where every process sees it."""

from __future__ import annotations

import msgspec
import structlog
from msgspec.structs import replace

from tailorbird.bus import Bucket
from tailorbird.contracts.moments import Deliveries
from tailorbird.contracts.wire import Fault
from tailorbird.host.documentkeys import bucket_key

__all__ = ["BUCKET", "DeliveryBook", "after"]

BUCKET = "webhooks_told"
_TRIES = 5

log = structlog.get_logger(__name__)


class DeliveryBook:
    """Written to after each attempt; what can't be written is left out, since the delivery itself is what counts."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def of(self, name: str) -> Deliveries:
        """What came of the attempts at this webhook so far."""
        entry = await self._bucket.get(bucket_key(f"webhook/{name}"))
        return msgspec.json.decode(entry.value, type=Deliveries) if entry and entry.value else Deliveries()

    async def note(self, name: str, at: float, reason: str, *, gave_up: bool) -> None:
        """One attempt more. `reason`: why it was refused; empty: it was taken."""
        key = bucket_key(f"webhook/{name}")
        try:
            for _ in range(_TRIES):
                entry = await self._bucket.get(key)
                before = msgspec.json.decode(entry.value, type=Deliveries) if entry and entry.value else Deliveries()
                noted = after(before, at, reason, gave_up=gave_up)
                try:
                    await self._bucket.put(key, msgspec.json.encode(noted), entry.revision if entry else 0)
                except Fault as fault:
                    if fault.code not in (409, 412):
                        raise
                    continue
                return
        except Fault as fault:
            log.warning("webhook_not_noted", webhook=name, reason=fault.sentence)


def after(before: Deliveries, at: float, reason: str, *, gave_up: bool) -> Deliveries:
    """The counts with one attempt more."""
    if not reason:
        return replace(before, taken=before.taken + 1, taken_at=at)
    return replace(
        before, refused=before.refused + 1, given_up=before.given_up + gave_up, refused_at=at, reason=reason[:300]
    )
