"""The catalogue as the assembler keeps it: a card per item, from the recommender's snapshot and what changed since."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import structlog
from pyarrow import parquet

from tailorbird.assembler.cards import Card, Cards, card_of
from tailorbird.bus import Bucket, Entry, Objects
from tailorbird.contracts.recommender import CATALOGUE_OBJECT, Item
from tailorbird.contracts.wire import Fault

__all__ = ["Catalogue"]

log = structlog.get_logger(__name__)

_decode_item = msgspec.json.Decoder(Item).decode


class Catalogue:
    """item id -> card, kept current while entered.

    `replaced` is called after each new snapshot, `moved` after a change of one item with its card before.
    """

    def __init__(
        self,
        snapshots: Objects,
        changes: Bucket,
        replaced: Callable[[Cards], None],
        moved: Callable[[str, Card, Card | None], None],
    ) -> None:
        self.cards: dict[str, Card] = {}
        self._snapshots = snapshots
        self._changes = changes
        self._replaced = replaced
        self._moved = moved
        self._following: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()
        self._digest = ""
        """Of the snapshot that was read."""

    async def __aenter__(self) -> Self:
        await self.read_snapshot()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_following()

    async def catch_up(self) -> None:
        """Read the snapshot anew when it is another one: its announcement was missed while NATS was away."""
        info = await self._snapshots.info(CATALOGUE_OBJECT)
        if info is not None and info.digest != self._digest:
            await self.read_snapshot()

    async def read_snapshot(self) -> None:
        """Read all items anew, then follow the changes that are newer than the snapshot."""
        async with self._reading:
            began = time.perf_counter()
            revision = 0
            cards: dict[str, Card] = {}
            with tempfile.TemporaryDirectory(prefix="tailorbird-catalogue-") as folder:
                path = Path(folder) / "items.parquet"
                try:
                    info = await self._snapshots.fetch(CATALOGUE_OBJECT, path)
                    self._digest = info.digest
                    revision = int(info.metadata.get("revision", "0"))
                    cards = await asyncio.to_thread(_read_cards, path)
                except Fault as fault:
                    if fault.code != 404:
                        raise
                    log.info("catalogue_empty", reason="no snapshot of items has been written yet")
            await self._stop_following()
            self.cards = cards
            self._following = asyncio.create_task(self._follow(revision), name="catalogue-follow")
            self._replaced(cards)
            # Tens of thousands of cards live for long: keeping the collector off them is worth a quarter of a page.
            gc.collect()
            gc.freeze()
            log.info("catalogue_read", items=len(cards), seconds=round(time.perf_counter() - began, 2))

    async def _follow(self, revision: int) -> None:
        async for entry in self._changes.watch(after=revision):
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        if entry.value is None:
            return
        try:
            item = _decode_item(entry.value)
        except msgspec.MsgspecError as error:
            log.error("item_unreadable", key=entry.key, reason=str(error))
            return
        card, before = card_of(item), self.cards.get(item.item_id)
        self.cards[item.item_id] = card
        self._moved(item.item_id, card, before)

    async def _stop_following(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
            self._following = None


_TEXTS = ("title", "kind", "department", "category", "brand", "size", "currency", "url", "image_url", "summary", "body")


def _read_cards(path: Path) -> dict[str, Card]:
    """Cards of a Parquet file with a column per field of Item; what pages do not need is not read."""
    file = parquet.ParquetFile(path)
    wanted = [name for name in ("item_id", "price", "stock", "attributes", *_TEXTS) if name in file.schema_arrow.names]
    cards: dict[str, Card] = {}
    for batch in file.iter_batches(batch_size=8_192, columns=wanted):
        columns = {name: batch.column(name).to_pylist() for name in wanted}
        for values in zip(*columns.values(), strict=True):
            row: dict[str, Any] = {name: value for name, value in zip(wanted, values, strict=True) if value is not None}
            if "attributes" in row:
                row["attributes"] = msgspec.json.decode(row["attributes"])
            cards[row["item_id"]] = card_of(Item(**row))
    return cards
