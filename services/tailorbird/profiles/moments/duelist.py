"""What is to be done later, kept in a bucket: survives restarts, done by one instance however many there are."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec import Struct

from tailorbird.bus import Bucket, Entry
from tailorbird.bus.ending import ended
from tailorbird.contracts.wire import Fault

__all__ = ["Due", "DueList"]

LEASE = 60.0
"""Seconds for which one instance has it to itself; died meanwhile, another one does it."""
AT_ONCE = 16
RETRY_PAUSE = 1.0
REMEMBERED = 10_000

log = structlog.get_logger(__name__)


class Due(Struct, frozen=True):
    """One thing to do."""

    due_at: float
    body: bytes


class DueList:
    """While entered, hands each thing over when it is due; `handle` gives what is to be done later instead, or None."""

    def __init__(
        self, name: str, bucket: Bucket, handle: Callable[[bytes], Awaitable[Due | None]], clock: Callable[[], float]
    ) -> None:
        self._name = name
        self._bucket = bucket
        self._handle = handle
        self._clock = clock
        self._held: dict[str, tuple[int, Due]] = {}
        """Key -> revision and what it says."""
        self._heap: list[tuple[float, str, int]] = []
        self._gone: OrderedDict[str, None] = OrderedDict()
        """Keys of what was done or taken away last, by whichever process."""
        self._changed = asyncio.Event()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._held)

    def bodies(self) -> list[bytes]:
        """Everything that is still to be done."""
        return [due.body for _, due in self._held.values()]

    def gone_lately(self, key: str) -> bool:
        """Whether what stood under this key is done: of the last thousands since the start."""
        return key in self._gone

    async def put(self, key: str, due: Due, *, only_new: bool = False) -> None:
        """Kept when this returns; what stood under the key is replaced, or with `only_new` stays."""
        try:
            await self._bucket.put(key, msgspec.json.encode(due), 0 if only_new else None)
        except Fault as fault:
            if not (only_new and fault.code == 409):
                raise

    async def rename(self, start: str, other: str, changed: Callable[[bytes], bytes]) -> None:
        """What stands under keys that begin so stands under others from now on, `changed`."""
        for key in [key for key in self._held if key.startswith(start)]:
            _, due = self._held[key]
            moved = Due(due.due_at, changed(due.body))
            await self.put(other + key.removeprefix(start), moved, only_new=True)
            await self._bucket.delete(key)

    async def drop(self, concerned: Callable[[bytes], bool]) -> None:
        """Takes away what concerns these; what is being done at this moment is done, and not put off any more."""
        for key in [key for key, (_, due) in self._held.items() if concerned(due.body)]:
            await self._bucket.delete(key)

    async def __aenter__(self) -> Self:
        after = 0
        for entry in (await self._bucket.entries()).values():
            self._take(entry)
            after = max(after, entry.revision)
        self._start(self._watch(after), f"{self._name}-watch")
        self._start(self._run(), f"{self._name}-run")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._tasks:
            await ended(*self._tasks)

    def _start(self, work: Awaitable[None], name: str) -> None:
        task = asyncio.ensure_future(work)
        task.set_name(name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, after: int) -> None:
        async for entry in self._bucket.watch(after):
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        if entry.value is None:
            held = self._held.get(entry.key)
            if held is not None and held[0] < entry.revision:
                del self._held[entry.key]
                self._gone[entry.key] = None
                if len(self._gone) > REMEMBERED:
                    self._gone.popitem(last=False)
            return
        try:
            due = msgspec.json.decode(entry.value, type=Due)
        except msgspec.MsgspecError as error:
            log.error("due_unreadable", list=self._name, key=entry.key, reason=str(error))
            return
        self._held[entry.key] = (entry.revision, due)
        self._gone.pop(entry.key, None)
        heapq.heappush(self._heap, (due.due_at, entry.key, entry.revision))
        self._changed.set()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            while self._heap and self._heap[0][0] <= self._clock():
                _, key, revision = heapq.heappop(self._heap)
                held = self._held.get(key)
                if held is not None and held[0] == revision:
                    await self._places.acquire()
                    self._start(self._do(key, revision, held[1]), f"{self._name}-do")
            pause = max(0.0, self._heap[0][0] - self._clock()) if self._heap else 3_600.0
            # Woken once a second at least while something waits: clocks are set.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(pause, 1.0)):  # `wait_for` loses cancellations before Python 3.12.
                    await self._changed.wait()

    async def _do(self, key: str, revision: int, due: Due) -> None:
        try:
            leased = Due(self._clock() + LEASE, due.body)
            revision = await self._bucket.put(key, msgspec.json.encode(leased), revision)
            again = await self._handle(due.body)
            if again is not None:
                await self._bucket.put(key, msgspec.json.encode(again), revision)
                return
            entry = await self._bucket.get(key)
            if entry is not None and entry.revision == revision:
                await self._bucket.delete(key)
        except asyncio.CancelledError:
            # Ended in the middle of it: given back, so that whoever starts next need not wait for the lease to end.
            with contextlib.suppress(Fault, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._bucket.put(key, msgspec.json.encode(due), revision)
            raise
        except Fault as fault:
            if fault.code != 409:  # Somebody else has it, or it was put off meanwhile.
                log.warning("due_not_done", list=self._name, key=key, reason=fault.sentence)
                await asyncio.sleep(RETRY_PAUSE)
        except Exception:
            log.exception("due_not_done", list=self._name, key=key)
        finally:
            self._places.release()
