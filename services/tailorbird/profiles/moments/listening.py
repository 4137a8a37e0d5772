"""Browsers that listen for moments: each has a queue under its ids, filled by what profiles announce."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from tailorbird.contracts.profiles import MomentFired, MomentNote
from tailorbird.contracts.words import CustomerRef

__all__ = ["Listeners", "ids_listened_to"]

QUEUED = 20
AT_MOST = 20_000


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
