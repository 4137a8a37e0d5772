"""Items out of tables: the rows of a load, and the snapshot that the whole suite reads, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import parquet

from tailorbird.contracts.recommender import Item

__all__ = ["decode_item", "encode_item", "items_of_load", "items_of_snapshot", "write_snapshot"]

ROWS_AT_ONCE = 8_192
ATTRIBUTE = "attr_"

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("item_id", "title", "kind", "department", "category", "brand", "size")),
        ("price", pa.float64()),
        ("currency", pa.string()),
        ("stock", pa.int64()),
        *((name, pa.string()) for name in ("url", "image_url", "summary", "body")),
        ("categories", pa.list_(pa.string())),
        ("attributes", pa.string()),
    ]
)
"""A column per field of Item; attributes as JSON, as every item may have others."""

decode_item = msgspec.json.Decoder(Item).decode
_encoder = msgspec.json.Encoder(order="deterministic")


def encode_item(item: Item) -> bytes:
    """JSON of the item; equal items have equal bytes."""
    return _encoder.encode(item)


def items_of_load(path: Path, table: str) -> Iterator[Item]:
    """The items of a checked load of `items` or `articles`."""
    for row in _rows(path):
        attributes = {name.removeprefix(ATTRIBUTE): row.pop(name) for name in list(row) if name.startswith(ATTRIBUTE)}
        if table == "articles":
            row["item_id"], row["kind"] = row.pop("article_id"), "article"
        row["categories"] = tuple(row.get("categories", ()))
        yield Item(**row, attributes=attributes)


def items_of_snapshot(path: Path) -> Iterator[Item]:
    for row in _rows(path):
        row["categories"] = tuple(row.get("categories", ()))
        row["attributes"] = msgspec.json.decode(row["attributes"]) if row.get("attributes") else {}
        yield Item(**row)


def write_snapshot(documents: Iterable[bytes], path: Path) -> int:
    """How many items were written."""
    rows = 0
    with parquet.ParquetWriter(path, _SCHEMA) as writer:
        batch: list[dict[str, Any]] = []
        for document in documents:
            batch.append(_row(decode_item(document)))
            if len(batch) == ROWS_AT_ONCE:
                writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=_SCHEMA))
                rows += len(batch)
                batch.clear()
        writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=_SCHEMA))
        return rows + len(batch)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Each row as what it holds: absent values are left out."""
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            names = batch.schema.names
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _row(item: Item) -> dict[str, Any]:
    row = msgspec.structs.asdict(item)
    row["categories"] = list(item.categories)
    row["attributes"] = _encoder.encode(item.attributes).decode() if item.attributes else None
    return row
