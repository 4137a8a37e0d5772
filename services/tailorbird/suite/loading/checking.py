"""What is wrong with a row: required values, types, choices, ranges, and items that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from tailorbird.suite.loading.columns import Column, Table, arrow_type
from tailorbird.suite.loading.converting import convert
from tailorbird.suite.loading.rows import Batch, Flags, Refusals, Refused

__all__ = ["Checked", "Checker"]

_NONE_OF_IT = {
    "id": "longer than 200 characters",
    "text": "not a text",
    "number": "not a number",
    "count": "not a whole number of at least 0",
    "time": "not a time: ISO 8601 or seconds since 1970 are",
    "list": "not a list",
    "any": "not a value",
}


class Checked(Struct, frozen=True):
    """A batch parted into what goes to the owner and what goes into quarantine."""

    rows: pa.Table
    refused: tuple[Refused, ...]


class Checker:
    """Checks one table batch by batch; remembers the keys it saw, as each may stand in one row only."""

    def __init__(self, table: Table, known_items: Collection[str] = frozenset()) -> None:
        self._table = table
        self._known_items = known_items
        self._keys: set[str] = set()
        self._schema: pa.Schema | None = None

    def check(self, batch: Batch) -> Checked:
        """The rows that are right, in the owner's types and all columns of the table; the others with their reason."""
        refusals = Refusals(batch.rows.num_rows)
        columns: dict[str, pa.Array] = {}
        for column in self._table.columns:
            columns[column.name] = self._column(column, batch, refusals)
        for name in batch.rows.column_names:
            if name not in columns:
                columns[name] = self._further(name, _array(batch, name), refusals)
        self._items(columns, refusals)
        self._rules_of_the_table(columns, refusals)
        self._one_row_each(columns, refusals)
        rows = pa.table(columns)
        good = rows.filter(pa.array(~refusals.flags)) if refusals.flags.any() else rows
        if self._schema is None:
            self._schema = good.schema
        refused = (*batch.unreadable, *refusals.of(batch))
        return Checked(good.cast(self._schema), tuple(sorted(refused, key=lambda one: one.line)))

    def _column(self, column: Column, batch: Batch, refusals: Refusals) -> pa.Array:
        """The column in its type, its default where a value is absent, null where it may be."""
        if column.name not in batch.rows.column_names:
            return _filled(pa.nulls(batch.rows.num_rows, arrow_type(column.type)), column)
        values, wrong = convert(_array(batch, column.name), column.type)
        refusals.refuse(wrong, f"`{column.name}` is {_NONE_OF_IT[column.type]}")
        if column.required:
            refusals.refuse(_flags(pc.is_null(values)), f"`{column.name}` is missing")
        if column.type == "text":
            too_long = _flags(pc.greater(pc.utf8_length(_plain(values)), column.longest))
            refusals.refuse(too_long, f"`{column.name}` is longer than {column.longest:,} characters")
        if column.minimum is not None:
            refusals.refuse(_flags(pc.less(values, column.minimum)), f"`{column.name}` is below {column.minimum:g}")
        values = _filled(values, column)
        if column.one_of:
            known = pc.is_in(_plain(values), pa.array(column.one_of))
            stray = _flags(pc.and_(pc.is_valid(values), pc.invert(known)))
            refusals.refuse(stray, f"`{column.name}` is none of {', '.join(column.one_of)}")
        return values

    def _further(self, name: str, values: pa.Array, refusals: Refusals) -> pa.Array:
        """A column that the table does not name, in the type that its first batch had."""
        found, wrong = convert(values, "any")
        refusals.refuse(wrong, f"`{name}` is {_NONE_OF_IT['any']}")
        if self._schema is None or self._schema.field(name).type == found.type:
            return found
        wanted = self._schema.field(name).type
        if pa.types.is_string(wanted):
            return found.cast(pa.string())
        refusals.refuse(_flags(pc.is_valid(found)), f"`{name}` is no {wanted}, as it is in the rows before")
        return pa.nulls(len(found), wanted)

    def _items(self, columns: dict[str, pa.Array], refusals: Refusals) -> None:
        if name := self._table.item_column:
            ids = columns[name]
            # Each different id is looked up once: a set beats hashing the whole catalogue again for every batch.
            encoded = ids if isinstance(ids, pa.DictionaryArray) else ids.dictionary_encode()
            unknown = pa.array([item not in self._known_items for item in encoded.dictionary.to_pylist()], pa.bool_())
            refusals.refuse(
                _flags(unknown.take(encoded.indices)), f"`{name}` names no item of this folder or of the catalogue"
            )

    def _rules_of_the_table(self, columns: dict[str, pa.Array], refusals: Refusals) -> None:
        if self._table.who:
            nobody = np.ones(refusals.flags.size, np.bool_)
            for name in self._table.who:
                nobody &= _flags(pc.is_null(columns[name]))
            refusals.refuse(nobody, f"none of {', '.join(f'`{name}`' for name in self._table.who)} is there")
        if self._table.item_column and "quantity" in columns:
            refusals.refuse(_flags(pc.equal(columns["quantity"], 0.0)), "quantity 0 is no purchase")
        if self._table.period:
            backwards = pc.less_equal(columns["ends_at"], columns["starts_at"])
            refusals.refuse(_flags(backwards), "`ends_at` does not lie after `starts_at`")

    def _one_row_each(self, columns: dict[str, pa.Array], refusals: Refusals) -> None:
        if not (key := self._table.key):
            return
        again: Flags = np.zeros(len(columns[key]), np.bool_)
        refused = refusals.flags
        for place, value in enumerate(columns[key].to_pylist()):
            if refused[place]:
                continue
            again[place] = value in self._keys
            self._keys.add(value)
        refusals.refuse(again, f"`{key}` stands in an earlier row too")


def _array(batch: Batch, name: str) -> pa.Array:
    chunked = batch.rows[name]
    return chunked.combine_chunks() if isinstance(chunked, pa.ChunkedArray) else chunked


def _filled(values: pa.Array, column: Column) -> pa.Array:
    if not column.default or not values.null_count:
        return values
    default = json.loads(column.default) if column.type == "number" else column.default
    return pc.fill_null(_plain(values), default)


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if isinstance(values, pa.DictionaryArray) else values


def _flags(array: pa.Array) -> Flags:
    flags: Flags = np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), np.bool_)
    return flags
