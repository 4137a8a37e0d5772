"""Tells profiles, after the reply, who was exposed to which experiment: they remember the variant that came first."""

from __future__ import annotations

import asyncio
from collections import deque
from hashlib import blake2b

import structlog

from tailorbird.bus import Announcer
from tailorbird.contracts.experiments import EXPOSED_EVENT, Assignment
from tailorbird.contracts.profiles import COLLECTED, Event, EventBatch
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef

__all__ = ["Exposing"]

BATCH = 100
PAUSE = 0.05
RETRY_AFTER = 0.5
MOST_WAITING = 10_000
"""Exposures kept while NATS is away; beyond, the oldest go. The decisions tell of them all the same."""

log = structlog.get_logger(__name__)


class Exposing:
    """Takes exposures at once, and appends them to the events in batches while `run` runs."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._waiting: deque[Event] = deque(maxlen=MOST_WAITING)
        self._awake = asyncio.Event()

    def tell(self, customer: CustomerRef, assignment: Assignment, at: float) -> None:
        """This customer had this variant at that moment. `customer`: the one id by which it was drawn."""
        about = f"{assignment.experiment_id}/{customer.customer_id}/{customer.anonymous_id}"
        event = Event(
            # The same exposure told again, by another process or after another page, is the same event.
            message_id=f"exposed-{blake2b(about.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}",
            type="track",
            event=EXPOSED_EVENT,
            at=at,
            received_at=at,
            customer_id=customer.customer_id,
            anonymous_id=customer.anonymous_id,
            properties={"experiment_id": assignment.experiment_id, "variation_id": assignment.variant_id},
            trusted=True,
        )
        self._waiting.append(event)
        self._awake.set()

    async def run(self) -> None:
        """Appends what waits, until ended."""
        while True:
            await self._awake.wait()
            await asyncio.sleep(PAUSE)
            self._awake.clear()
            while self._waiting:
                events = tuple(self._waiting)[:BATCH]
                try:
                    name = f"{events[0].message_id}-{events[-1].message_id}-{len(events)}"
                    await self._announcer.append(COLLECTED, EventBatch(events=events), name)
                except Fault as fault:
                    log.warning("exposures_wait", waiting=len(self._waiting), reason=fault.sentence)
                    await asyncio.sleep(RETRY_AFTER)
                    continue
                for _ in events:
                    self._waiting.popleft()
