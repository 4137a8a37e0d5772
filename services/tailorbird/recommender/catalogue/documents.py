"""Each item as JSON, by position: those of a snapshot are encoded when somebody asks for them, which few ever are."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from tailorbird.contracts.recommender import Item

__all__ = ["Documents", "decode_item", "encode_item", "encode_json", "item_of_row"]

ROWS_AT_ONCE = 8_192

decode_item = msgspec.json.Decoder(Item).decode
encode_json = msgspec.json.Encoder(order="deterministic").encode


_DEFAULTS = {name: getattr(Item(item_id="-", title="-"), name) for name in ("kind", "currency", "stock_at")}
"""What an item has when nobody says otherwise; they are not written, but msgspec knows them by identity only."""


def encode_item(item: Item) -> bytes:
    """JSON of the item; equal items have equal bytes."""
    for name, default in _DEFAULTS.items():
        value = getattr(item, name)
        if value is not default and value == default:
            item = replace(item, **{name: default})
    return encode_json(item)


def item_of_row(row: dict[str, Any]) -> Item:
    """The item of a snapshot's row, which may hold None for what the item lacks."""
    row = {name: value for name, value in row.items() if value is not None}
    row["categories"] = tuple(row.get("categories", ()))
    row["attributes"] = msgspec.json.decode(row["attributes"]) if row.get("attributes") else {}
    return Item(**row)


class Documents:
    """Documents of a snapshot's items, and of what was put since; one writer, and readers in other threads."""

    def __init__(self, snapshot: Any = ()) -> None:
        self._snapshot = snapshot
        """An Arrow table with a row for each of the first positions."""
        self._length = len(snapshot)
        self._encoded: dict[int, bytes] = {}

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, position: int) -> bytes:
        document = self._encoded.get(position)
        if document is None:
            (row,) = self._snapshot.slice(position, 1).to_pylist()
            document = self._encoded.setdefault(position, encode_item(item_of_row(row)))
        return document

    def __setitem__(self, position: int, document: bytes) -> None:
        self._encoded[position] = document

    def append(self, document: bytes) -> None:
        self._encoded[self._length] = document
        self._length += 1

    def encode_all(self) -> None:
        """For who will ask for most of them: row by row, encoding them takes five times as long."""
        if not len(self._snapshot):
            return
        position = 0
        for batch in self._snapshot.to_batches(max_chunksize=ROWS_AT_ONCE):
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                if position not in self._encoded:
                    item = item_of_row(dict(zip(batch.schema.names, values, strict=True)))
                    self._encoded.setdefault(position, encode_item(item))  # Unless it was put meanwhile.
                position += 1
        self._snapshot = ()
