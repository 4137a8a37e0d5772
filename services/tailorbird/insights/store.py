"""Decisions at rest: a journal on arrival, Parquet by day soon after, memory for what is still in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tailorbird.contracts.insights import DecisionTotal
from tailorbird.insights.decisions import Head, Kept, add_up, born, columns, day_of, read_lines
from tailorbird.insights.journal import Journal, replace_file

__all__ = ["DecisionStore"]

_SCHEMA = pa.schema(
    [
        ("decision_id", pa.string()),
        ("at", pa.float64()),
        ("subject", pa.string()),
        ("channel", pa.string()),
        ("person", pa.string()),
        ("persona", pa.string()),
        ("layout", pa.string()),
        ("variant", pa.string()),
        ("took_ms", pa.float64()),
        ("fallbacks", pa.int32()),
        ("body", pa.binary()),
    ]
)
_NUMBERS = {pa.float64(): np.float64, pa.int32(): np.int32}
_FEW_VALUES = ["subject", "channel", "persona", "layout", "variant"]
_REMEMBERED = 100_000
"""Ids of written decisions kept in memory. The bus delivers again at most what was not acknowledged: far fewer."""
_DUCKDB: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
}


class DecisionStore:
    """Keeps each decision once, however often it is handed over, and finds it by id from the first moment.

    A journal segment becomes one Parquet file per day, named after the segment; the segment is deleted after. A
    process killed in between finds the segment again and writes the same files over the same names.
    """

    def __init__(self, folder: Path) -> None:
        self._decisions = folder / "decisions"
        self._decisions.mkdir(parents=True, exist_ok=True)
        self._journal = Journal(folder / "journal")
        self._young: dict[str, Kept] = {}
        self._closing: dict[str, Kept] = {}
        self._closing_segment = ""
        self._written: dict[str, None] = {}
        self._journal_lock = asyncio.Lock()
        self._flush_lock = asyncio.Lock()
        self.young_bytes = 0
        """Bytes of the decisions that are not in Parquet yet."""

    @property
    def young_count(self) -> int:
        return len(self._young)

    def recover(self) -> int:
        """Number of decisions found in journals of an earlier process, now in Parquet."""
        left = self._journal.segments()
        self._remember(self._newest_ids(but={segment.stem for segment in left}))
        return sum(self._recover_segment(segment) for segment in left)

    async def keep(self, bodies: Sequence[bytes]) -> int:
        """Durable, findable and counted when this returns; the number of bodies that were no decision at all.

        Raises OSError when the disk will not have it.
        """
        read = list(read_lines(bodies))
        arrived = {one.head.decision_id: one for one in read}
        new = [one for key, one in arrived.items() if not self._known(key)]
        if not new:
            return len(bodies) - len(read)
        async with self._journal_lock:
            await asyncio.to_thread(self._journal.append, [one.body for one in new])
            for one in new:
                self._young[one.head.decision_id] = one
                self.young_bytes += len(one.body)
        return len(bodies) - len(read)

    async def flush(self) -> int:
        """Number of decisions moved from the journal into Parquet."""
        async with self._flush_lock:
            async with self._journal_lock:
                segment = self._journal.rotate()
                if segment is None:
                    return 0
                self._closing, self._young, self.young_bytes = self._young, {}, 0
                self._closing_segment = segment.stem
            try:
                await asyncio.to_thread(self._write, segment, list(self._closing.values()))
            except OSError:
                # They go into the next file; the next start finds this segment's decisions written and drops it.
                self._young = self._closing | self._young
                self.young_bytes = sum(len(one.body) for one in self._young.values())
                self._closing, self._closing_segment = {}, ""
                raise
            self._remember(self._closing)
            count, self._closing, self._closing_segment = len(self._closing), {}, ""
            return count

    def close(self) -> None:
        """What is in the journal stays there and is written by the next start."""
        self._journal.close()

    async def find(self, decision_id: str) -> bytes | None:
        """The decision's JSON, None when there is none."""
        young = self._young.get(decision_id) or self._closing.get(decision_id)
        if young is not None:
            return young.body
        return await asyncio.to_thread(self._find_written, decision_id)

    def files(self) -> list[Path]:
        """Every file of decisions, written for good."""
        return list(self._decisions.glob("day=*/*.parquet"))

    def find_young(self, decision_id: str) -> bytes | None:
        """As `find`, but only among decisions that are not in Parquet yet."""
        young = self._young.get(decision_id) or self._closing.get(decision_id)
        return young.body if young else None

    async def totals(self, first_day: str) -> list[DecisionTotal]:
        """Decisions per day and subject from that day on, those that came a moment ago included."""
        heads: list[Head] = [one.head for held in (self._young, self._closing) for one in held.values()]
        # A segment that is being written stands both in its files and in memory: counted in memory.
        both = {path.stem for path in self._journal.segments()} | {self._closing_segment}
        rows = await asyncio.to_thread(self._count_written, first_day, both)
        return add_up(rows, heads, first_day)

    def _known(self, decision_id: str) -> bool:
        return decision_id in self._young or decision_id in self._closing or decision_id in self._written

    def _remember(self, ids: Iterable[str]) -> None:
        self._written.update(dict.fromkeys(ids))
        for old in list(self._written)[: max(0, len(self._written) - _REMEMBERED)]:
            del self._written[old]

    def _newest_ids(self, but: set[str]) -> list[str]:
        """Ids of the newest files, oldest first; files of a segment that is still there do not count as written."""
        ids: list[str] = []
        newest_first = sorted(self._decisions.glob("day=*/*.parquet"), key=lambda path: path.stem, reverse=True)
        for path in newest_first:
            if path.stem not in but:
                ids = [str(one) for one in _ids_in(path)] + ids
            if len(ids) >= _REMEMBERED:
                break
        return ids[-_REMEMBERED:]

    def _recover_segment(self, segment: Path) -> int:
        with segment.open("rb") as lines:
            found = {one.head.decision_id: one for one in read_lines(line.rstrip(b"\n") for line in lines)}
        new = {key: one for key, one in found.items() if key not in self._written}
        self._write(segment, list(new.values()))
        self._remember(new)
        return len(new)

    def _write(self, segment: Path, kept: list[Kept]) -> None:
        for day, of_day in columns(kept).items():
            final = self._decisions / f"day={day}" / f"{segment.stem}.parquet"
            final.parent.mkdir(exist_ok=True)
            temporary = final.with_suffix(".parquet.writing")
            arrays = [_array(of_day[name], _SCHEMA.field(name).type) for name in _SCHEMA.names]
            table = pa.Table.from_arrays(arrays, schema=_SCHEMA)
            pq.write_table(
                table, temporary, compression="zstd", compression_level=1, use_dictionary=_FEW_VALUES,
                row_group_size=2_048,
            )  # fmt: skip
            replace_file(temporary, final)
        segment.unlink()

    def _find_written(self, decision_id: str) -> bytes | None:
        at = born(decision_id)
        # The clock that made the id and the one that dated the decision may stand on both sides of midnight.
        days = ["*"] if at is None else sorted({day_of(at + shift) for shift in (-3_600, 0, 3_600)})
        files = [str(path) for day in days for path in sorted(self._decisions.glob(f"day={day}/*.parquet"))]
        if not files:
            return None
        with duckdb.connect(config=_DUCKDB) as connection:
            row = connection.execute(
                "select body from read_parquet($files) where decision_id = $decision_id limit 1",
                {"files": files, "decision_id": decision_id},
            ).fetchone()
        return None if row is None else bytes(row[0])

    def _count_written(self, first_day: str, but: set[str]) -> list[tuple[str, str, int, int]]:
        counted: list[tuple[str, str, int, int]] = []
        with duckdb.connect(config=_DUCKDB) as connection:
            for folder in sorted(self._decisions.glob("day=*")):
                day = folder.name.removeprefix("day=")
                files = [str(path) for path in folder.glob("*.parquet") if path.stem not in but]
                if day < first_day or not files:
                    continue
                rows = connection.execute(
                    "select subject, count(*), count_if(fallbacks > 0) from read_parquet($files) group by subject",
                    {"files": files},
                ).fetchall()
                counted += [(day, str(subject), int(count), int(fallen)) for subject, count, fallen in rows]
        return counted


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    """The values as Arrow, put together from bytes: `pa.array` of a list would import pandas, 1.4 s of work once."""
    if kind in _NUMBERS:
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.array(values, dtype=_NUMBERS[kind]))])
    parts = [value.encode() if isinstance(value, str) else value for value in values]
    ends = np.zeros(len(parts) + 1, dtype=np.int32)
    np.cumsum([len(part) for part in parts], out=ends[1:])
    return pa.Array.from_buffers(kind, len(parts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(parts))])


def _ids_in(path: Path) -> list[object]:
    # Not `read_table`: it imports pandas, which takes a second of every start.
    ids: list[object] = pq.ParquetFile(path).read(columns=["decision_id"])["decision_id"].to_pylist()
    return ids
