"""Columns as files hold them -> columns as the owners take them, a whole batch at a time.

Each function answers the converted column and flags of the values that could not be. A value that is absent, or an
empty text, is null and flagged by nobody here.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tailorbird.suite.loading.columns import ColumnType, arrow_type
from tailorbird.suite.loading.rows import Flags

__all__ = ["convert"]

_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$"
_IS_NUMBER = re.compile(_NUMBER)
_ID_LENGTH = 200
_LAST_TIME = 7_258_118_400
"""The year 2200: what lies beyond is milliseconds that were meant as seconds."""
_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_TRUE, _FALSE = ("true", "yes"), ("false", "no")


def convert(values: pa.Array, kind: ColumnType) -> tuple[pa.Array, Flags]:
    """The column as this kind (see `tables.arrow_type`), and which of its values are none of it."""
    if pa.types.is_dictionary(values.type):
        return _convert_dictionary(values, kind)
    values, unreadable = _plain(values)
    try:
        converted, wrong = _convert(values, kind)
    except pa.ArrowException:
        # Maps, unions, intervals ...: a column of a type that says nothing here. None of its values is taken.
        empty = pa.string() if kind == "any" else arrow_type(kind)
        return pa.nulls(len(values), empty), _flags(pc.is_valid(values)) | unreadable
    return converted, wrong | unreadable


def _plain(values: pa.Array) -> tuple[pa.Array, Flags]:
    """The same values in the one type of their kind that everything below knows, and which could not be read."""
    kind = values.type
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return values.cast(pa.string()), _none(values)
    if pa.types.is_float16(kind):
        return values.cast(pa.float32()), _none(values)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [_decoded(value) for value in values.to_pylist()]
        decoded = pa.array(texts, pa.string())
        return decoded, _flags(pc.and_(pc.is_null(decoded), pc.is_valid(values)))
    return values, _none(values)


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _convert(values: pa.Array, kind: ColumnType) -> tuple[pa.Array, Flags]:
    match kind:
        case "id" | "text":
            return _texts(values, _ID_LENGTH if kind == "id" else 0)
        case "number":
            return _numbers(values)
        case "count":
            return _counts(values)
        case "time":
            return _times(values)
        case "list":
            return _lists(values)
        case "any":
            return _anything(values)


def _convert_dictionary(values: pa.DictionaryArray, kind: ColumnType) -> tuple[pa.Array, Flags]:
    """Converts each different value once; the column stays a dictionary where that is possible."""
    converted, bad = convert(values.dictionary, kind)
    indices = values.indices
    if converted.null_count or pa.types.is_list(converted.type):
        column = converted.take(indices)
    else:
        column = pa.DictionaryArray.from_arrays(indices, converted)
    return column, _flags(pa.array(bad).take(indices)) if bad.any() else _none(values)


def _texts(values: pa.Array, longest: int) -> tuple[pa.Array, Flags]:
    if pa.types.is_floating(values.type):
        # 17.0 is how a column of whole numbers with gaps comes out of a spreadsheet or a data frame.
        whole = pc.and_(pc.is_finite(values), pc.equal(pc.floor(values), values))
        if pc.all(pc.fill_null(whole, True)).as_py():
            values = values.cast(pa.int64())
    if pa.types.is_list(values.type) or pa.types.is_struct(values.type):
        return pa.nulls(len(values), pa.string()), _flags(pc.is_valid(values))
    texts = _trimmed(values if pa.types.is_string(values.type) else values.cast(pa.string()))
    return texts, _flags(pc.greater(pc.utf8_length(texts), longest)) if longest else _none(values)


def _numbers(values: pa.Array) -> tuple[pa.Array, Flags]:
    if pa.types.is_boolean(values.type) or pa.types.is_nested(values.type) or pa.types.is_temporal(values.type):
        return pa.nulls(len(values), pa.float64()), _flags(pc.is_valid(values))
    if pa.types.is_string(values.type):
        texts = _trimmed(values)
        fits = pc.match_substring_regex(texts, _NUMBER)
        numbers = pc.if_else(fits, texts, pa.scalar(None, pa.string())).cast(pa.float64())
        wrong = _flags(pc.invert(fits))
    else:
        numbers, wrong = values.cast(pa.float64(), safe=False), _none(values)
    infinite = _flags(pc.invert(pc.is_finite(numbers)))
    return numbers, wrong | infinite


def _counts(values: pa.Array) -> tuple[pa.Array, Flags]:
    numbers, wrong = _numbers(values)
    in_range = pc.and_(pc.greater_equal(numbers, 0.0), pc.less(numbers, 2.0**53))
    whole = pc.and_(in_range, pc.equal(pc.floor(numbers), numbers))
    wrong = wrong | _flags(pc.invert(whole))
    return pc.if_else(pa.array(wrong), pa.scalar(None, pa.float64()), numbers).cast(pa.int64()), wrong


def _times(values: pa.Array) -> tuple[pa.Array, Flags]:
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("s"))
    if pa.types.is_timestamp(values.type):
        # By hand: a cast to another unit would go wrong unnoticed, or not at all, for a time beyond its range.
        counted = values.cast(pa.int64()).cast(pa.float64(), safe=False)
        seconds, wrong = pc.floor(pc.divide(counted, _PER_SECOND[values.type.unit])), _none(values)
    elif pa.types.is_string(values.type):
        seconds, wrong = _times_of_texts(_trimmed(values))
    else:
        seconds, wrong = _numbers(values)
        seconds = pc.floor(seconds)
    outside = _flags(pc.or_(pc.less(seconds, 0.0), pc.greater_equal(seconds, float(_LAST_TIME))))
    wrong = wrong | outside
    return pc.if_else(pa.array(wrong), pa.scalar(None, pa.float64()), seconds).cast(pa.int64()), wrong


def _times_of_texts(texts: pa.Array) -> tuple[pa.Array, Flags]:
    """Seconds of numbers or ISO 8601; each different text is read once."""
    encoded = texts.dictionary_encode()
    read = [_moment(text) for text in encoded.dictionary.to_pylist()]
    seconds = pa.array(read, pa.float64()).take(encoded.indices)
    return seconds, _flags(pc.and_(pc.is_valid(texts), pc.is_null(seconds)))


def _moment(text: str) -> float | None:
    if _IS_NUMBER.match(text):
        number = float(text)
        return float(math.floor(number)) if math.isfinite(number) else None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return float(int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()))


def _lists(values: pa.Array) -> tuple[pa.Array, Flags]:
    kind = pa.list_(pa.string())
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        lists = values.cast(kind)
        if lists.flatten().null_count:
            lists = pa.array([one and [part for part in one if part is not None] for one in lists.to_pylist()], kind)
        return lists, _none(values)
    if not pa.types.is_string(values.type):
        return pa.nulls(len(values), kind), _flags(pc.is_valid(values))
    texts = _trimmed(pc.replace_substring_regex(values, r"\s*\|[\s|]*", "|"))
    texts = _trimmed(pc.utf8_trim(texts, "|"))
    return pc.split_pattern(texts, "|").cast(kind), _none(values)


def _anything(values: pa.Array) -> tuple[pa.Array, Flags]:
    kind = values.type
    if pa.types.is_boolean(kind) or pa.types.is_floating(kind):
        return values, _none(values)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return values.cast(pa.float64(), safe=False), _none(values)
    if pa.types.is_list(kind):
        return _lists(values)
    texts, wrong = _texts(values, 0)
    lower = pc.utf8_lower(texts)
    yes, no = pc.is_in(lower, pa.array(_TRUE)), pc.is_in(lower, pa.array(_FALSE))
    said = pc.and_(pc.is_valid(texts), pc.or_(yes, no))
    if texts.null_count < len(texts) and pc.all(pc.or_(said, pc.is_null(texts))).as_py():
        return pc.if_else(pc.is_valid(texts), yes, pa.scalar(None, pa.bool_())), wrong
    return texts, wrong


def _trimmed(texts: pa.Array) -> pa.Array:
    """Without blanks around; what is then empty is null."""
    texts = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _flags(array: Any) -> Flags:
    flags: Flags = np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), np.bool_)
    return flags


def _none(values: pa.Array) -> Flags:
    return np.zeros(len(values), np.bool_)
