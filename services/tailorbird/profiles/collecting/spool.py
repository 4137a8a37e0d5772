"""Where accepted events are safe: in the stream, or, when NATS does not answer, in files that are fsynced.

`accept` returns when one of the two holds. Events of calls that come at the same time travel as one message. While
files wait, new events queue behind them, so that the stream gets everything in the order of acceptance; each batch
keeps its message id, so that one which did reach the stream before its answer was lost counts once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Self
from uuid import uuid4

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus import Announcer, AnsweringBus
from tailorbird.bus.ending import ended
from tailorbird.contracts.identity import PERSON_ERASED, PersonErased
from tailorbird.contracts.profiles import COLLECTED, Event, EventBatch
from tailorbird.contracts.wire import Fault
from tailorbird.host import metrics
from tailorbird.profiles.collecting.spoolfile import Spooled, SpoolFolder
from tailorbird.profiles.identity.belonging import ids_of_all
from tailorbird.profiles.settings import Settings

__all__ = ["EventSpool", "open_spool"]

BATCH_BYTES = 512 * 1024
"""A message of the stream holds a megabyte at most."""
DRAIN_PAUSE = 0.25
LAST_FEW = 4

log = structlog.get_logger(__name__)


class _Waiting(Struct):
    """Some events of one call, their bytes as JSON, and whom to tell."""

    events: tuple[Event, ...]
    size: int
    done: asyncio.Future[None]


class EventSpool:
    """Accepts events. Enter it to have them sent."""

    def __init__(self, announcer: Announcer, folder: SpoolFolder, limit: int, stream_timeout: float) -> None:
        self._announcer = announcer
        self._folder = folder
        self._limit = limit
        self._stream_timeout = stream_timeout
        self._waiting: list[_Waiting] = []
        self._something = asyncio.Event()
        self._spooled = asyncio.Event()
        self._turn = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        if len(folder):
            self._spooled.set()
        self._measure()

    @property
    def spooled_batches(self) -> int:
        """Batches that rest on disk."""
        return len(self._folder)

    async def accept(self, events: Sequence[Event]) -> None:
        """Returns when the events are safe. Raises Fault(503) when neither stream nor disk takes them: try later."""
        loop = asyncio.get_running_loop()
        parts = [_Waiting(part, size, loop.create_future()) for part, size in _parts(events)]
        if not parts:
            return
        self._waiting += parts
        self._something.set()
        for part in parts:
            await asyncio.shield(part.done)

    async def forget(self, message: PersonErased) -> None:
        """Somebody was erased: what waits here of them is not sent. What is under way is dropped where it arrives."""
        ids = set(message.ids)
        await asyncio.to_thread(self._folder.rewrite, lambda event: not ids_of_all((event,)) & ids)

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._send(), name="spool-send"),
            asyncio.create_task(self._drain(), name="spool-drain"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        await ended(*self._tasks)
        for part in self._waiting:
            if not part.done.done():
                part.done.set_exception(Fault(503, "The collector is stopping; send the events again."))

    async def _send(self) -> None:
        while True:
            await self._something.wait()
            parts = self._next_parts()
            try:
                await self._keep(EventBatch(events=tuple(event for part in parts for event in part.events)))
            except Fault as fault:
                metrics.COLLECTOR_REFUSES.set(1)
                metrics.EVENTS_NOT_KEPT.inc(sum(len(part.events) for part in parts))
                _tell(parts, fault)
            except asyncio.CancelledError:
                _tell(parts, Fault(503, "The collector is stopping; send the events again."))
                raise
            except Exception:
                log.exception("events_not_kept", events=sum(len(part.events) for part in parts))
                _tell(parts, Fault(503, "Events cannot be kept now; send them again in a moment."))
            else:
                metrics.COLLECTOR_REFUSES.set(0)
                _tell(parts, None)

    def _next_parts(self) -> list[_Waiting]:
        """What goes into the next message: all that waits, up to its size."""
        size = count = 0
        for part in self._waiting:
            size += part.size
            if count and size > BATCH_BYTES:
                break
            count += 1
        parts, self._waiting = self._waiting[:count], self._waiting[count:]
        if not self._waiting:
            self._something.clear()
        return parts

    async def _keep(self, batch: EventBatch) -> None:
        spooled = Spooled(uuid4().hex, batch)
        if not self._spooled.is_set():
            try:
                async with asyncio.timeout(self._stream_timeout):
                    await self._announcer.append(COLLECTED, batch, spooled.message_id)
                return
            except (Fault, TimeoutError) as reason:
                log.warning("stream_does_not_answer", reason=str(reason) or type(reason).__name__)
        if self._folder.bytes > self._limit:
            raise Fault(503, "Events cannot be kept: the stream does not answer and the spool on disk is full.")
        async with self._turn:
            try:
                await asyncio.to_thread(self._folder.write, spooled)
            except OSError as error:
                log.error("spool_not_written", reason=str(error))
                raise Fault(503, "Events cannot be kept: neither the stream nor the disk takes them.") from error
            self._spooled.set()
            self._measure()

    async def _drain(self) -> None:
        """Sends what rests on disk, oldest first, for as long as there is some."""
        answers = False
        while True:
            await self._spooled.wait()
            async with contextlib.AsyncExitStack() as stack:
                if answers and len(self._folder) <= LAST_FEW:
                    # New events wait for these few instead of queueing behind them on disk: so it ends.
                    await stack.enter_async_context(self._turn)
                answers = await self._drain_one()
            if not answers:
                await asyncio.sleep(DRAIN_PAUSE)

    async def _drain_one(self) -> bool:
        """Whether the stream took the oldest batch, or there was none."""
        oldest = await asyncio.to_thread(self._folder.oldest)
        if oldest is None:
            if not len(self._folder):  # Else a batch was written while the folder was looked at.
                self._spooled.clear()
            log.info("spool_drained")
            return True
        try:
            async with asyncio.timeout(self._stream_timeout):
                await self._announcer.append(COLLECTED, oldest.batch, oldest.message_id)
        except (Fault, TimeoutError):
            return False
        await asyncio.to_thread(self._folder.remove_oldest)
        self._measure()
        if self._folder.bytes <= self._limit:
            metrics.COLLECTOR_REFUSES.set(0)
        return True

    def _measure(self) -> None:
        metrics.SPOOLED_BATCHES.set(len(self._folder))
        metrics.SPOOLED_BYTES.set(self._folder.bytes)


@contextlib.asynccontextmanager
async def open_spool(bus: AnsweringBus, settings: Settings) -> AsyncIterator[EventSpool]:
    """The spool of this process, sending."""
    folder = await asyncio.to_thread(SpoolFolder, settings.spool_folder)
    async with EventSpool(bus.announcer, folder, settings.spool_bytes, settings.stream_seconds) as spool:
        await bus.listener.hear(PERSON_ERASED, spool.forget)
        yield spool


def _parts(events: Sequence[Event]) -> list[tuple[tuple[Event, ...], int]]:
    """The events in as few parts as fit into messages, with the bytes of each part."""
    parts: list[tuple[tuple[Event, ...], int]] = []
    part: list[Event] = []
    total = 0
    for event in events:
        size = len(_encode(event)) + 1
        if part and total + size > BATCH_BYTES:
            parts.append((tuple(part), total))
            part, total = [], 0
        part.append(event)
        total += size
    if part:
        parts.append((tuple(part), total))
    return parts


def _tell(parts: Sequence[_Waiting], fault: Fault | None) -> None:
    for part in parts:
        if part.done.done():
            continue
        if fault is None:
            part.done.set_result(None)
        else:
            part.done.set_exception(fault)


_encode = msgspec.json.Encoder().encode
