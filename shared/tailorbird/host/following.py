"""The catalogue followed by a service that does not own it: the recommender's snapshot first, then change by change."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import structlog

from tailorbird.bus import AnsweringBus, Bucket, Objects
from tailorbird.bus.ending import ended
from tailorbird.contracts.recommender import CATALOGUE_BUCKET, CATALOGUE_OBJECT, CATALOGUE_REPLACED, CatalogueReplaced
from tailorbird.contracts.wire import Fault

__all__ = ["Following", "Keeper", "following_catalogue"]

log = structlog.get_logger(__name__)

LOOK_EVERY = 15.0
"""Seconds between looks for another snapshot: its announcement may have been made while NATS was away."""

Kept = TypeVar("Kept")


class Keeper(Protocol[Kept]):
    """What a service makes of the catalogue."""

    def read(self, path: Path) -> Kept:
        """What it needs of a snapshot (Parquet, a column per field of Item); called in a thread."""
        ...

    def replace(self, kept: Kept) -> None:
        """Takes over what was read, instead of all that was there."""
        ...

    def put(self, document: bytes) -> None:
        """Takes over one item, an `Item` as JSON. Raises msgspec.MsgspecError when it cannot be read."""
        ...


class Following:
    """A keeper kept current."""

    def __init__(self, snapshots: Objects, changes: Bucket, keeper: Keeper[Kept]) -> None:
        self._snapshots = snapshots
        self._changes = changes
        self._keeper: Keeper[Kept] = keeper
        self._reading = asyncio.Lock()
        self._digest = ""
        """Of the snapshot that was read."""
        self._following: asyncio.Task[None] | None = None

    async def catch_up(self) -> None:
        """Reads the snapshot when it is another one than was read."""
        info = await self._snapshots.info(CATALOGUE_OBJECT)
        if info is not None and info.digest != self._digest:
            await self.read_snapshot()

    async def replaced(self, _: CatalogueReplaced) -> None:
        await self.read_snapshot()

    async def read_snapshot(self) -> None:
        """Reads all items anew, then follows what changed since. A catalogue that is not there yet is no fault."""
        async with self._reading:
            began = time.perf_counter()
            with tempfile.TemporaryDirectory(prefix="tailorbird-catalogue-") as folder:
                path = Path(folder) / "items.parquet"
                try:
                    info = await self._snapshots.fetch(CATALOGUE_OBJECT, path)
                except Fault as fault:
                    if fault.code != 404:
                        raise
                    log.info("catalogue_empty", reason="no snapshot of items has been written yet")
                    await self._follow_from(0)
                    return
                kept = await asyncio.to_thread(self._keeper.read, path)
            # Not before: until here the changes to what was kept so far go on.
            await self._stop_following()
            self._keeper.replace(kept)
            self._digest = info.digest
            await self._follow_from(int(info.metadata.get("revision", "0")))
            log.info("catalogue_read", seconds=round(time.perf_counter() - began, 2))

    async def look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.catch_up()
            except Fault as fault:
                log.info("catalogue_not_looked_at", reason=fault.sentence)

    async def stop(self) -> None:
        async with self._reading:
            await self._stop_following()

    async def _follow_from(self, revision: int) -> None:
        await self._stop_following()
        self._following = asyncio.create_task(self._follow(revision), name="catalogue-follow")

    async def _follow(self, revision: int) -> None:
        async for entry in self._changes.watch(after=revision):
            if entry.value is None:
                continue  # What was once recommended or bought keeps its name.
            try:
                self._keeper.put(entry.value)
            except msgspec.MsgspecError as error:
                log.error("item_unreadable", key=entry.key, reason=str(error))

    async def _stop_following(self) -> None:
        await ended(self._following)
        self._following = None


@contextlib.asynccontextmanager
async def following_catalogue(bus: AnsweringBus, keeper: Keeper[Kept]) -> AsyncIterator[Following]:
    """While entered the keeper follows the catalogue; on entering it has read what there is."""
    following = Following(await bus.objects("snapshots"), await bus.bucket(CATALOGUE_BUCKET), keeper)
    await following.read_snapshot()
    looking = asyncio.create_task(following.look_now_and_then(), name="catalogue-look")
    try:
        await bus.listener.hear(CATALOGUE_REPLACED, following.replaced)
        yield following
    finally:
        await ended(looking)
        await following.stop()
