"""A batch of rows on its way in, and those of it that are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Batch", "Flags", "Refusals", "Refused"]

Flags = NDArray[np.bool_]


class Refused(Struct, frozen=True):
    """One row that is not taken over: where it stands, why, and the row."""

    line: int
    reason: str
    row: str


class Batch(Struct, frozen=True):
    """Rows as the file holds them, and those that could not even be read as rows."""

    rows: pa.Table
    lines: NDArray[np.int64]
    """For each row its line in a CSV file (the header is line 1), or its number in a Parquet file."""
    unreadable: tuple[Refused, ...] = ()
    done: int = 0
    """How much of the file is behind: bytes of CSV, rows of Parquet."""


class Refusals:
    """Which rows of a batch are refused, each for the first reason that was found."""

    def __init__(self, count: int) -> None:
        self._codes: NDArray[np.int32] = np.zeros(count, np.int32)
        self._reasons: list[str] = [""]

    def refuse(self, flags: Flags, reason: str) -> None:
        """Refuses the flagged rows that nothing was wrong with so far."""
        newly = flags & (self._codes == 0)
        if newly.any():
            self._reasons.append(reason)
            self._codes[newly] = len(self._reasons) - 1

    @property
    def flags(self) -> Flags:
        """True for a row that is refused."""
        refused: Flags = self._codes != 0
        return refused

    def of(self, batch: Batch) -> Iterator[Refused]:
        """The refused rows of this batch, as they stood in the file."""
        (places,) = np.nonzero(self._codes)
        if not len(places):
            return
        refused = batch.rows.take(pa.array(places))
        columns = [_shown(column) for column in refused.columns]
        for place, *values in zip(places, *columns, strict=True):
            row = dict(zip(refused.column_names, values, strict=True))
            yield Refused(int(batch.lines[place]), self._reasons[self._codes[place]], _as_text(row))


def _shown(column: pa.ChunkedArray) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
    except (OverflowError, ValueError):  # A time beyond what Python can hold.
        values = ["?"] * len(column)
    return values


def _as_text(row: dict[str, Any]) -> str:
    return msgspec.json.encode({name: value for name, value in row.items() if value is not None}, enc_hook=str).decode()
