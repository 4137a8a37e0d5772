"""What arrives, at rest: a journal at once, Parquet by day soon after, memory for what is still in the journal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tailorbird.insights.arriving.journal import Journal, replace_file

__all__ = ["ArrivalStore", "Kind"]

REMEMBERED = 100_000
"""Ids of written ones kept in memory. The bus delivers again at most what was not acknowledged: far fewer."""

One = TypeVar("One")


class Kind(Protocol[One]):
    """What is kept: how a line is read, by what it is known, and how it stands in Parquet."""

    id_column: str

    def read(self, lines: Iterable[bytes]) -> Iterable[One]: ...

    def id_of(self, one: One) -> str: ...

    def line_of(self, one: One) -> bytes: ...

    def waits(self, one: One) -> bool:
        """Whether it had better be written with the next file, as what it needs has not come yet."""
        ...

    def tables(self, kept: Sequence[One]) -> dict[str, pa.Table]:
        """Day -> table. Runs in a thread."""
        ...


class ArrivalStore(Generic[One]):
    """Keeps each one once, however often it is handed over.

    A journal segment becomes one Parquet file per day, named after the segment; the segment is deleted after. A
    process killed in between finds the segment again and writes the same files over the same names.
    """

    def __init__(self, folder: Path, journal: Path, kind: Kind[One]) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._kind = kind
        self._journal = Journal(journal)
        self._young: dict[str, One] = {}
        self._closing: dict[str, One] = {}
        self._closing_segment = ""
        self._written: dict[str, None] = {}
        self._journal_lock = asyncio.Lock()
        self._flush_lock = asyncio.Lock()
        self.young_bytes = 0
        """Bytes of what is not in Parquet yet."""
        self.waiting = 0
        """How many the last file let wait for the next."""
        self.twice = 0
        """How many were handed over again since the start."""

    @property
    def young_count(self) -> int:
        return len(self._young)

    def recover(self) -> int:
        """Number found in journals of an earlier process, now in Parquet."""
        left = self._journal.segments()
        self._remember(self._newest_ids(but={segment.stem for segment in left}))
        return sum(self._recover_segment(segment) for segment in left)

    async def keep(self, bodies: Sequence[bytes]) -> int:
        """Durable, findable and counted when this returns; the number of bodies that could not be read.

        Raises OSError when the disk will not have it.
        """
        read = list(self._kind.read(bodies))
        arrived = {self._kind.id_of(one): one for one in read}
        new = {key: one for key, one in arrived.items() if not self._known(key)}
        self.twice += len(read) - len(new)
        if not new:
            return len(bodies) - len(read)
        async with self._journal_lock:
            lines = [self._kind.line_of(one) for one in new.values()]
            await asyncio.to_thread(self._journal.append, lines)
            self._young.update(new)
            self.young_bytes += sum(map(len, lines))
        return len(bodies) - len(read)

    async def flush(self) -> int:
        """Number moved from the journal into Parquet."""
        async with self._flush_lock:
            async with self._journal_lock:
                segment = self._journal.rotate()
                if segment is None:
                    return 0
                waiting = {key: one for key, one in self._young.items() if self._kind.waits(one)}
                if waiting:
                    # In the next segment before they leave this one, so that a crash finds them in one of both.
                    await asyncio.to_thread(self._journal.append, [self._kind.line_of(one) for one in waiting.values()])
                ready = {key: one for key, one in self._young.items() if key not in waiting}
                self._closing, self._young, self.waiting = ready, waiting, len(waiting)
                self.young_bytes = sum(len(self._kind.line_of(one)) for one in waiting.values())
                self._closing_segment = segment.stem
            try:
                await asyncio.to_thread(self._write, segment, list(self._closing.values()))
            except OSError:
                # They go into the next file; the next start finds this segment's written and drops it.
                self._young = self._closing | self._young
                self.young_bytes = sum(len(self._kind.line_of(one)) for one in self._young.values())
                self._closing, self._closing_segment = {}, ""
                raise
            self._remember(self._closing)
            count, self._closing, self._closing_segment = len(self._closing), {}, ""
            return count

    @contextlib.asynccontextmanager
    async def settled(self) -> AsyncIterator[list[One]]:
        """What is not in Parquet; while this is entered nothing is moved there."""
        async with self._flush_lock:
            yield list(self._young.values())

    def close(self) -> None:
        """What is in the journal stays there and is written by the next start."""
        self._journal.close()

    def tables(self, kept: Sequence[One]) -> list[pa.Table]:
        """These as they will stand in Parquet. Runs in a thread."""
        return list(self._kind.tables(kept).values()) if kept else []

    def files(self) -> list[Path]:
        """Every file, written for good."""
        return list(self._folder.glob("day=*/*.parquet"))

    def find_young(self, key: str) -> One | None:
        """The one known by this, when it is not in Parquet yet."""
        return self._young.get(key) or self._closing.get(key)

    def holds(self, key: str) -> bool:
        """Whether the one known by this has come, as far as it is remembered."""
        return self._known(key)

    def _unwritten(self) -> list[One]:
        return [*self._young.values(), *self._closing.values()]

    def _segments_in_memory(self) -> set[str]:
        """A segment that is being written stands both in its files and in memory."""
        return {path.stem for path in self._journal.segments()} | {self._closing_segment}

    def _known(self, key: str) -> bool:
        return key in self._young or key in self._closing or key in self._written

    def _remember(self, ids: Iterable[str]) -> None:
        self._written.update(dict.fromkeys(ids))
        for old in list(self._written)[: max(0, len(self._written) - REMEMBERED)]:
            del self._written[old]

    def _newest_ids(self, but: set[str]) -> list[str]:
        """Ids of the newest files, oldest first; files of a segment that is still there do not count as written."""
        ids: list[str] = []
        newest_first = sorted(self.files(), key=lambda path: path.stem, reverse=True)
        for path in newest_first:
            if path.stem not in but:
                ids = [str(one) for one in _column(path, self._kind.id_column)] + ids
            if len(ids) >= REMEMBERED:
                break
        return ids[-REMEMBERED:]

    def _recover_segment(self, segment: Path) -> int:
        with segment.open("rb") as lines:
            read = self._kind.read(line.rstrip(b"\n") for line in lines)
            found = {self._kind.id_of(one): one for one in read}
        new = {key: one for key, one in found.items() if key not in self._written}
        self._write(segment, list(new.values()))
        self._remember(new)
        return len(new)

    def _write(self, segment: Path, kept: list[One]) -> None:
        for day, table in self._kind.tables(kept).items():
            final = self._folder / f"day={day}" / f"{segment.stem}.parquet"
            final.parent.mkdir(exist_ok=True)
            temporary = final.with_suffix(".parquet.writing")
            few = [field.name for field in table.schema if pa.types.is_string(field.type)][1:]
            pq.write_table(
                table, temporary, compression="zstd", compression_level=1, use_dictionary=few, row_group_size=2_048
            )
            replace_file(temporary, final)
        segment.unlink()


def _column(path: Path, name: str) -> list[object]:
    # Not `read_table`: it imports pandas, which takes a second of every start.
    values: list[object] = pq.ParquetFile(path).read(columns=[name])[name].to_pylist()
    return values
