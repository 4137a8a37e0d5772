"""What a table to load is made of: columns with types, what each means, and whose rows they are."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa
from msgspec import Struct

from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.wire import Endpoint

__all__ = ["Column", "ColumnType", "Table", "arrow_type"]

ColumnType = Literal["id", "text", "number", "count", "time", "list", "any"]
"""id: up to 200 characters. number: finite. count: a whole number, not negative. time: ISO 8601 or seconds since 1970.
list: texts, in CSV separated by `|`. any: a text, number or yes/no as the file holds it."""


class Column(Struct, frozen=True):
    """One column of a table to load."""

    name: str
    type: ColumnType
    doc: str
    required: bool = False
    default: str = ""
    """What an absent value becomes, as it would be written."""
    one_of: tuple[str, ...] = ()
    minimum: float | None = None
    longest: int = 20_000
    """Characters that a text may have."""


class Table(Struct, frozen=True):
    """One table: a file `<name>.csv` or `<name>.parquet` in the folder."""

    name: str
    doc: str
    owner: Endpoint[ImportQuery, Imported]
    columns: tuple[Column, ...]
    key: str = ""
    """The column whose value may stand in one row only."""
    referred: bool = False
    """True when other tables refer to its rows: it is loaded before them."""
    item_column: str = ""
    """The column whose value must be a known item."""
    who: tuple[str, ...] = ()
    """Columns of which at least one must say whose row it is."""
    period: bool = False
    """True when `starts_at` must lie before `ends_at`."""
    further: Literal["none", "attr_", "any"] = "none"
    """Columns beyond those named: refused, those starting with `attr_`, or any."""
    also: tuple[Endpoint[ImportQuery, Imported], ...] = ()
    """Others who want the rows too; what they answer is not counted."""

    def column(self, name: str) -> Column | None:
        """The column of that name, None when the table has none."""
        return next((column for column in self.columns if column.name == name), None)

    def accepts(self, name: str) -> bool:
        """Whether a file of this table may have a column of that name."""
        if self.column(name) is not None or self.further == "any":
            return True
        return self.further == "attr_" and name.startswith("attr_") and len(name) > len("attr_")


_ARROW: dict[ColumnType, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "number": pa.float64(),
    "count": pa.int64(),
    "time": pa.int64(),
    "list": pa.list_(pa.string()),
}


def arrow_type(kind: ColumnType) -> Any:
    """How a column of this kind is handed to the owner: times as whole seconds since 1970 UTC."""
    return _ARROW[kind]
