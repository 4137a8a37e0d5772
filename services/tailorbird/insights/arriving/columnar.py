"""Python values as Arrow columns, put together from bytes: `pa.array` of a list would import pandas, 1.4 s of work."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["table_of"]

_NUMBERS = {pa.float64(): np.float64, pa.int32(): np.int32, pa.int8(): np.int8}


def table_of(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """The columns as a table of this schema: numbers, texts, bytes, and lists of texts or numbers."""
    return pa.Table.from_arrays([_array(columns[field.name], field.type) for field in schema], schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if kind in _NUMBERS:
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.array(values, dtype=_NUMBERS[kind]))])
    if pa.types.is_list(kind):
        flat = list(itertools.chain.from_iterable(values))
        return pa.ListArray.from_arrays(_array(_ends(values), pa.int32()), _array(flat, kind.value_type))
    if pa.types.is_string(kind):
        values, data = _encoded(values)
    else:
        data = b"".join(values)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(_ends(values)), pa.py_buffer(data)])


def _encoded(texts: Sequence[str]) -> tuple[Sequence[str] | Sequence[bytes], bytes]:
    """(values as long as their bytes, all the bytes)."""
    joined = "".join(texts)
    if joined.isascii():
        # Most are: then a text is as long as its bytes, and none need be encoded by itself.
        return texts, joined.encode()
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    return parts, b"".join(parts)


def _ends(values: Sequence[Any]) -> npt.NDArray[np.int32]:
    ends = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, values), dtype=np.int32, count=len(values)), out=ends[1:])
    return ends
