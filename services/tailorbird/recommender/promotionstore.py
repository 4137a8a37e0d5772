"""Promotions kept: of millions of rows only the latest week, which is what strategies need."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from pyarrow import compute, parquet

from tailorbird.bus import Bucket, Objects
from tailorbird.contracts.documents import Imported
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.columns import Columns
from tailorbird.recommender.promotions import NO_PROMOTIONS, Promotions, promotions_of

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
    """(rows of the load, end of its last week in seconds since 1970). Reads the file twice, a part at a time."""
    with parquet.ParquetFile(load) as file:
        ends_at = max(
            (compute.max(batch.column(0)).as_py() or 0 for batch in _batches(file, ["ends_at"])),
            default=0,
        )
        columns = [name for name in ("item_id", "store_id", "mailer", "ends_at") if name in file.schema_arrow.names]
        kept: list[pa.Table] = []
        for batch in _batches(file, columns):
            table = pa.table(batch)
            kept.append(table.filter(compute.greater(table["ends_at"], ends_at - WEEK)))
        rows = file.metadata.num_rows
    table = pa.concat_tables(kept) if kept else pa.table({"item_id": pa.array([], pa.string())})
    for name in ("store_id", "mailer"):
        if name not in table.schema.names:
            table = table.append_column(name, pa.nulls(len(table), pa.string()))
    mailed = compute.fill_null(compute.not_equal(table["mailer"], ""), False)
    table = pa.table(
        {
            "item_id": table["item_id"].cast(pa.string()),
            "store_id": compute.fill_null(table["store_id"].cast(pa.string()), ""),
            "mailed": mailed,
        }
    )
    parquet.write_table(table, latest)
    return rows, int(ends_at)


def _batches(file: parquet.ParquetFile, columns: list[str]) -> Iterator[pa.RecordBatch]:
    yield from file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns)


def _read_latest(path: Path, columns: Columns, ends_at: int) -> Promotions:
    table = parquet.read_table(path, read_dictionary=["item_id", "store_id"]).combine_chunks()
    if not len(table):
        return NO_PROMOTIONS
    items, stores = table["item_id"].combine_chunks(), table["store_id"].combine_chunks()
    position = columns.positions(items.dictionary.to_pylist())
    return promotions_of(
        [str(name) for name in stores.dictionary.to_pylist()],
        stores.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        position[items.indices.to_numpy(zero_copy_only=False)],
        table["mailed"].to_numpy().astype(np.bool_),
        float(ends_at),
    )
