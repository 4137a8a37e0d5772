"""Brings orders that came as events into the snapshot that training reads: now and then, and when training asks.

Profiles append each new order to a stream; here it is read on from the place that the snapshot itself names, so that an
order is in the snapshot once, whatever dies. What is in the snapshot leaves the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import structlog
from msgspec.structs import replace

from tailorbird.bus import Listener, Objects
from tailorbird.bus.ending import ended
from tailorbird.contracts.profiles import PURCHASED, Gathered, GatherQuery, Purchased
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.importing.importer import INTERACTIONS_OBJECT
from tailorbird.profiles.importing.orderrows import write_with_orders
from tailorbird.profiles.keeping.store import ProfileStore
from tailorbird.profiles.person.consent import allows_personalization

__all__ = ["THROUGH", "PurchaseGatherer"]

THROUGH = "purchases_through"
"""Place in the stream up to which the snapshot holds orders; stands in the snapshot's metadata."""

log = structlog.get_logger(__name__)


class PurchaseGatherer:
    """Enter it to have orders gathered now and then."""

    def __init__(
        self,
        listener: Listener,
        snapshots: Objects,
        directory: Directory,
        store: ProfileStore,
        alone: Callable[[], AbstractAsyncContextManager[Path]],
    ) -> None:
        """`alone`: a folder to work in while nobody else changes the snapshot."""
        self._listener = listener
        self._snapshots = snapshots
        self._directory = directory
        self._store = store
        self._alone = alone

    async def answer(self, _: GatherQuery) -> Gathered:
        """How many orders were new."""
        async with self._alone() as folder:
            info = await self._snapshots.info(INTERACTIONS_OBJECT)
            through = int(info.metadata.get(THROUGH, "0")) if info else 0
            orders: list[Purchased] = []
            last = through
            async for part in self._listener.stored(PURCHASED, through):
                orders += [stored.message for stored in part]
                last = part[-1].place
            if last == through:
                return Gathered()
            known = folder / "known.parquet" if info else None
            if known is not None:
                await self._snapshots.fetch(INTERACTIONS_OBJECT, known)
            snapshot = folder / "snapshot.parquet"
            usable = await self._usable(orders)
            rows, new = await asyncio.to_thread(write_with_orders, known, usable, snapshot, folder / "overflow")
            await self._snapshots.put(INTERACTIONS_OBJECT, snapshot, {"rows": str(rows), THROUGH: str(last)})
            await self._listener.erase_through(PURCHASED, last)
            log.info("orders_gathered", orders=new, rows=rows)
            return Gathered(orders=new)

    @contextlib.asynccontextmanager
    async def every(self, seconds: float) -> AsyncIterator[None]:
        """While entered, gathers so often."""

        async def gather() -> None:
            while True:
                await asyncio.sleep(seconds)
                try:
                    await self.answer(GatherQuery())
                except Fault as fault:
                    log.warning("orders_not_gathered", reason=fault.sentence)
                except Exception:
                    log.exception("orders_not_gathered")

        gathering = asyncio.create_task(gather(), name="gather")
        try:
            yield
        finally:
            await ended(gathering)

    async def _usable(self, orders: Sequence[Purchased]) -> list[Purchased]:
        """Without those of persons who refused; of persons who are no more, under a name that leads nowhere."""
        usable: list[Purchased] = []
        for order in orders:
            person = await self._directory.keyring.person(order.person)
            if person is None:
                usable.append(replace(order, person=secrets.token_hex(16)))
                continue
            opened = (await self._store.load((person,), keep=False))[person.pseudonym]
            if allows_personalization(opened.stored.consent):
                usable.append(order)
        return usable
