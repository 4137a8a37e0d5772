"""Keeps what profiles know of items up to date: from the recommender's snapshot, then change by change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow.parquet as pq
import structlog

from tailorbird.bus import AnsweringBus, Bucket, Objects
from tailorbird.contracts.recommender import CATALOGUE_BUCKET, CATALOGUE_OBJECT, CATALOGUE_REPLACED, CatalogueReplaced
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.describing import Knowledge
from tailorbird.profiles.items import (
    ItemKind,
    Kinds,
    Levels,
    items_from_columns,
    price_levels,
    sensitive_items,
)

__all__ = ["follow_catalogue"]

RETRY_PAUSE = 2.0
_COLUMNS = ("item_id", "department", "category", "brand", "attributes", "price")

log = structlog.get_logger(__name__)


class _ItemFields(msgspec.Struct):
    """Of an item what matters here."""

    department: str = ""
    category: str = ""
    brand: str = ""
    price: float | None = None
    attributes: msgspec.Raw = msgspec.Raw(b"")


@contextlib.asynccontextmanager
async def follow_catalogue(
    bus: AnsweringBus, knowledge: Knowledge, workspace: Path, use_sensitive: bool = False
) -> AsyncIterator[None]:
    """While entered, `knowledge.items` follows the catalogue. A catalogue that isn't there yet is no fault.

    Without `use_sensitive` items flagged as sensitive are left out: they then count for no trait.
    """
    snapshots, bucket = await bus.objects("snapshots"), await bus.bucket(CATALOGUE_BUCKET)
    follower = _Follower(snapshots, bucket, knowledge, workspace, use_sensitive)
    await follower.start()
    await bus.listener.hear(CATALOGUE_REPLACED, follower.replaced)
    try:
        yield
    finally:
        await follower.stop()


class _Follower:
    def __init__(
        self, snapshots: Objects, bucket: Bucket, knowledge: Knowledge, workspace: Path, use_sensitive: bool
    ) -> None:
        self._snapshots = snapshots
        self._bucket = bucket
        self._knowledge = knowledge
        self._workspace = workspace
        self._use_sensitive = use_sensitive
        self._kinds: Kinds = {}
        self._levels: Levels = {}
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads the snapshot, then watches from its revision."""
        after = await self._read_snapshot()
        self._watching = asyncio.create_task(self._watch(after), name="catalogue-watch")

    async def replaced(self, _: CatalogueReplaced) -> None:
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None

    async def _read_snapshot(self) -> int:
        """Revision of the bucket that the snapshot holds already."""
        self._workspace.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(dir=self._workspace, prefix="catalogue-")
        try:
            info = await self._snapshots.fetch(CATALOGUE_OBJECT, Path(folder.name) / "items.parquet")
            file = Path(folder.name) / "items.parquet"
            items, self._levels = await asyncio.to_thread(_read, file, self._kinds, self._use_sensitive)
        except Fault as fault:
            log.info("catalogue_not_read", reason=fault.sentence)
            return 0
        finally:
            await asyncio.to_thread(folder.cleanup)
        self._knowledge.items = items
        self._knowledge.items_version += 1
        log.info("catalogue_read", items=len(items))
        return int(info.metadata.get("revision", "0"))

    async def _watch(self, after: int) -> None:
        while True:
            try:
                async for entry in self._bucket.watch(after):
                    after = entry.revision
                    self._take(entry.key, entry.value)
            except Fault as fault:
                log.info("catalogue_watch_waits", reason=fault.sentence)
                await asyncio.sleep(RETRY_PAUSE)

    def _take(self, item_id: str, value: bytes | None) -> None:
        if value is None:
            return  # What was bought of an item that is no more was bought all the same.
        try:
            fields = _decode(value)
        except msgspec.MsgspecError as error:
            log.warning("item_unreadable", item_id=item_id, reason=str(error))
            return
        attributes = bytes(fields.attributes).decode()
        if not self._use_sensitive and sensitive_items([item_id], [attributes]):
            if self._knowledge.items.pop(item_id, None) is not None:
                self._knowledge.items_version += 1
            return
        columns = ([item_id], [fields.department], [fields.category], [fields.brand], [attributes], [fields.price])
        (kind,) = items_from_columns(self._kinds, *columns, levels=self._levels).values()
        if self._knowledge.items.get(item_id) is not kind:
            self._knowledge.items[item_id] = kind
            self._knowledge.items_version += 1


def _read(file: Path, kinds: Kinds, use_sensitive: bool) -> tuple[dict[str, ItemKind], Levels]:
    there = set(pq.read_schema(file).names)
    # Not `read_table`: it imports pandas, which takes a second of every start.
    table = pq.ParquetFile(file).read(columns=[name for name in _COLUMNS if name in there])
    absent: list[Any] = [None] * table.num_rows
    columns = {name: table.column(name).to_pylist() if name in there else absent for name in _COLUMNS}
    levels = price_levels(columns["category"], columns["price"])
    item_ids, departments, categories, brands, attributes, prices = (columns[name] for name in _COLUMNS)
    items = items_from_columns(kinds, item_ids, departments, categories, brands, attributes, prices, levels)
    if not use_sensitive:
        for item_id in sensitive_items(columns["item_id"], columns["attributes"]):
            items.pop(item_id, None)
    return items, levels


_decode = msgspec.json.Decoder(_ItemFields).decode
