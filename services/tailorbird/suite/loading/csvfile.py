"""A CSV file in batches: a line that is broken costs that line and nothing else."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from tailorbird.contracts.wire import Fault
from tailorbird.suite.loading.rows import Batch, Refused

__all__ = ["csv_batches", "csv_columns"]

_LONGEST_LINE = 1_000_000
_LINES_OF_A_ROW = 100
"""A quoted text may run over that many lines; beyond it the quotation mark counts as never closed."""

_BATCH = 50_000
_DELIMITERS = (",", ";", "\t")


def csv_columns(path: Path) -> list[str]:
    """The names in the header. Raises Fault(422) when there is none, or a name stands twice."""
    with path.open("rb") as file:
        names, _ = _header(path, file)
    return names


def csv_batches(path: Path) -> Iterator[Batch]:
    """All rows, as text; empty lines are no rows."""
    with path.open("rb") as file:
        names, delimiter = _header(path, file)
        rows: list[list[str]] = []
        lines: list[int] = []
        unreadable: list[Refused] = []
        for line, found in _rows(file, delimiter, len(names)):
            if isinstance(found, Refused):
                unreadable.append(found)
            else:
                rows.append(found)
                lines.append(line)
            if len(rows) + len(unreadable) >= _BATCH:
                yield _batch(names, rows, lines, unreadable, file.tell())
                rows, lines, unreadable = [], [], []
        yield _batch(names, rows, lines, unreadable, file.tell())


def _header(path: Path, file: BinaryIO) -> tuple[list[str], str]:
    try:
        text = file.readline(_LONGEST_LINE).decode("utf-8-sig").rstrip("\r\n")
        delimiter = max(_DELIMITERS, key=text.count)
        names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Fault(422, f"The first line of {path} is no header with column names: {error}.") from error
    if not any(names):
        raise Fault(422, f"{path} is empty; its first line must name the columns.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Fault(422, f"{path} names the column `{twice[0]}` twice.")
    return names, delimiter


def _rows(file: BinaryIO, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | Refused]]:
    """Line number and fields of every row; Refused when a row can't be made out."""
    waiting: deque[bytes] = deque()
    number = 1
    while raw := _next_line(file, waiting):
        number += 1
        first = number
        if not raw.strip():
            continue
        try:
            text = raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield first, _refused(first, "it is not UTF-8", raw)
            continue
        if len(raw) > _LONGEST_LINE:
            yield first, _refused(first, f"it is longer than {_LONGEST_LINE:,} bytes", raw)
            continue
        if '"' not in text:
            fields: list[str] | str = text.split(delimiter)
        else:
            fields, more = _quoted(raw, file, waiting, delimiter)
            number += more
        if isinstance(fields, str):
            yield first, _refused(first, fields, raw)
        elif len(fields) != width:
            yield first, _refused(first, f"it has {len(fields)} fields, and the header {width}", raw)
        else:
            yield first, fields


def _quoted(raw: bytes, file: BinaryIO, waiting: deque[bytes], delimiter: str) -> tuple[list[str] | str, int]:
    """The fields of a row with quotation marks and how many further lines it took; a sentence when it is broken.

    Lines that were looked at in vain go back to `waiting`: they may be good rows.
    """
    taken: list[bytes] = [raw]
    while True:
        try:
            text = b"".join(taken).decode("utf-8").rstrip("\r\n")
            parsed = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
            return parsed[0], len(taken) - 1
        except (csv.Error, UnicodeDecodeError) as error:
            unfinished = "unexpected end of data" in str(error)
            further = _next_line(file, waiting) if unfinished and len(taken) < _LINES_OF_A_ROW else b""
            if not further:
                waiting.extendleft(reversed(taken[1:]))
                return "its quotation marks do not match", 0
            taken.append(further)


def _next_line(file: BinaryIO, waiting: deque[bytes]) -> bytes:
    """The next line with its end, at most a little longer than is allowed; nothing at the file's end."""
    if waiting:
        return waiting.popleft()
    line = file.readline(_LONGEST_LINE + 1)
    if len(line) > _LONGEST_LINE and not line.endswith(b"\n"):
        while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            continue
    return line


def _refused(line: int, reason: str, raw: bytes) -> Refused:
    return Refused(line, reason, raw[:2_000].decode("utf-8", "backslashreplace").rstrip("\r\n"))


def _batch(names: list[str], rows: list[list[str]], lines: list[int], unreadable: list[Refused], done: int) -> Batch:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})
    return Batch(table, np.array(lines, np.int64), tuple(unreadable), done)
