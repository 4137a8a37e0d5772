"""The catalogue kept: a snapshot in the object store for bulk, a bucket for single changes, `Columns` for ranking."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from tailorbird.bus import Announcer, Bucket, Objects
from tailorbird.bus.ending import ended
from tailorbird.contracts.documents import Imported
from tailorbird.contracts.recommender import (
    CATALOGUE_OBJECT,
    CATALOGUE_REPLACED,
    CatalogueReplaced,
    Item,
    ItemChange,
    ItemsPut,
)
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.catalogue.changing import changed
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.catalogue.documents import Documents, decode_item, encode_item
from tailorbird.recommender.catalogue.itemrows import bulk_of_snapshot, items_of_load, items_of_snapshot, write_snapshot

__all__ = ["Catalogue"]

log = structlog.get_logger(__name__)

ITEMS_AT_ONCE = 2_000
"""Put in one go while a page may be waiting: a few milliseconds."""


class Catalogue:
    """Items of the shop, current while entered. `grown` is called when `columns` had to make room for more."""

    def __init__(
        self, snapshots: Objects, changes: Bucket, announcer: Announcer, columns: Columns, grown: Callable[[], None]
    ) -> None:
        self.columns = columns
        self._snapshots = snapshots
        self._changes = changes
        self._announcer = announcer
        self._grown = grown
        self._digest = ""
        self._seen = 0
        self._following: asyncio.Task[None] | None = None
        self._followed = asyncio.Condition()
        self._writing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.read_snapshot()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_following()

    async def replaced(self, _: CatalogueReplaced) -> None:
        """Hears of a new snapshot, which may be our own."""
        info = await self._snapshots.info(CATALOGUE_OBJECT)
        if info is not None and info.digest != self._digest:
            await self.read_snapshot()

    async def read_snapshot(self) -> None:
        """Take over the snapshot, then follow the changes that are newer."""
        async with self._writing:
            with tempfile.TemporaryDirectory(prefix="tailorbird-items-") as folder:
                path = Path(folder) / "items.parquet"
                try:
                    info = await self._snapshots.fetch(CATALOGUE_OBJECT, path)
                except Fault as fault:
                    if fault.code != 404:
                        raise
                    await self._follow_from(0)
                    return
                if len(self.columns):
                    await self._put(await asyncio.to_thread(_encoded, items_of_snapshot(path)))
                else:
                    self.columns.fill(await asyncio.to_thread(bulk_of_snapshot, path))
                    self._grown()
            self._digest = info.digest
            await self._follow_from(int(info.metadata.get("revision", "0")))
            log.info("catalogue_read", items=len(self.columns))

    async def put(self, items: Iterable[Item]) -> ItemsPut:
        """Replaces or adds these items: visible here at once, elsewhere as soon as the bucket tells."""
        async with self._writing:
            return await self._store([(item, encode_item(item)) for item in items])

    async def change(self, changes: Sequence[ItemChange], now: float) -> ItemsPut:
        """Changes these items: all of them, or none when one would not be right. Raises Fault(422)."""
        async with self._writing:
            items: dict[str, Item] = {}
            for number, change in enumerate(changes):
                before = items.get(change.item_id) or self._item(change.item_id)
                items[change.item_id] = changed(before, change, now, f"$[{number}]")
            put = await self._store([(item, encode_item(item)) for item in items.values()])
            # A line that repeats an item changed nothing that the last one did not.
            return ItemsPut(stored=put.stored, unchanged=len(changes) - put.stored)

    async def take_load(self, path: Path, table: str) -> Imported:
        """Takes over the rows of a load and writes a new snapshot, should anything have changed."""
        async with self._writing:
            await asyncio.to_thread(self.columns.documents.encode_all)
            loaded = await asyncio.to_thread(_encoded, items_of_load(path, table))
            stored = await self._put(loaded)
            if stored:
                await self._write_snapshot()
            return Imported(stored=stored, unchanged=len(loaded) - stored)

    async def _write_snapshot(self) -> None:
        # All that the bucket holds up to here is in the columns already, so readers may begin after it.
        revision = await self._changes.revision()
        async with asyncio.timeout(30), self._followed:
            await self._followed.wait_for(lambda: self._seen >= revision)
        await asyncio.to_thread(self.columns.documents.encode_all)
        with tempfile.TemporaryDirectory(prefix="tailorbird-items-") as folder:
            path = Path(folder) / "items.parquet"
            rows = await asyncio.to_thread(write_snapshot, self._all_documents(), path)
            info = await self._snapshots.put(CATALOGUE_OBJECT, path, {"revision": str(revision)})
        self._digest = info.digest
        await self._announcer.announce(CATALOGUE_REPLACED, CatalogueReplaced(rows=rows))

    async def _store(self, items: Sequence[tuple[Item, bytes]]) -> ItemsPut:
        known = self.columns.documents
        new = {item.item_id: document for item, document in items if not self._has(known, item.item_id, document)}
        await self._changes.put_many({_key(item_id): document for item_id, document in new.items()})
        await self._put(items)
        # Counted before: the bucket may tell of our own change while we are still writing.
        return ItemsPut(stored=len(new), unchanged=len(items) - len(new))

    async def _put(self, items: Sequence[tuple[Item, bytes]]) -> int:
        """How many were new or different."""
        stored = 0
        capacity = self.columns.capacity
        for number, (item, document) in enumerate(items):
            if not self._has(self.columns.documents, item.item_id, document):
                self.columns.put(item, document)
                stored += 1
                if self.columns.capacity != capacity:
                    self._grown()
                    capacity = self.columns.capacity
            if number % ITEMS_AT_ONCE == ITEMS_AT_ONCE - 1:
                await asyncio.sleep(0)
        return stored

    def _has(self, known: Documents, item_id: str, document: bytes) -> bool:
        position = self.columns.position.get(item_id)
        return position is not None and known[position] == document

    def _all_documents(self) -> list[bytes]:
        documents = self.columns.documents
        return [documents[position] for position in range(len(documents))]

    def _item(self, item_id: str) -> Item | None:
        position = self.columns.position.get(item_id)
        return None if position is None else decode_item(self.columns.documents[position])

    async def _follow_from(self, revision: int) -> None:
        await self._stop_following()
        self._seen = revision
        self._following = asyncio.create_task(self._follow(), name="catalogue-follow")

    async def _follow(self) -> None:
        async for entry in self._changes.watch(after=self._seen):
            if entry.value is not None:
                try:
                    await self._put([(decode_item(entry.value), entry.value)])
                except msgspec.MsgspecError as error:
                    log.error("item_unreadable", key=entry.key, reason=str(error))
            async with self._followed:
                self._seen = entry.revision
                self._followed.notify_all()

    async def _stop_following(self) -> None:
        await ended(self._following)
        self._following = None


def _encoded(items: Iterable[Item]) -> list[tuple[Item, bytes]]:
    return [(item, encode_item(item)) for item in items]


def _key(item_id: str) -> str:
    """A bucket's keys allow few characters: others in an id are written as =XX, as in quoted-printable."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c in "_-") else "".join(f"={byte:02X}" for byte in c.encode())
        for c in item_id
    )
