"""The kinds of the shop's items, as offers are decided by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct
from pyarrow import parquet

from tailorbird.offers.items import Items

__all__ = ["Catalogue"]

_COLUMNS = ("item_id", "department", "category", "brand")


class _Item(Struct):
    """What this service reads of an `Item`."""

    item_id: str
    department: str = ""
    category: str = ""
    brand: str = ""


_item = msgspec.json.Decoder(_Item)


class Catalogue:
    """`replaced` is called after each snapshot, `moved` when one item became another kind."""

    def __init__(self, replaced: Callable[[Items], None], moved: Callable[[str], None]) -> None:
        self.items = Items()
        self._replaced = replaced
        self._moved = moved

    def read(self, path: Path) -> Items:
        """Items of a Parquet file with a column per field of Item."""
        items = Items()
        file = parquet.ParquetFile(path)
        present = [name for name in _COLUMNS if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=16_384, columns=present):
            nothing = [None] * batch.num_rows
            columns = [batch.column(name).to_pylist() if name in present else nothing for name in _COLUMNS]
            for item_id, department, category, brand in zip(*columns, strict=True):
                items.put(item_id, department or "", category or "", brand or "")
        return items

    def replace(self, kept: Items) -> None:
        """These items from now on."""
        self.items = kept
        self._replaced(kept)

    def put(self, document: bytes) -> None:
        """This item as it is now."""
        item = _item.decode(document)
        if self.items.put(item.item_id, item.department, item.category, item.brand):
            self._moved(item.item_id)
