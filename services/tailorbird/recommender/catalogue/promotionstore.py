"""Promotions kept: of millions of rows only the latest week, which is what strategies need."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from pyarrow import parquet

from tailorbird.bus import Bucket, Objects
from tailorbird.contracts.documents import Imported
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.catalogue.promotions import NO_PROMOTIONS, Promotions, promotions_of

__all__ = ["PROMOTIONS", "PromotionStore"]

PROMOTIONS = "promotions"
"""Key of the bucket `models` that names the promotions in force."""
OBJECT = "promotions/latest.parquet"
WEEK = 7 * 86_400
ROWS_AT_ONCE = 262_144


class Held(Struct, frozen=True):
    """Value of the key: which load they came from, and until when they hold."""

    digest: str
    rows: int
    ends_at: int


class PromotionStore:
    """Takes loads of promotions over and reads what is in force."""

    def __init__(self, snapshots: Objects, bucket: Bucket) -> None:
        self._snapshots = snapshots
        self._bucket = bucket

    async def take_load(self, path: Path, digest: str) -> Imported:
        """Counts as unchanged when it is the very load that was taken over last."""
        entry = await self._bucket.get(PROMOTIONS)
        if entry is not None and entry.value:
            held = msgspec.json.decode(entry.value, type=Held)
            if held.digest == digest:
                return Imported(stored=0, unchanged=held.rows)
        with tempfile.TemporaryDirectory(prefix="tailorbird-promotions-") as folder:
            latest = Path(folder) / "latest.parquet"
            rows, ends_at = await asyncio.to_thread(_write_latest, path, latest)
            await self._snapshots.put(OBJECT, latest)
        await self._bucket.put(PROMOTIONS, msgspec.json.encode(Held(digest=digest, rows=rows, ends_at=ends_at)))
        return Imported(stored=rows, unchanged=0)

    async def read(self, columns: Columns) -> Promotions:
        """What is in force, none when none were loaded."""
        entry = await self._bucket.get(PROMOTIONS)
        if entry is None or not entry.value:
            return NO_PROMOTIONS
        held = msgspec.json.decode(entry.value, type=Held)
        with tempfile.TemporaryDirectory(prefix="tailorbird-promotions-") as folder:
            path = Path(folder) / "latest.parquet"
            try:
                await self._snapshots.fetch(OBJECT, path)
            except Fault as fault:
                if fault.code != 404:
                    raise
                return NO_PROMOTIONS
            return await asyncio.to_thread(_read_latest, path, columns, held.ends_at)


def _write_latest(load: Path, latest: Path) -> tuple[int, int]:
    """(rows of the load, end of its last week in seconds since 1970). Reads the file a part at a time."""
    ends_at = 0
    with parquet.ParquetFile(load) as file:
        rows, present = file.metadata.num_rows, set(file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=["ends_at"]):
            ends_at = max(ends_at, int(batch.column(0).to_numpy(zero_copy_only=False).max(initial=0)))
    columns = [name for name in ("item_id", "store_id", "mailer") if name in present]
    kept = parquet.read_table(load, columns=columns, filters=[("ends_at", ">", ends_at - WEEK)])
    nothing = pa.nulls(len(kept), pa.string())
    stores = kept["store_id"] if "store_id" in present else nothing
    mailers = kept["mailer"] if "mailer" in present else nothing
    table = pa.table(
        {
            "item_id": kept["item_id"],
            "store_id": [store or "" for store in stores.to_pylist()],
            "mailed": [bool(mailer) for mailer in mailers.to_pylist()],
        }
    )
    parquet.write_table(table, latest)
    return rows, ends_at


def _read_latest(path: Path, columns: Columns, ends_at: int) -> Promotions:
    # Not `read_table`, nor `to_numpy`: both import pandas, which takes a second of every start.
    table = parquet.ParquetFile(path, read_dictionary=["item_id", "store_id"]).read().combine_chunks()
    if not len(table):
        return NO_PROMOTIONS
    items, stores = table["item_id"].combine_chunks(), table["store_id"].combine_chunks()
    position = columns.positions(items.dictionary.to_pylist())
    return promotions_of(
        [str(name) for name in stores.dictionary.to_pylist()],
        np.from_dlpack(stores.indices).astype(np.int32),
        position[np.from_dlpack(items.indices)],
        np.array(table["mailed"].to_pylist(), np.bool_),
        float(ends_at),
    )
