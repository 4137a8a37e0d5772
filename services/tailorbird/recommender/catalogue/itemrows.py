"""Items out of tables: the rows of a load, and the snapshot that the whole suite reads, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tailorbird.contracts.recommender import Item
from tailorbird.recommender.catalogue.columns import MOST_STOCK, NOTHING, Bulk, Named, recommendable, sensitive
from tailorbird.recommender.catalogue.documents import ROWS_AT_ONCE, Documents, decode_item, encode_json, item_of_row

__all__ = ["bulk_of_snapshot", "items_of_load", "items_of_snapshot", "write_snapshot"]

ATTRIBUTE = "attr_"

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("item_id", "title", "kind", "department", "category", "brand", "size")),
        ("price", pa.float64()),
        ("currency", pa.string()),
        ("stock", pa.int64()),
        ("stock_at", pa.float64()),
        *((name, pa.string()) for name in ("url", "image_url", "summary", "body")),
        ("categories", pa.list_(pa.string())),
        ("attributes", pa.string()),
    ]
)
"""A column per field of Item; attributes as JSON, as every item may have others."""
_OF_FEW = ["kind", "department", "category", "brand", "size", "currency", "attributes"]
"""Columns in which the same texts stand again and again."""


def items_of_load(path: Path, table: str) -> Iterator[Item]:
    """The items of a checked load of `items` or `articles`."""
    for row in _rows(path):
        attributes = {name.removeprefix(ATTRIBUTE): row.pop(name) for name in list(row) if name.startswith(ATTRIBUTE)}
        if table == "articles":
            row["item_id"], row["kind"] = row.pop("article_id"), "article"
        row["categories"] = tuple(row.get("categories", ()))
        row["stock_at"] = float(row.get("stock_at", 0.0)) if "stock" in row else 0.0
        yield Item(**row, attributes=attributes)


def items_of_snapshot(path: Path) -> Iterator[Item]:
    for row in _rows(path):
        yield item_of_row(row)


def bulk_of_snapshot(path: Path) -> Bulk:
    """The items of a snapshot, column by column: what ranking needs, and the rest as it lies in the file."""
    # Neither `to_numpy` nor `read_table`: both import pandas, which takes a second of every start.
    with parquet.ParquetFile(path, read_dictionary=_OF_FEW) as file:
        table = file.read(use_threads=False).combine_chunks()
    attributes = [msgspec.json.decode(text) if text else {} for text in _texts(table, "attributes").texts]
    code = _texts(table, "attributes").codes
    kinds = _texts(table, "kind")
    product = np.array([text != "article" for text in kinds.texts], np.bool_)[kinds.codes]
    stocks = table["stock"].to_pylist()
    in_stock = np.array([count != 0 for count in stocks], np.bool_)
    unnamed = ~np.array([recommendable(one) for one in attributes], np.bool_)[code]
    shown = in_stock & ~unnamed
    priced = np.array([price is not None for price in table["price"].to_pylist()], np.bool_)
    about = table["categories"].combine_chunks()
    return Bulk(
        item_ids=table["item_id"].to_pylist(),
        titles=table["title"].to_pylist(),
        documents=Documents(table),
        available=shown & product & priced,
        sensitive=np.array([sensitive(one) for one in attributes], np.bool_)[code],
        unnamed=unnamed,
        categories=_texts(table, "category"),
        departments=_texts(table, "department"),
        brands=_texts(table, "brand"),
        prices=np.array([price or 0.0 for price in table["price"].to_pylist()], np.float32),
        stocks=np.array([NOTHING if left is None else min(left, MOST_STOCK) for left in stocks], np.int32),
        about={place: tuple(about[place].as_py() or ()) for place in np.flatnonzero(shown & ~product).tolist()},
    )


def _texts(table: pa.Table, name: str) -> Named:
    """The column as texts and codes; what is absent is the empty text."""
    column = table[name].combine_chunks()
    texts = [str(text) for text in column.dictionary.to_pylist()]
    codes = [len(texts) if code is None else code for code in column.indices.to_pylist()]
    return Named([*texts, ""], np.array(codes, np.int32))


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
    row["attributes"] = encode_json(item.attributes).decode() if item.attributes else None
    return row
