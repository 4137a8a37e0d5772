"""Browsers that listen for moments: each has a queue under its ids, filled by what profiles announce, and is told what
came while it was away.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

from tailorbird.bus import Asker
from tailorbird.bus.patience import Patient
from tailorbird.contracts.profiles import PROFILE, MomentFired, MomentNote, ProfileQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef

__all__ = ["Listeners", "ids_listened_to", "missed", "note_id"]

QUEUED = 20
AT_MOST = 20_000
JUST_NOW = 10.0
"""A browser that connects is told what came within so many seconds: between its page and its connection."""
ASK_AGAIN = 1.0
"""Seconds until profiles, which could not tell what was missed, are asked again."""
NOT_NOW = (503, 504)


def ids_listened_to(customer: CustomerRef) -> list[str]:
    """The names under which somebody listens."""
    names = [f"c/{customer.customer_id}"] if customer.customer_id else []
    return [*names, f"a/{customer.anonymous_id}"] if customer.anonymous_id else names


class Listeners:
    """Who listens in this process."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[MomentNote]]] = {}
        self._count = 0

    @property
    def full(self) -> bool:
        return self._count >= AT_MOST

    @contextlib.contextmanager
    def listening(self, customer: CustomerRef) -> Iterator[asyncio.Queue[MomentNote]]:
        """The queue of one browser, for as long as it is entered."""
        queue: asyncio.Queue[MomentNote] = asyncio.Queue(QUEUED)
        names = ids_listened_to(customer)
        self._count += 1
        for name in names:
            self._queues.setdefault(name, set()).add(queue)
        try:
            yield queue
        finally:
            self._count -= 1
            for name in names:
                queues = self._queues.get(name, set())
                queues.discard(queue)
                if not queues:
                    self._queues.pop(name, None)

    async def heard(self, fired: MomentFired) -> None:
        """Puts the moment into the queues of this person's browsers."""
        names = [f"c/{fired.customer.customer_id}"] if fired.customer.customer_id else []
        names += [f"a/{anonymous_id}" for anonymous_id in fired.anonymous_ids]
        found = {queue for name in names for queue in self._queues.get(name, ())}
        for queue in found:
            with contextlib.suppress(asyncio.QueueFull):  # A browser that takes nothing for so long has left.
                queue.put_nowait(fired.note)


def note_id(note: MomentNote) -> str:
    """What a browser names the moment by when it comes back."""
    return f"{int(note.at)}-{note.moment}-{note.occasion}"


async def missed(asker: Asker, customer: CustomerRef, after: str, pause: float = ASK_AGAIN) -> list[MomentNote]:
    """What came since the moment named `after`, or without it just now, oldest first.

    Asked until profiles can tell, as nobody tells it a second time.
    """
    connected_at = time.time()
    while True:
        try:
            profile = await Patient(asker).ask(PROFILE, ProfileQuery(customer=customer))
            break
        except Fault as fault:
            if fault.code not in NOT_NOW:
                return []
            await asyncio.sleep(pause)
    known = float(after.partition("-")[0]) if after.partition("-")[0].isdecimal() else None
    notes = [note for note in reversed(profile.moments) if note.browser and note_id(note) != after]
    since = connected_at - JUST_NOW if known is None else known
    return [note for note in notes if note.at >= since]
