"""What was made and what came of it, kept: noted at once, written in batches, read by every process of offers.

Notes rest in a ring of a bucket, the newest over the oldest, and what was learned from all of them beside it. So a
process that starts knows what the others know, and a restart forgets at most the last half second.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus import Bucket, Entry
from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.learning.beliefs import Cell
from tailorbird.offers.learning.counting import Delays
from tailorbird.offers.learning.memory import Made, Memory, Note

__all__ = ["CUSTOMERS_REMEMBERED", "Remembering"]

CUSTOMERS_REMEMBERED = 60_000
RING = 1_024
"""Batches of notes that are kept."""
BATCH = 2_000
"""Notes of a batch at most."""
PAUSE = 0.5
"""Seconds for which notes are gathered."""
_LEARNED = "learned"

log = structlog.get_logger(__name__)


class Batch(Struct, frozen=True, array_like=True):
    notes: tuple[Note, ...]
    again: bool = False
    """Written anew without those of somebody erased: the others in it have been counted before."""


class Kept(Struct, frozen=True):
    """All that was seen of offers, by the notes up to a revision of the bucket."""

    revision: int
    cells: dict[str, dict[str, Cell]]
    at: float = 0.0
    delays: Delays | None = None


_batch = msgspec.json.Decoder(Batch)
_kept = msgspec.json.Decoder(Kept)


class Remembering:
    """A `Memory` that follows the bucket while this is entered; `write` adds to it."""

    def __init__(
        self, bucket: Bucket, goal: Callable[[], Goal], otherwise: Callable[[str], None] = lambda _: None
    ) -> None:
        """`otherwise`: called with the pseudonym of a customer who may be made other offers after a note."""
        self.memory = Memory(CUSTOMERS_REMEMBERED)
        self._bucket = bucket
        self._goal = goal
        self._otherwise = otherwise
        self._notes: list[Note] = []
        self._own: set[bytes] = set()
        self._gone: set[str] = set()
        self._revision = 0
        self._last_put = 0
        self._written_at = 0
        self._noted = asyncio.Event()
        self._putting = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def write(self, note: Note) -> None:
        """It counts here at once, for the other processes within a second."""
        if note.person in self._gone:
            return
        self._count(note, self._goal())
        self._notes.append(note)
        self._noted.set()

    async def forget(self, persons: Iterable[str]) -> None:
        """Drops every note of these customers, here and in the bucket. What was learned from them tells of nobody."""
        self._gone.update(persons)
        self.memory.forget(self._gone)
        async with self._putting:
            self._notes = self._of_others(self._notes)
            for key, entry in (await self._bucket.entries()).items():
                batch = _batch_of(entry)
                if batch is None or len(others := self._of_others(batch.notes)) == len(batch.notes):
                    continue
                try:
                    await self._bucket.put(key, _packed(Batch(tuple(others), again=True)), entry.revision)
                except Fault as fault:
                    if fault.code != 409:  # Another process wrote it anew, or newer notes stand there.
                        raise

    async def __aenter__(self) -> Self:
        await self._read()
        self._tasks = [
            asyncio.create_task(self._follow(), name="offers-memory-follow"),
            asyncio.create_task(self._keep(), name="offers-memory-keep"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(*self._tasks)
        with contextlib.suppress(Fault):
            await self._put()

    async def _read(self) -> None:
        """Notes in the order of their revisions; those that the learned cells hold already leave them as they are."""
        kept = Kept(0, {})
        batches: list[tuple[int, Batch]] = []
        for entry in (await self._bucket.entries()).values():
            self._revision = max(self._revision, entry.revision)
            if entry.key == _LEARNED and entry.value is not None:
                kept = _kept.decode(zlib.decompress(entry.value))
            elif (batch := _batch_of(entry)) is not None:
                # What was written anew stands first, with all that the learned cells hold.
                batches.append((0 if batch.again else entry.revision, batch))
        begun = False
        for revision, batch in sorted(batches, key=lambda one: one[0]):
            if not begun and revision > kept.revision:
                self.memory.learn(kept.cells, kept.at, kept.delays)
                begun = True
            self._take(batch)
        if not begun:
            self.memory.learn(kept.cells, kept.at, kept.delays)

    async def _follow(self) -> None:
        async for entry in self._bucket.watch(after=self._revision):
            self._revision = entry.revision
            if entry.value in self._own:
                self._own.discard(entry.value)
            elif (batch := _batch_of(entry)) is not None and not batch.again:
                self._take(batch)

    async def _keep(self) -> None:
        while True:
            await self._noted.wait()
            await asyncio.sleep(PAUSE)
            self._noted.clear()
            try:
                await self._put()
            except Fault as fault:
                log.warning("notes_wait", waiting=len(self._notes), reason=fault.sentence)
                self._noted.set()

    async def _put(self) -> None:
        async with self._putting:
            await self._put_all()

    async def _put_all(self) -> None:
        while self._notes:
            some = self._notes[:BATCH]
            value = _packed(Batch(tuple(some)))
            self._own.add(value)
            try:
                place = max(self._revision, self._last_put) % RING
                self._last_put = revision = await self._bucket.put(f"ring/{place}", value)
            except Fault:
                self._own.discard(value)
                raise
            del self._notes[: len(some)]
            if not self._notes and (revision - self._written_at >= RING // 8 or not self._written_at):
                memory = self.memory
                kept = Kept(revision, memory.learned(), memory.latest, memory.delays)
                self._written_at = revision
                await self._bucket.put(_LEARNED, zlib.compress(msgspec.json.encode(kept), 1))

    def _take(self, batch: Batch) -> None:
        goal = self._goal()
        for note in self._of_others(batch.notes):
            self._count(note, goal)

    def _count(self, note: Note, goal: Goal) -> None:
        self.memory.take(note, goal)
        bears = note.waiting if isinstance(note, Made) else note.kind in {"refused", "redeemed"}
        if bears:
            self._otherwise(note.person)

    def _of_others(self, notes: Iterable[Note]) -> list[Note]:
        return [note for note in notes if note.person not in self._gone]


def _packed(batch: Batch) -> bytes:
    return zlib.compress(msgspec.json.encode(batch), 1)


def _batch_of(entry: Entry) -> Batch | None:
    if entry.key == _LEARNED or entry.value is None:
        return None
    try:
        return _batch.decode(zlib.decompress(entry.value))
    except (msgspec.MsgspecError, zlib.error) as error:
        log.error("notes_unreadable", reason=str(error))
        return None
