"""What profiles know of items, kept up to date with the recommender's catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from tailorbird.profiles.answering.describing import Knowledge
from tailorbird.profiles.traits.items import Items, Levels, items_from_columns, price_levels, sensitive_items

__all__ = ["Catalogue"]

_COLUMNS = ("item_id", "department", "category", "brand", "attributes", "price")


class _ItemFields(msgspec.Struct):
    """Of an item what matters here."""

    item_id: str
    department: str = ""
    category: str = ""
    brand: str = ""
    price: float | None = None
    attributes: msgspec.Raw = msgspec.Raw(b"")


_decode = msgspec.json.Decoder(_ItemFields).decode


class Catalogue:
    """Keeps `knowledge.items`. Without `use_sensitive` sensitive items are left out: no trait counts them."""

    def __init__(self, knowledge: Knowledge, use_sensitive: bool) -> None:
        self._knowledge = knowledge
        self._use_sensitive = use_sensitive
        self._levels: Levels = {}

    def read(self, path: Path) -> tuple[Items, Levels]:
        """Items of a Parquet file with a column per field of Item, and what is dear and cheap in each category."""
        there = set(pq.read_schema(path).names)
        # Not `read_table`: it imports pandas, which takes a second of every start.
        table = pq.ParquetFile(path).read(columns=[name for name in _COLUMNS if name in there])
        absent: list[Any] = [None] * table.num_rows
        columns = {name: table.column(name).to_pylist() if name in there else absent for name in _COLUMNS}
        levels = price_levels(columns["category"], columns["price"])
        item_ids, departments, categories, brands, attributes, prices = (columns[name] for name in _COLUMNS)
        items = items_from_columns(item_ids, departments, categories, brands, attributes, prices, levels)
        if not self._use_sensitive:
            for item_id in sensitive_items(columns["item_id"], columns["attributes"]):
                items.put(item_id, None)
        return items, levels

    def replace(self, kept: tuple[Items, Levels]) -> None:
        """These items from now on."""
        self._knowledge.items, self._levels = kept
        self._knowledge.items_version += 1

    def put(self, document: bytes) -> None:
        """This item as it is now."""
        fields = _decode(document)
        item_id, attributes = fields.item_id, bytes(fields.attributes).decode()
        items, kind = self._knowledge.items, None
        if self._use_sensitive or not sensitive_items([item_id], [attributes]):
            columns = ([item_id], [fields.department], [fields.category], [fields.brand], [attributes], [fields.price])
            kind = items_from_columns(*columns, levels=self._levels, kinds=items.kinds).get(item_id)
        if items.put(item_id, kind):
            self._knowledge.items_version += 1
