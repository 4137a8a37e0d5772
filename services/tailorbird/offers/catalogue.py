"""The kinds of the shop's items, read from the recommender's snapshot and kept current by its bucket."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec import Struct
from pyarrow import parquet

from tailorbird.bus import Bucket, Entry, Objects
from tailorbird.contracts.recommender import CATALOGUE_OBJECT
from tailorbird.contracts.wire import Fault
from tailorbird.offers.items import Items

__all__ = ["Catalogue"]

log = structlog.get_logger(__name__)


class _Item(Struct):
    """What this service reads of an `Item`."""

    item_id: str
    department: str = ""
    category: str = ""
    brand: str = ""


_item = msgspec.json.Decoder(_Item)


class Catalogue:
    """`items` is current while this is entered; `replaced` is called after each snapshot, `moved` for one item."""

    def __init__(
        self, snapshots: Objects, changes: Bucket, replaced: Callable[[Items], None], moved: Callable[[str], None]
    ) -> None:
        self.items = Items()
        self._snapshots = snapshots
        self._changes = changes
        self._replaced = replaced
        self._moved = moved
        self._following: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.read_snapshot()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_following()

    async def read_snapshot(self) -> None:
        """Read all items anew, then follow what changed after the snapshot."""
        async with self._reading:
            items, revision = Items(), 0
            with tempfile.TemporaryDirectory(prefix="tailorbird-offers-") as folder:
                path = Path(folder) / "items.parquet"
                try:
                    info = await self._snapshots.fetch(CATALOGUE_OBJECT, path)
                    revision = int(info.metadata.get("revision", "0"))
                    items = await asyncio.to_thread(_read, path)
                except Fault as fault:
                    if fault.code != 404:
                        raise
            await self._stop_following()
            self.items = items
            self._replaced(items)
            self._following = asyncio.create_task(self._follow(revision), name="offers-catalogue-follow")
            log.info("catalogue_read", items=len(items), classes=len(items.classes))

    async def _follow(self, revision: int) -> None:
        async for entry in self._changes.watch(after=revision):
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        if entry.value is None:
            return
        try:
            item = _item.decode(entry.value)
        except msgspec.MsgspecError as error:
            log.error("item_unreadable", key=entry.key, reason=str(error))
            return
        if self.items.put(item.item_id, item.department, item.category, item.brand):
            self._moved(item.item_id)

    async def _stop_following(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
            self._following = None


_COLUMNS = ("item_id", "department", "category", "brand")


def _read(path: Path) -> Items:
    items = Items()
    file = parquet.ParquetFile(path)
    present = [name for name in _COLUMNS if name in file.schema_arrow.names]
    for batch in file.iter_batches(batch_size=16_384, columns=present):
        nothing = [None] * batch.num_rows
        columns = [batch.column(name).to_pylist() if name in present else nothing for name in _COLUMNS]
        for item_id, department, category, brand in zip(*columns, strict=True):
            items.put(item_id, department or "", category or "", brand or "")
    return items
