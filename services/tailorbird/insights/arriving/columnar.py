"""Python values as Arrow columns, put together from bytes: `pa.array` of a list would import pandas, 1.4 s of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["table_of"]

_NUMBERS = {pa.float64(): np.float64, pa.int32(): np.int32, pa.int8(): np.int8}


def table_of(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """The columns as a table of this schema: numbers, texts, bytes, and lists of texts or numbers."""
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind in _NUMBERS:
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.array(values, dtype=_NUMBERS[kind]))])
    if pa.types.is_list(kind):
        flat = [one for value in values for one in value]
        return pa.ListArray.from_arrays(_array(_ends(values), pa.int32()), _array(flat, kind.value_type))
    parts = [value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value for value in values]
    return pa.Array.from_buffers(
        kind, len(parts), [None, pa.py_buffer(np.array(_ends(parts), dtype=np.int32)), pa.py_buffer(b"".join(parts))]
    )


def _ends(values: Sequence[Any]) -> Any:
    ends = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum([len(value) for value in values], out=ends[1:])
    return ends
